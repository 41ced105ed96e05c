#pragma once

#include "drivers/reference_meters/reference_meter.hpp"
#include "references/metering/phasor_metering.hpp"

namespace blondel {

/// What the reference meter read, as the reference model wants it, where the stimulus has no harmonics.
/// @param current_ratio  amperes at the meter's sensor for each ampere at the source's terminals
PhasorSet phasors_of(const ReferenceReading& reading, double current_ratio = 1);

/// The same under a load that may have harmonics. The reference tells true rms and the angles of the fundamentals: each
/// channel has the shape the load gives it, is as large as its rms and turned as its fundamental was read.
PhasorSet phasors_of(const ReferenceReading& reading, const LoadPoint& load, double current_ratio = 1);

/// Highest order in any channel of a load; 1 without harmonics.
int highest_order(const LoadPoint& load);

/// What the shape may bring wrong into a power from those phasors, relative to apparent power: every harmonic is
/// trusted to 1 % of itself in size and 0.01 rad in angle, far wider than what a calibrator states. Zero without
/// harmonics.
Ratio doubt_of_harmonics(const LoadPoint& load);

}  // namespace blondel
