#pragma once

#include <chrono>

#include "references/error.hpp"
#include "references/metering/connection.hpp"
#include "references/quantity.hpp"

namespace blondel::series_4000_k {

/// How a meter is set up so that an accuracy test gets many pulses: the sensor's ratio is only a number in the
/// meter, so a larger primary makes the same signal a larger power.
struct PulseChoice {
  ActiveEnergy per_pulse;               ///< register 144
  Current ct_primary;                   ///< register 131, whole amperes
  std::chrono::milliseconds closure{};  ///< register 145, as the meter will choose it
  ActivePower maximum;                  ///< register 135, as the meter will compute it
  Frequency rate;                       ///< pulses a second at In, rated voltage and unity power factor
  bool operator==(const PulseChoice&) const = default;
};

struct PulseChoiceLimits {
  double most_load = 1.2;  ///< I / In of the heaviest load point
  double margin = 0.02;    ///< kept free above it, for source, meter and voltage being a little high
  std::chrono::milliseconds shortest_closure{10};  ///< that the bench's pulse input can see
  Current least_primary{5}, most_primary{32000};   ///< as the specification page states them
};

/// The setting with the most frequent pulses that neither is rejected nor overruns at the heaviest load. Of two
/// equally fast ones the smaller energy per pulse is taken, and with it the smaller primary.
/// @param system_voltage  as in maximum_power()
/// @returns an Error (incapable) where no setting is fit, (malformed) where the voltage or the limits make no sense.
Result<PulseChoice> choose_pulses(SystemType type, Voltage system_voltage, const PulseChoiceLimits& limits = {});

}  // namespace blondel::series_4000_k
