#include "references/metering/demand.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace blondel {
namespace {

ActiveEnergy energy(double kilowatts, double seconds) {
  return ActiveEnergy{1000 * kilowatts * seconds};
}

std::vector<DemandValue> feed(IntervalDemand& demand, double kilowatts, int seconds) {
  std::vector<DemandValue> all;
  for (int n = 0; n < seconds; ++n)
    for (const auto& value : demand.add(energy(kilowatts, 1), Seconds{1})) all.push_back(value);
  return all;
}

TEST(DemandTest, RollingDemandOfThreeSubIntervalsIsTheirMean) {
  IntervalDemand demand{{.interval = Seconds{900}, .subintervals = 3}};
  EXPECT_TRUE(feed(demand, 60, 300).empty());
  EXPECT_TRUE(feed(demand, 30, 300).empty());
  const auto third = feed(demand, 90, 300);
  ASSERT_EQ(third.size(), 1U);
  EXPECT_NEAR(third[0].mean.si(), 60000, 1e-9);
  const auto fourth = feed(demand, 0, 300);
  ASSERT_EQ(fourth.size(), 1U);
  EXPECT_NEAR(fourth[0].mean.si(), 40000, 1e-9);
  EXPECT_EQ(demand.maximum()->end, Seconds{900}) << "the end of the interval";
}

TEST(DemandTest, AStepAcrossSeveralEndsIsPartedByTime) {
  IntervalDemand demand{{.interval = Seconds{900}}};
  const auto values = demand.add(energy(10, 2000), Seconds{2000});
  ASSERT_EQ(values.size(), 2U);
  EXPECT_NEAR(values[0].mean.si(), 10000, 1e-9);
  EXPECT_EQ(values[1].end, Seconds{1800});
  EXPECT_EQ(demand.add(energy(1, 700), Seconds{700}).at(0).mean, ActivePower{(10000.0 * 200 + 1000 * 700) / 900});
}

TEST(DemandTest, EndsDoNotDriftWithTheRoundingOfShortSteps) {
  IntervalDemand demand{{.interval = Seconds{60}}};
  std::size_t values = 0;
  for (int n = 0; n < 600 * 60; ++n) values += demand.add(energy(1, 0.1), Seconds{0.1}).size();
  EXPECT_EQ(values, 60U);
}

TEST(DemandTest, AfterARestartThePartialIntervalIsDiscardedOrFlagged) {
  for (const auto partial : {PartialInterval::discard, PartialInterval::flag}) {
    IntervalDemand demand{{.interval = Seconds{900}, .subintervals = 1, .partial = partial}};
    feed(demand, 50, 400);
    demand.restart(Seconds{600});
    const auto values = feed(demand, 80, 1200);
    if (partial == PartialInterval::discard) {
      ASSERT_EQ(values.size(), 1U);
    } else {
      ASSERT_EQ(values.size(), 2U);
      EXPECT_EQ(values[0], (DemandValue{ActivePower{80000}, Seconds{900}, true}));
    }
    EXPECT_EQ(values.back().end, Seconds{1800});
    EXPECT_FALSE(values.back().partial);
    EXPECT_EQ(demand.maximum()->end, Seconds{1800}) << "a partial interval is no maximum";
    EXPECT_THROW(demand.restart(Seconds{0}), std::logic_error);
  }
}

TEST(DemandTest, TheEarliestOfEqualMaximaStays) {
  IntervalDemand demand{{.interval = Seconds{60}}};
  feed(demand, 5, 180);
  EXPECT_EQ(demand.maximum()->end, Seconds{60});
  demand.reset_maximum();
  EXPECT_FALSE(demand.maximum());
}

TEST(DemandTest, ThermalDemandShowsNinetyPercentOfAStepAfterItsResponseTime) {
  ThermalDemand demand{Seconds{900}};
  for (int n = 0; n < 900; ++n) demand.add(energy(100, 1), Seconds{1});
  EXPECT_NEAR(demand.present().si(), 90000, 1e-6);
  for (int n = 0; n < 900; ++n) demand.add(energy(100, 1), Seconds{1});
  EXPECT_NEAR(demand.present().si(), 99000, 1e-6);
  demand.add(energy(0, 900), Seconds{900});
  EXPECT_NEAR(demand.present().si(), 9900, 1e-6);
  EXPECT_EQ(demand.maximum()->end, Seconds{1800});
}

}  // namespace
}  // namespace blondel
