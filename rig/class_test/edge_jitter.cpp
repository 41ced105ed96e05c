#include "rig/class_test/edge_jitter.hpp"

#include <algorithm>
#include <cmath>

namespace blondel {

double edge_jitter_s(const std::vector<Time>& closures, double grid_s) {
  const auto n = static_cast<double>(closures.size());
  if (closures.size() < 5) return 0;
  double mean_t = 0;
  for (const auto& at : closures) mean_t += in_seconds(at - closures.front()) / n;
  const double mean_i = (n - 1) / 2;
  double by_index = 0, index_squared = 0;
  for (std::size_t i = 0; i < closures.size(); ++i) {
    const double x = static_cast<double>(i) - mean_i;
    by_index += x * (in_seconds(closures[i] - closures.front()) - mean_t);
    index_squared += x * x;
  }
  const double slope = by_index / index_squared;
  double squares = 0;
  for (std::size_t i = 0; i < closures.size(); ++i) {
    const double x = static_cast<double>(i) - mean_i;
    const double residual = in_seconds(closures[i] - closures.front()) - mean_t - slope * x;
    squares += residual * residual;
  }
  return std::sqrt(std::max(0.0, squares / (n - 2) - grid_s * grid_s / 12));
}

}  // namespace blondel
