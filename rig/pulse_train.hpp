#pragma once

#include <optional>
#include <vector>

#include "drivers/pulse_inputs/pulse_input.hpp"

namespace blondel {

/// How far a train of pulses departs from a closure and a gap of the same length: of all closures, and of all gaps
/// between them, the one that is furthest from it, in ms.
struct PulseShape {
  int closures{}, gaps{};
  double closure_ms{}, gap_ms{};
};
/// @param wanted_ms  what both should be
PulseShape pulse_shape(const std::vector<ContactEdge>& edges, Time from, Time to, double wanted_ms);

/// A counter's register, read at some instant between two. It is renewed once a second, so it may be that old.
struct CounterReading {
  double count{};
  Time asked, answered;
};

/// By how much a counter register counted more than its contact closed between two readings; 0 where it may have
/// counted the same, given how old a register may be. Counters roll over after 2^32.
/// @param edges     of the contact, from before the first reading to after the second
/// @param staleness how old a register may be
double counted_too_much(const std::vector<ContactEdge>& edges, const CounterReading& first,
                        const CounterReading& second, Duration staleness);

/// Pulses that come in bursts, one at each update of the meter.
struct PulseBursts {
  double period_s{};       ///< between updates, by the edges' time stamps
  std::vector<int> given;  ///< pulses since the first burst, at each update from it on
  double span_s() const { return period_s * static_cast<double>(given.size() - 1); }
};

/// Tells bursts by their pattern: wherever more than a gap lies between two closures, the second one begins a burst,
/// and all bursts begin whole updates apart. A single pulse may be a burst too.
/// @param update  how often the meter works its results out, by its own clock
/// @returns nothing for pulses that come as their energy completes. Those whose period happens to be a whole number of
///          updates look like bursts; counting them at updates is then the cautious reading.
std::optional<PulseBursts> find_bursts(const std::vector<ContactEdge>& edges, Time from, Time to, Duration update);

}  // namespace blondel
