#pragma once

#include <chrono>

#include "references/error.hpp"
#include "references/metering/connection.hpp"
#include "references/quantity.hpp"

namespace blondel::series_4000_k {

/// How a meter is set up so that a current within its over-range outruns its pulse output.
struct OverrunChoice {
  ActiveEnergy per_pulse;               ///< register 144
  ActiveEnergy cure;                    ///< the next larger one, with which the output keeps up again
  Current ct_primary;                   ///< register 131, whole amperes
  std::chrono::milliseconds closure{};  ///< register 145, as the meter will choose it
  ActivePower capacity;                 ///< of that closure, on the primary side
  double load{};                        ///< power at the asked current and unity power factor over capacity, above 1
  bool operator==(const OverrunChoice&) const = default;
};

/// The closure is chosen for the maximum power, without over-range; so a maximum power a little under a closure's
/// capacity leaves the over-range above it. Of the closures 100 ms is preferred: many pulses in little time, and slow
/// enough for any input.
/// @param current_ratio   I / In of the load that shall outrun it, up to the over-range of 1.2
/// @param system_voltage  as in maximum_power()
/// @returns an Error (incapable) where no setting makes that load exceed the capacity by 3 %.
Result<OverrunChoice> choose_overrun(SystemType type, Voltage system_voltage, double current_ratio);

}  // namespace blondel::series_4000_k
