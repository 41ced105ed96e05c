#pragma once

#include <cstdint>
#include <optional>

#include "rig/class_test/register_change.hpp"

namespace blondel {

/// When a meter renews its energy registers, as far as it has shown: once a second by its own clock, so that who has
/// seen it knows when to look again. Asking without pause instead keeps the line busy for a second at either end of
/// every measurement.
class UpdatePhase {
 public:
  void saw(const RegisterChange& change);
  /// The meter did not do as it did before.
  void forget() { *this = {}; }

  /// When to begin to ask in order to see the first renewal after an instant; nothing before two that were seen have
  /// proved the period.
  std::optional<Time> first_after(Time now);
  /// The same of the last renewal that leaves a whole period before `end`, in which a meter that comes otherwise than
  /// expected is still seen.
  std::optional<Time> last_before(Time end);

 private:
  Duration margin(Duration since) const;
  Duration dither();
  Time nearest(Time to) const;

  std::optional<RegisterChange> seen_;
  bool proved_ = false;
  std::uint64_t looks_ = 0;
};

}  // namespace blondel
