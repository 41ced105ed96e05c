#pragma once

#include "references/load_point.hpp"
#include "references/metering/connection.hpp"

namespace blondel {

/// The balanced load of a class test for a system type: `system_voltage` is line to line (line to neutral for one
/// phase and neutral), `current` flows in every line that carries a CT, `lag` is positive for inductive loads.
LoadPoint balanced_load(SystemType system, Voltage system_voltage, Current current, Angle lag, Frequency frequency);

/// Active power of such a load on the source's side.
ActivePower balanced_power(SystemType system, Voltage system_voltage, Current current, Angle lag);

}  // namespace blondel
