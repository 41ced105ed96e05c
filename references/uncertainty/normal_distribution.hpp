#pragma once

#include <cmath>
#include <numbers>

namespace blondel {

/// P(X <= z) of a standard normal X; exact in the lower tail, and infinite z are welcome.
inline double normal_below(double z) {
  return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

}  // namespace blondel
