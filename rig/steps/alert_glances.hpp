#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rig/run.hpp"

namespace blondel {

/// One look at a meter's alert register.
struct AlertGlance {
  Time asked, answered;
  std::uint16_t bits{};
};

/// How long after its end the last look may be answered: a second of delay, and a short answer at 1200 baud.
inline constexpr Duration last_glance{1'400'000'000};

/// Looks at a position's alert register twice a second until `end`, and is done `last_glance` after it. A lost answer
/// is no look.
Task<std::vector<AlertGlance>> glance_at_alerts(Run& run, Position& position, Time end);

/// When a witness changed its mind: between two instants.
struct WitnessChange {
  Time after, until;
  Time middle() const { return after + (until - after) / 2; }
  double half_width_s() const { return in_seconds(until - after) / 2; }
  /// How far apart two changes are at least, in s.
  double apart_s(const WitnessChange& other) const;
};

/// The last change of any of the bits of a mask to set, or of all of them to clear; `from` when there was none.
WitnessChange alerts_changed(const std::vector<AlertGlance>& glances, std::uint16_t mask, bool set, Time from);

}  // namespace blondel
