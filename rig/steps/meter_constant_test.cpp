#include <gmock/gmock.h>

#include <cmath>

#include "rig/steps/sheet_and_class_fixture.hpp"

namespace blondel {
namespace {

class MeterConstantTest : public OneStepTest {
 public:
  static std::string plan(const std::string& standard = "standard: OIML R 46 class C",
                          const std::string& window = "2 min") {
    return plan_of(
        "  - meter_constant:\n      " + standard +
        "\n      system_voltage: 480 V\n      frequency: 60 Hz\n      current: 1 In\n      window: " + window + "\n");
  }
};

TEST_F(MeterConstantTest, RegisterAndPulsesOfGoodMetersAgreeToAPulseWhateverTheSeed) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Options options;
    options.seed = seed;
    const auto outcome = run(plan(), bench_text(), options);
    EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
    for (int position = 1; position <= 3; ++position) {
      const auto found = measured(outcome, position, "constant_difference");
      ASSERT_EQ(found.size(), 1u);
      // A tenth of 0.5 %.
      EXPECT_DOUBLE_EQ(found[0].at("upper").get<double>(), 0.05);
      EXPECT_LE(std::abs(found[0].at("value").get<double>()), found[0].at("expanded_uncertainty").get<double>());
      EXPECT_LT(found[0].at("expanded_uncertainty").get<double>(), 0.04);
    }
    if (seed == 1) expect_foretold(plan(), outcome);
  }
}

TEST_F(MeterConstantTest, MetersThatGiveTheirPulsesInBurstsPassToo) {
  const auto bench = with(bench_text(), "variants: {one_third_volt: 0.333}",
                          "variants: {one_third_volt: 0.333, pulse_spacing: burst}");
  for (const std::uint64_t seed : {1, 2}) {
    Options options;
    options.seed = seed;
    const auto outcome = run(plan(), bench, options);
    for (const auto& position : outcome.positions) EXPECT_EQ(position.verdict, Verdict::pass) << causes(outcome);
  }
}

TEST_F(MeterConstantTest, AnErrorThatBothCountsHaveInCommonIsNoneOfTheConstant) {
  const auto outcome = run(plan(), bench_with("{part: meter, position: 2, fault: high by 1 %}"));
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::pass) << causes(outcome);
}

TEST_F(MeterConstantTest, AMeterThatLosesEveryTenthPulseFailsByWhatItLoses) {
  const auto outcome = run(plan(), bench_with("{part: meter, position: 2, fault: every tenth pulse lost}"));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  const auto found = measured(outcome, 2, "constant_difference");
  ASSERT_EQ(found.size(), 1u);
  // Ten pulses' energy for every nine.
  EXPECT_NEAR(found[0].at("value").get<double>(), 100.0 / 9, 0.1);
}

TEST_F(MeterConstantTest, WhereTheStandardNamesNoFigureTheDifferenceIsToldAndDecidesNothing) {
  const std::string of_2003 = "standard: IEC 62053-22 class 0.5S\n      edition: 2003";
  expect_refused(plan(of_2003), "plan.yaml:13:17", "nothing here decides");
  const auto outcome = run(plan(of_2003 + "\n      recollected_limits: inform"),
                           bench_with("{part: meter, position: 2, fault: every tenth pulse lost}"));
  const auto found = measured(outcome, 2, "constant_difference");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].at("informative").get<std::string>(), testing::HasSubstr("no figure"));
  EXPECT_EQ(found[0].at("verdict"), "fail");
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::pass) << causes(outcome);
}

TEST_F(MeterConstantTest, WhatCannotBeTestedIsRefusedWhereItStands) {
  expect_refused(plan("standard: ANSI C12.20 class 0.5"), "plan.yaml:13:17", "no agreement of register and pulses");
  expect_refused(plan("standard: IEC 62053-23 class 2"), "plan.yaml:13:17", "classes of active energy");
  expect_refused(plan("standard: OIML R 46 class C", "5 s"), "plan.yaml:17:15", "20 s to 6 h");
}

}  // namespace
}  // namespace blondel
