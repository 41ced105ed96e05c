#pragma once

#include <string>
#include <vector>

#include "references/register_maps/register_map.hpp"
#include "references/settings.hpp"
#include "rig/step.hpp"

namespace blondel {

/// The register map that the generic steps speak of: that of the Series 4000-K, read once.
const RegisterMap& meter_map();

/// The point that a plan names. @throws Failure(malformed) where it stands, with the nearest name there is.
const RegisterPoint& point_named(const Settings& at);

/// Adds why a plan may not speak of a point: it belongs to siblings of the meter, or is younger than the oldest
/// firmware that the plan admits (`min_firmware` of its identify step); or the bench's meters have another map.
void require_point(const RegisterPoint& point, const std::string& where, const Bench& bench, const Outlook& outlook,
                   Findings& findings);

/// Whether a meter of this firmware (version × 1000) has the point.
bool in_firmware(const RegisterPoint& point, int firmware);

/// What must be read beside any point to ask the oracle about it: the meter's configuration, its scale factors, and
/// how often it was started.
const std::vector<std::string>& points_for_the_oracle();

}  // namespace blondel
