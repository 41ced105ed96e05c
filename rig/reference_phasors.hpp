#pragma once

#include "drivers/reference_meters/reference_meter.hpp"
#include "references/metering/phasor_metering.hpp"

namespace blondel {

/// What the reference meter read, as the reference model wants it: the fundamentals alone, so right where the stimulus
/// has no harmonics.
/// @param current_ratio  amperes at the meter's sensor for each ampere at the source's terminals
PhasorSet phasors_of(const ReferenceReading& reading, double current_ratio = 1);

}  // namespace blondel
