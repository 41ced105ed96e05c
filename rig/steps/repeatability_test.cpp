#include <gmock/gmock.h>

#include <algorithm>

#include "rig/steps/sheet_and_class_fixture.hpp"

namespace blondel {
namespace {

class RepeatabilityStepTest : public OneStepTest {
 public:
  static std::string plan(const std::string& edition = "2020", const std::string& method = "registers") {
    return plan_of(R"(  - repeatability:
      standard: IEC 62053-22 class 0.5S
      edition: )" + edition +
                   R"(
      recollected_limits: decide
      method: )" + method +
                   R"(
      system_voltage: 480 V
      frequency: 60 Hz
      window: 10 s
      points:
        - {current: 1 In, power_factor: 1}
        - {current: 0.1 In, power_factor: 0.5 ind}
)");
  }
};

TEST_F(RepeatabilityStepTest, GoodMetersRepeatThemselvesAndTheSpreadIsThatOfTheRuns) {
  for (const std::string method : {"registers", "pulses"}) {
    const auto outcome = run(plan("2020", method), bench_text());
    EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
    const auto spreads = measured(outcome, 3, "spread");
    ASSERT_EQ(spreads.size(), 2u);
    // A tenth of 0.5 % and of 0.6 %.
    EXPECT_NEAR(spreads[0].at("upper").get<double>(), 0.05, 1e-12);
    EXPECT_NEAR(spreads[1].at("upper").get<double>(), 0.06, 1e-12);
    EXPECT_TRUE(spreads[0].at("lower").is_null());
    const auto runs = noted(outcome, 3, "percentage errors run by run at 1 In, PF 1");
    ASSERT_FALSE(runs.is_null());
    const auto errors = runs.at("percent").get<std::vector<double>>();
    ASSERT_EQ(errors.size(), 3u);
    const auto [least, most] = std::ranges::minmax(errors);
    EXPECT_NEAR(spreads[0].at("value").get<double>(), most - least, 1e-9);
    expect_foretold(plan("2020", method), outcome);
  }
}

TEST_F(RepeatabilityStepTest, AnErrorThatEveryRunHasAlikeIsNoneOfTheSpread) {
  const auto outcome = run(plan(), bench_with("{part: meter, position: 2, fault: high by 1 %}"));
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::pass) << causes(outcome);
}

TEST_F(RepeatabilityStepTest, AMeterWithTooMuchNoiseFails) {
  const auto outcome = run(plan(), bench_with("{part: meter, position: 2, fault: noise, size: 500000}"));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail) << outcome.journal.substr(outcome.journal.size() - 5000);
}

TEST_F(RepeatabilityStepTest, WhatCannotBeTestedIsRefusedWhereItStands) {
  expect_refused(plan("2003"), "plan.yaml:13:17", "asks for no repeated runs");
  expect_refused(plan("2020", "energy registers"), "plan.yaml:21:11", "the difference of two runs");
  expect_refused(with(plan(), "      window: 10 s\n", ""), "plan.yaml:13:7", "window");
  expect_refused(with(plan(), "current: 0.1 In", "current: 0.03 A"), "plan.yaml:22:21", "share of the rated current");
}

}  // namespace
}  // namespace blondel
