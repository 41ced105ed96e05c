#pragma once

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

}  // namespace blondel
