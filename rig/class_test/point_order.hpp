#pragma once

#include <cstddef>
#include <vector>

#include "drivers/sources/ac_source.hpp"
#include "references/load_point.hpp"

namespace blondel {

/// What a sequence of points costs by the source's own forecast, from the state it is in now.
Duration cost_of_order(const std::vector<LoadPoint>& points, const std::vector<std::size_t>& order,
                       const SourceForecast& now);

/// The order in which load points cost the least settling: range changes, switching off and the traffic for them.
///
/// Never dearer than the order given, and the same for the same points. Among orders that cost the same, the one in
/// which the current rises least often: the warmth of shunts, converters and burdens goes with the square of the
/// current, so it is spread best in one warm-up before the largest current, and what is left of it fades while the
/// currents fall. The order of the points among themselves decides what is still equal.
///
/// The least cost of n points is a travelling salesman's problem on roads with one-way costs, and a source's ranges
/// make a road's cost depend a little on how one came there. So: nearest neighbour from several beginnings, bettered by
/// moving and reversing pieces (2-opt, or-opt), on costs that are taken anew along the best order found; what is
/// returned has been costed exactly. It is not proved to be the least.
///
/// @returns the indices of `points`, each once.
std::vector<std::size_t> cheapest_order(const std::vector<LoadPoint>& points, const SourceForecast& now);

}  // namespace blondel
