#pragma once

#include "references/quantity.hpp"
#include "references/settings.hpp"

namespace blondel {

// What most steps say of their stimulus, read and checked in one way.

/// The step's `system_voltage`: more than 0 V, line to line, in system type 10 line to neutral.
Voltage read_system_voltage(const Settings& step);
/// The step's `frequency`: more than 0 Hz.
Frequency read_frequency(const Settings& step);
/// A share of the rated current such as `0.05 In`, more than nothing.
double read_current_ratio(const Settings& at);

}  // namespace blondel
