#pragma once

#include <map>
#include <string>
#include <vector>

#include "references/metering/phasor_metering.hpp"
#include "references/uncertainty/repeatability.hpp"
#include "rig/run.hpp"

namespace blondel {

/// The reference's readings from now until `end`. @throws Failure(instrument) when fewer than three end before it.
Task<std::vector<ReferenceReading>> collect_reference(Run& run, Time end);

/// The means of the readings' fields, angles across the ends of the circle too. @pre there is one
ReferenceReading mean_of(const std::vector<ReferenceReading>& readings);

/// What the readings say of every float point of a meter of this system type, by name: mean and spread, in the units
/// of the register map.
/// @param current_ratio  amperes on the primary side for each at the source's terminals
std::map<std::string, Repeatability> spreads_of(const std::vector<ReferenceReading>& readings, SystemType type,
                                                double current_ratio);

/// Power from voltage, current and angle against the power the reference itself tells.
/// @throws Failure(instrument) where they disagree by more than the reference's uncertainty
void check_two_ways(const ReferenceReading& mean, Ratio expanded_uncertainty);

}  // namespace blondel
