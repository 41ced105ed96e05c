#include <gmock/gmock.h>

#include <set>

#include "rig/steps/sheet_and_class_fixture.hpp"

namespace blondel {
namespace {

class DataSheetAccuracyTest : public OneStepTest {
 public:
  static std::string plan(const std::string& points) {
    return plan_of("  - data_sheet_accuracy:\n      system_voltage: 480 V\n      frequency: 60 Hz\n      points: " +
                   points + "\n");
  }
  static constexpr const char* one_point = "[{voltage: 277 V, current: 0.5 In, power_factor: 0.8 ind}]";
};

TEST_F(DataSheetAccuracyTest, GoodMetersKeepTheSheetAtTheEndsAndTheMiddleOfItsRanges) {
  const auto outcome = run(plan("all"), bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  expect_foretold(plan("all"), outcome);
  std::set<std::string> points;
  for (const auto& m : measured(outcome, 1, "voltage_a")) points.insert(m.at("point").get<std::string>());
  EXPECT_EQ(points, (std::set<std::string>{"90 V, 1 In, PF 1", "218.2 V, 1 In, PF 1", "277.1 V, 0.01 In, PF 1",
                                           "277.1 V, 0.03 In, PF 1", "277.1 V, 0.05 In, PF 1",
                                           "277.1 V, 0.525 In, PF 1", "277.1 V, 1 In, PF 1"}));
  // 600 V line to line is above the bench's 320 V.
  const auto left_out = noted(outcome, 0, "points of the data sheet that are left out, and why");
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_THAT(left_out.at("346.4 V, 1 In, PF 1").get<std::string>(), testing::HasSubstr("envelope"));
}

TEST_F(DataSheetAccuracyTest, LimitsAreThoseOfTheRangeAtTheBenchsTemperature) {
  const auto outcome = run(plan("all"), bench_text());
  for (const auto& m : measured(outcome, 1, "current_a")) {
    const bool low = m.at("current_ratio") < 0.04;
    // 2 K away from 25 degrees, at 0.015 % a kelvin.
    EXPECT_NEAR(m.at("upper").get<double>(), (low ? 0.8 : 0.4) + 2 * 0.015, 1e-9) << m;
    EXPECT_EQ(m.at("lower").get<double>(), -m.at("upper").get<double>());
  }
}

TEST_F(DataSheetAccuracyTest, PowerFactorAndFrequencyAreToldAndDecideNothing) {
  const auto outcome = run(plan(one_point), bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  for (const char* name : {"power_factor_a", "frequency"}) {
    const auto found = measured(outcome, 2, name);
    ASSERT_EQ(found.size(), 1u) << name;
    EXPECT_THAT(found[0].at("informative").get<std::string>(), testing::HasSubstr("is stated"));
    EXPECT_TRUE(found[0].at("upper").is_null());
  }
}

TEST_F(DataSheetAccuracyTest, AVoltageHighAndACurrentLowByMoreThanTheSheetAllowsFailInTheirPhaseAlone) {
  const auto outcome =
      run(plan(one_point), bench_with("{part: meter, position: 2, fault: gain of voltage A high, size: 6000 ppm}, "
                                      "{part: meter, position: 3, fault: gain of current B low, size: 6000 ppm}"));
  std::set<std::pair<int, std::string>> failed;
  for (const auto& m : records(outcome, "measurement"))
    if (m.at("verdict") == "fail") failed.insert({m.at("position").get<int>(), m.at("name").get<std::string>()});
  EXPECT_EQ(failed, (std::set<std::pair<int, std::string>>{{2, "voltage_a"}, {3, "current_b"}}));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  // The good meter's own error is within 0.05 %, plus the bench's.
  EXPECT_NEAR(measured(outcome, 2, "voltage_a").at(0).at("value").get<double>(), 0.6, 0.06);
  EXPECT_NEAR(measured(outcome, 3, "current_b").at(0).at("value").get<double>(), -0.6, 0.06);
}

TEST_F(DataSheetAccuracyTest, ThePointsOfADeltaAreItsLineToLineVoltages) {
  const auto bench = with(bench_text(), "system: 40", "system: 31");
  const auto outcome = run(plan(one_point), bench);
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(measured(outcome, 1, "voltage_ab").size(), 1u);
  EXPECT_TRUE(measured(outcome, 1, "voltage_a").empty());
}

TEST_F(DataSheetAccuracyTest, WhatTheSheetDoesNotStateIsRefusedWhereItStands) {
  expect_refused(plan("[{voltage: 80 V, current: 0.5 In, power_factor: 1}]"), "plan.yaml:15:26", "states nothing");
  expect_refused(plan("[{voltage: 277 V, current: 1.1 In, power_factor: 1}]"), "plan.yaml:15:42", "states nothing");
  expect_refused(plan("[{voltage: 340 V, current: 1 In, power_factor: 1}]"), "plan.yaml:15:16", "envelope");
  expect_refused(plan("[]"), "plan.yaml:15:15", "at least one point");
}

}  // namespace
}  // namespace blondel
