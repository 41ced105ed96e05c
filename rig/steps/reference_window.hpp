#pragma once

#include <map>
#include <optional>
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
/// @param load  what the source was set to meanwhile
/// @param current_ratio  amperes on the primary side for each at the source's terminals
std::map<std::string, Repeatability> spreads_of(const std::vector<ReferenceReading>& readings, const LoadPoint& load,
                                                SystemType type, double current_ratio);

/// Power from voltage, current and angle, and the harmonics of the load, against the power the reference itself tells:
/// what is wrong where they disagree by more than the reference's uncertainty and the doubt of the harmonics.
std::optional<std::string> two_ways_apart(const ReferenceReading& mean, const LoadPoint& load,
                                          Ratio expanded_uncertainty);

/// The same where the load has no harmonics, so that nobody but the reference can be wrong.
/// @throws Failure(instrument) where they disagree
void check_two_ways(const ReferenceReading& mean, const LoadPoint& load, Ratio expanded_uncertainty);

}  // namespace blondel
