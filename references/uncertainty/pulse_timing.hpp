#pragma once

#include <vector>

#include "references/error.hpp"
#include "references/quantity.hpp"
#include "references/uncertainty/budget.hpp"

namespace blondel {

/// What is known of how a meter's pulses are made and stamped.
struct PulseTiming {
  Seconds window;         ///< from the first edge to the last, t
  Seconds tick;           ///< resolution of a time stamp, τ
  Seconds edge_jitter;    ///< standard deviation of one edge of the meter, σ
  Seconds update_period;  ///< of a meter that emits pulses only at its update instants, T; 0 for any other
  /// The jitter is the pulsation of the power, a sine met anywhere, and no noise.
  bool jitter_pulsates = false;
};

/// The lines that time-stamped pulses add to the budget of a relative error, in percent: resolution τ/(√6·t), jitter
/// √2·σ/t, update period T/(√6·t). Both ends of the window count, so two rectangles make a triangle.
/// @pre the window is longer than nothing; std::logic_error otherwise
std::vector<Contribution> pulse_contributions(const PulseTiming& timing);

/// The pulses that come at least in a time: ceil(P·t / E).
/// @returns an Error (malformed) when power, time or energy per pulse is not above nothing.
Result<long long> pulses_within(ActivePower power, Seconds time, ActiveEnergy per_pulse);
/// How long so many pulses take: N·E / P. @returns an Error (malformed) as above.
Result<Seconds> time_for_pulses(long long pulses, ActivePower power, ActiveEnergy per_pulse);

/// The percentage error from pulses: registered N·E against true P·t. NaN where nothing was true.
Ratio pulse_error(long long pulses, ActiveEnergy per_pulse, ActivePower true_power, Seconds measured);

}  // namespace blondel
