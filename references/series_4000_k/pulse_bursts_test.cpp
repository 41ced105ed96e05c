#include "references/series_4000_k/pulse_bursts.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace blondel::series_4000_k {
namespace {

std::vector<int> counts(double begin, double rate, int updates) {
  std::vector<int> given;
  for (int m = 0; m <= updates; ++m)
    given.push_back(static_cast<int>(std::floor(begin + rate * m)) - static_cast<int>(std::floor(begin)));
  return given;
}

TEST(PulseBurstsTest, TheCountsOfAGoldenRateBoundItByTheirFibonacciNeighbours) {
  // Its convergents are 3/5 = 0.600 and 5/8 = 0.625; 21 updates leave no room beyond them.
  const double golden = (std::sqrt(5.0) - 1) / 2;
  const auto bounds = rate_from_counts(counts(0, golden, 21));
  ASSERT_TRUE(bounds);
  EXPECT_GT(bounds->least, 3.0 / 5 - 0.01);
  EXPECT_LT(bounds->most, 5.0 / 8 + 0.01);
  EXPECT_LE(bounds->least, golden);
  EXPECT_GE(bounds->most, golden);
}

TEST(PulseBurstsTest, TheBoundsHoldTheRateWhereverTheCountBegins) {
  for (const double rate : {0.41, 2.0415, 20.415, 40.83})
    for (double begin = 0; begin < 1; begin += 0.01) {
      const auto bounds = rate_from_counts(counts(begin, rate, 60));
      ASSERT_TRUE(bounds);
      EXPECT_LE(bounds->least, rate);
      EXPECT_GE(bounds->most, rate);
      // The first and the last alone would say one pulse in all.
      EXPECT_LE(bounds->half_width(), 1.02 / 60);
    }
}

TEST(PulseBurstsTest, AWholeRateIsKnownOnlyToOnePulseInAll) {
  const auto bounds = rate_from_counts(counts(0.5, 2, 50));
  ASSERT_TRUE(bounds);
  EXPECT_NEAR(bounds->middle(), 2, 1e-12);
  EXPECT_NEAR(bounds->half_width(), 1.0 / 50, 0.001);
}

TEST(PulseBurstsTest, OneCountThatIsOffWidensTheBoundsAndCountsThatFitNoLineTellNothing) {
  auto given = counts(0, 2.5, 40);
  const auto clean = rate_from_counts(given);
  for (std::size_t m = 20; m < given.size(); ++m) --given[m];
  const auto off = rate_from_counts(given);
  ASSERT_TRUE(clean && off);
  EXPECT_GT(off->half_width(), clean->half_width());
  for (std::size_t m = 20; m < given.size(); ++m) given[m] = given[20];
  EXPECT_FALSE(rate_from_counts(given));
  EXPECT_FALSE(rate_from_counts({0, 1}));
  EXPECT_FALSE(rate_from_counts({0, 0, 0, 0}));
}

TEST(PulseBurstsTest, SoManyUpdatesAsItSaysAreEnough) {
  for (const double rate : {0.4083, 2.0415, 20.4})
    for (const double within : {0.0017, 0.004}) {
      const int updates = updates_to_tell(rate, within, 1000);
      ASSERT_LT(updates, 1000);
      for (const double factor : {0.998, 1.0, 1.0013}) {
        const auto bounds = rate_from_counts(counts(0.3, rate * factor, updates));
        ASSERT_TRUE(bounds);
        // Between the beginnings and rates it tried a little more may be needed.
        EXPECT_LE(bounds->half_width(), 1.5 * within * rate) << rate << " " << factor;
      }
    }
  EXPECT_EQ(updates_to_tell(2, 1e-6, 100), 100);
}

}  // namespace
}  // namespace blondel::series_4000_k
