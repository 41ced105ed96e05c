#include "references/metering/recording_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace blondel {
namespace {

using ::testing::HasSubstr;

/// A steady second of this power, one-phase.
SampledReading second(double begin, double p, double q) {
  SampledReading reading;
  reading.begin = Seconds{begin};
  reading.quantities.service = Service::one_phase;
  reading.quantities.active = ActivePower{p};
  reading.quantities.phase[0] = Element{};
  reading.quantities.phase[0]->reactive = ReactivePower{q};
  reading.quantities.apparent_arithmetic = ApparentPower{std::hypot(p, q)};
  return reading;
}

double of(const std::vector<NamedQuantity>& list, const std::string& name) {
  for (const auto& q : list)
    if (q.name == name) return q.value.value_or(NAN);
  return NAN;
}

TEST(RecordingSummaryTest, VoltsAreAveragedAsSquaresAndWattsAsTheyAre) {
  const auto all = over_time({{{"voltage_an", "V", 3, {}}, {"active_power", "W", 10, {}}},
                              {{"voltage_an", "V", 4, {}}, {"active_power", "W", -30, {}}}});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_DOUBLE_EQ(*all[0].mean.value, std::sqrt(12.5));
  EXPECT_EQ(all[0].mean.unit, "V");
  EXPECT_EQ(*all[1].mean.value, -10);
  EXPECT_EQ(*all[1].lowest, -30);
  EXPECT_EQ(*all[1].highest, 10);
}

TEST(RecordingSummaryTest, AQuantityThatOneSecondWithholdsHasNoMean) {
  const auto all = over_time({{{"frequency", "Hz", 50, {}}}, {{"frequency", "Hz", {}, "a ramp"}}});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_FALSE(all[0].mean.value);
  EXPECT_EQ(all[0].mean.withheld, "withheld in 1 of 2 seconds: a ramp");
  EXPECT_EQ(*all[0].lowest, 50);
}

TEST(RecordingSummaryTest, AnAngleHasNoMeanButOneSecondHasItsAngle) {
  const std::vector<NamedQuantity> one{{"angle", "deg", 179, {}}};
  EXPECT_EQ(*over_time({one})[0].mean.value, 179);
  const auto two = over_time({one, one})[0];
  EXPECT_FALSE(two.mean.value || two.lowest || two.highest);
}

TEST(RecordingSummaryTest, EnergiesAreSplitByDirectionAndQuadrantSecondBySecond) {
  const auto all =
      energies({second(0.1, 3600, 36), second(1.1, -7200, 72), second(2.1, -1800, -18), second(3.1, 900, -9)},
               ReactiveMethod::fundamental);
  EXPECT_NEAR(of(all, "active_energy_import"), 1.25, 1e-12);
  EXPECT_NEAR(of(all, "active_energy_export"), 2.5, 1e-12);
  EXPECT_NEAR(of(all, "reactive_energy_q1"), 0.01, 1e-14);
  EXPECT_NEAR(of(all, "reactive_energy_q2"), 0.02, 1e-14);
  EXPECT_NEAR(of(all, "reactive_energy_q3"), 0.005, 1e-14);
  EXPECT_NEAR(of(all, "reactive_energy_q4"), 0.0025, 1e-14);
  EXPECT_NEAR(of(all, "apparent_energy"), 3.75 * std::sqrt(1.0001), 1e-12);
}

TEST(RecordingSummaryTest, ReactiveEnergyIsWithheldWhereASecondHasNoReactivePower) {
  auto unsteady = second(1.1, 3600, std::nan(""));
  unsteady.flags.push_back({Unsteady::not_steady, 0, 50, 0.1, "va: a ramp"});
  const auto all = energies({second(0.1, 3600, 36), unsteady}, ReactiveMethod::fundamental);
  EXPECT_NEAR(of(all, "active_energy_import"), 2, 1e-12) << "active energy needs no spectrum";
  for (const auto& q : all)
    if (q.unit == "varh") {
      EXPECT_FALSE(q.value) << q.name;
      EXPECT_THAT(q.withheld, HasSubstr("the second from 1.1 s: va: a ramp"));
    }
}

}  // namespace
}  // namespace blondel
