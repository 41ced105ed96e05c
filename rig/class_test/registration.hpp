#pragma once

#include <memory>
#include <optional>
#include <string>

#include "references/uncertainty/point_budget.hpp"
#include "rig/run.hpp"

namespace blondel {

/// What one position's meter registered since its measurement began, and what it adds to the doubt.
struct Registered {
  std::optional<double> power{};  ///< mean, W or var (without sign), on the source's side of the CT substitute
  std::optional<double> error{};  ///< relative, where an instrument compared the meter with the truth itself
  std::string why_not = "nothing was registered";  ///< empty when it was
  PointInputs doubt;        ///< the meter's own lines only: pulses, whole pulses, registers, repeated readings
  double open_percent = 0;  ///< known only to ± so much; what that leaves open is inconclusive
  std::optional<Seconds> measured{};  ///< how long that was, where it is less than was watched
};

/// One position's measurement at one load point. It grows as long as somebody watches.
class Registration {
 public:
  virtual ~Registration() = default;
  /// Before and after each watch, one position after the other: what has to be said to the reference meter, which is
  /// asked one thing at a time. `window` is how long the watch will be, from now on.
  virtual Task<void> arm(Duration window);
  virtual Task<void> collect();
  /// After the last watch: leaves nothing under way.
  virtual Task<void> close();
  /// Goes on until `end`, and is done within `last_answer` after it. Side by side with the other positions and with
  /// the readings of the reference.
  virtual Task<void> watch(Time end) = 0;
  static constexpr Duration last_answer{1'400'000'000};
  /// Of everything that was watched so far.
  virtual Registered registered() const = 0;
};

/// Of a position at which nothing can be measured, and why.
std::unique_ptr<Registration> nothing_registered(std::string why);

}  // namespace blondel
