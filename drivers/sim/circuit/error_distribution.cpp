#include "drivers/sim/circuit/error_distribution.hpp"

#include <cmath>
#include <numbers>

#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

ErrorDistribution ErrorDistribution::even(double mean, double bound) {
  ErrorDistribution d{bound};
  d.mean_ = mean;
  return d;
}

ErrorDistribution ErrorDistribution::normal(double mean, double sigma) {
  auto d = even(mean, sigma);
  d.normal_ = true;
  return d;
}

double ErrorDistribution::at(std::uint64_t bits) const {
  const auto whole = static_cast<double>(bits >> 11);
  if (!normal_) return mean_ + width_ * (whole * 0x1p-52 - 1.0);
  // Box and Muller. The table of normal_table() would do for noise, but has no more than 16384 values.
  const double radius = std::sqrt(-2 * std::log((whole + 1) * 0x1p-53));
  return mean_ + width_ * radius * std::cos(std::numbers::pi * keyed_uniform({bits, 1}));
}

}  // namespace blondel::sim
