#pragma once

#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// How far a meter's pulse edges stray from an even train, beyond what a grid of instants explains: the standard
/// deviation of their residuals from the straight line through them, less grid²/12, in s. Nothing below five edges.
/// @param grid_s  the meter can pulse at multiples of it only
double edge_jitter_s(const std::vector<Time>& closures, double grid_s);

}  // namespace blondel
