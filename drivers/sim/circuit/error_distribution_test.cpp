#include "drivers/sim/circuit/error_distribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {
namespace {

std::vector<double> drawn(const ErrorDistribution& distribution) {
  std::vector<double> all;
  for (std::uint64_t n = 0; n < 200'000; ++n) all.push_back(distribution.at(keyed_bits({4, n})));
  std::ranges::sort(all);
  return all;
}

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size()))];
}

TEST(ErrorDistribution, AnEvenOneFillsItsBoundsAroundItsMean) {
  const auto all = drawn(ErrorDistribution::even(20, 15));
  EXPECT_GE(all.front(), 5);
  EXPECT_LE(all.back(), 35);
  for (const double share : {0.1, 0.5, 0.9}) EXPECT_NEAR(quantile(all, share), 5 + 30 * share, 0.15);
}

TEST(ErrorDistribution, ANormalOneHasTheQuantilesOfTheNormalDistribution) {
  const auto all = drawn(ErrorDistribution::normal(20, 7.5));
  // Standard normal quantiles, by the printed table.
  const double table[][2] = {{0.001, -3.0902}, {0.025, -1.9600}, {0.25, -0.6745},
                             {0.5, 0},         {0.95, 1.6449},   {0.999, 3.0902}};
  // Four standard deviations of a quantile from so many draws.
  for (const auto& [share, z] : table) {
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * 3.141592653589793);
    const double tolerance = 4 * std::sqrt(share * (1 - share) / static_cast<double>(all.size())) / density;
    EXPECT_NEAR((quantile(all, share) - 20) / 7.5, z, tolerance) << share;
  }
}

TEST(ErrorDistribution, AMeanWithoutABoundIsThatError) {
  for (const std::uint64_t bits : {0ull, 1ull, ~0ull}) {
    EXPECT_EQ(ErrorDistribution::even(5000, 0).at(bits), 5000);
    EXPECT_EQ(ErrorDistribution::normal(-30, 0).at(bits), -30);
    EXPECT_EQ(ErrorDistribution{}.at(bits), 0);
  }
  EXPECT_TRUE(ErrorDistribution{}.none());
  EXPECT_FALSE(ErrorDistribution::even(1, 0).none());
}

}  // namespace
}  // namespace blondel::sim
