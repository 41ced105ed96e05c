#include "drivers/sim/circuit/keyed_random.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace blondel::sim {
namespace {

TEST(KeyedRandom, SameKeyGivesTheSameNumberAndAnotherKeyAnother) {
  EXPECT_EQ(keyed_bits({1, 2, 3}), keyed_bits({1, 2, 3}));
  EXPECT_NE(keyed_bits({1, 2, 3}), keyed_bits({1, 3, 2}));
  EXPECT_NE(keyed_bits({1, 2}), keyed_bits({1, 2, 0}));
}

TEST(KeyedRandom, UniformNumbersFillTheirRangeEvenly) {
  double sum = 0, squares = 0;
  constexpr int n = 100000;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double u = keyed_uniform({7, i});
    ASSERT_GE(u, -1.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / n, 0.0, 0.01);
  EXPECT_NEAR(squares / n, 1.0 / 3, 0.01);
}

TEST(KeyedRandom, NormalTableHasTheMomentsOfANormalDistribution) {
  double sum = 0, squares = 0, fourth = 0;
  int beyond_two = 0;
  for (int i = 0; i < normal_table_size; ++i) {
    const double x = normal_table()[i];
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    beyond_two += std::abs(x) > 2;
  }
  EXPECT_NEAR(sum / normal_table_size, 0, 1e-12);
  EXPECT_NEAR(squares / normal_table_size, 1, 1e-12);
  EXPECT_NEAR(fourth / normal_table_size, 3, 0.2);
  EXPECT_NEAR(static_cast<double>(beyond_two) / normal_table_size, 0.0455, 0.006);
}

}  // namespace
}  // namespace blondel::sim
