#pragma once

#include <limits>

namespace blondel {

/// Stands as a limit where there is none on that side.
inline constexpr double no_limit = std::numeric_limits<double>::infinity();

}  // namespace blondel
