#pragma once

#include <vector>

#include "rig/position.hpp"

namespace blondel {

/// The edges that a contact input of a position has kept since it was last asked, oldest first.
/// @throws Failure(instrument) when some were lost: that is the bench's, whatever the input calls it.
Task<std::vector<ContactEdge>> fetch_edges(PulseInput& input, int position);

}  // namespace blondel
