#pragma once

#include "references/uncertainty/point_budget.hpp"
#include "rig/class_test/energy_method.hpp"
#include "rig/class_test/reference_watch.hpp"
#include "rig/traceability.hpp"

namespace blondel {

/// What the bench is certified for at a point, at the position that is known worst, whatever measures it.
Result<PointInputs> certified_inputs(const Bench& bench, const Traceability& traceability, const PlannedPoint& point);

/// All that is supposed about a point before it is measured: what the bench is certified for there, the source's
/// instability, and what the method is expected to add after a window.
PointInputs planned_inputs(PointInputs certified, const Bench& bench, const PlannedPoint& point,
                           const EnergyMethod& method, Seconds window);

/// All that is known about a point after it was measured at a position.
/// @param truth  nothing where the reference compared the meter itself
Result<PointInputs> found_inputs(const Bench& bench, const Traceability& traceability, const PlannedPoint& point,
                                 int position, const Registered& registered,
                                 const std::optional<ReferenceWatch::Mean>& truth, Seconds window);

}  // namespace blondel
