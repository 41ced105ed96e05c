#include <gmock/gmock.h>

#include <cmath>

#include "rig/lint.hpp"
#include "rig/steps/sheet_and_class_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

/// The accuracy step: which points, by which method, for how long, against whose limits.
class AccuracyStepTest : public OneStepTest {
 public:
  static std::string guarded(const std::string& step) { return with(plan_of(step), "simple acceptance", "guarded"); }
  static std::string step(const std::string& method, const std::string& more = {},
                          const std::string& points = "[{current: 1 In, power_factor: 0.5 ind}]") {
    return "  - accuracy:\n      standard: IEC 62053-22 class 0.5S\n      system_voltage: 480 V\n      frequency: 60 "
           "Hz\n"
           "      method: " +
           method + "\n      points: " + points + "\n" + more;
  }
  /// All meters err by exactly so much, and nothing else does.
  static std::string bench_of_error(const std::string& percent) {
    auto bench = with(bench_text(), "meters: {gain: 500 ppm, phase: 300 urad, clock: 20 ppm,",
                      "meters: {common_gain: {mean: " + percent + " %, bound: 0 ppm},");
    bench = with(bench, "reference: {gain: 15 ppm, phase: 10 urad, noise: 5 ppm}",
                 "reference: {gain: 0 ppm, phase: 0 urad, noise: 1 ppm}");
    return with(bench, "ct_substitutes: {ratio: 60 ppm, phase: 60 urad}",
                "ct_substitutes: {ratio: 0 ppm, phase: 0 urad}");
  }
  static std::string refused(const std::string& plan) {
    try {
      const auto read = load_plan(file_with("plan.yaml", plan));
      auto file = load_bench(file_with("bench.yaml", bench_text()));
      const auto world = world_of(file, "", 1);
      const Bench bench{std::move(file), *world.around};
      const auto refusals = lint(read, bench).findings.refusals;
      return refusals.empty() ? "nothing was refused" : refusals.front().where + ": " + refusals.front().what;
    } catch (const Failure& failure) {
      return failure.error.where + ": " + failure.error.what;
    }
  }
};

TEST_F(AccuracyStepTest, EveryMethodFindsTheErrorThatTheMetersHave) {
  for (const std::string method : {"pulses", "registers", "energy registers", "error calculator"}) {
    const auto plan = guarded(step(method));
    const auto outcome = run(plan, bench_of_error("0.2"));
    EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << method << causes(outcome);
    const auto found = measured(outcome, 2, "percentage_error");
    ASSERT_EQ(found.size(), 1u) << method;
    const double u = found[0].at("expanded_uncertainty").get<double>();
    EXPECT_NEAR(found[0].at("value").get<double>(), 0.2, u) << method;
    EXPECT_LT(u, 0.2) << method;
    EXPECT_EQ(found[0].at("method"), method);
  }
}

/// A certificate of one point that covers all loads of its test.
std::string certificate_of(const std::string& head, const std::string& points) {
  return "certificate: K-1\nlaboratory: L\nserial: \"050059467\"\ndate: 2026-11-02\ndue: 2027-11-02\n"
         "coverage_factor: 2\ntemperature: [18 degC, 28 degC]\n" +
         head + "points:\n" + points;
}

// A reference whose six inputs all show 0.2 % too much shows 0.4004 % too much power at any power factor; CT
// substitutes that give 0.05 % too much and lead by 0.4 mrad raise what a meter registers at PF 0.5 inductive by 0.05 %
// and tan(60 deg) of 0.04 %.
TEST_F(AccuracyStepTest, WhatTheCertificatesStateIsTakenOutByEveryMethod) {
  file_with("power.yaml", certificate_of("instrument: zera-com5003\nquantity: active power\nrelative_to: reading\n"
                                         "unit: ppm\ndrift_per_year: 0 ppm\n",
                                         "  - {power_factor: 0.5 ind, error: 4004 ppm, uncertainty: 40 ppm}\n"));
  file_with("ratio.yaml", certificate_of("instrument: ct-substitute\nquantity: ratio\nunit: ppm\n"
                                         "drift_per_year: 0 ppm\n",
                                         "  - {current: 5 A, error: 500 ppm, uncertainty: 40 ppm}\n"));
  file_with("phase.yaml", certificate_of("instrument: ct-substitute\nquantity: phase\nunit: urad\n"
                                         "drift_per_year: 0 urad\n",
                                         "  - {current: 5 A, error: 400 urad, uncertainty: 40 urad}\n"));
  auto bench = bench_of_error("0.2");
  bench.replace(bench.find("certificates: "), bench.find("environment:") - bench.find("certificates: "),
                "certificates:\n  reference: [power.yaml]\n  ct_substitute: [ratio.yaml, phase.yaml]\n");
  bench = with(bench, "reference: {gain: 0 ppm, phase: 0 urad, noise: 1 ppm}",
               "reference: {gain: {mean: 2000 ppm, bound: 0 ppm}, phase: 0 urad, noise: 1 ppm}");
  bench = with(bench, "ct_substitutes: {ratio: 0 ppm, phase: 0 urad}",
               "ct_substitutes: {ratio: {mean: 500 ppm, bound: 0 ppm}, phase: {mean: 400 urad, bound: 0 urad}}");
  const double raw = 100 * (1.002 * 1.0005 * (1 + std::sqrt(3) * 400e-6) / 1.004004 - 1);
  for (const std::string method : {"pulses", "registers", "energy registers", "error calculator"}) {
    const auto outcome = run(guarded(step(method)), bench);
    EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << method << causes(outcome) << outcome.ending.why;
    const auto found = measured(outcome, 2, "percentage_error");
    ASSERT_EQ(found.size(), 1u) << method;
    const double u = found[0].at("expanded_uncertainty").get<double>();
    EXPECT_NEAR(found[0].at("value").get<double>(), 0.2, u) << method;
    EXPECT_NEAR(found[0].at("raw").get<double>(), raw, u) << method;
    EXPECT_LT(u, 0.1) << method << ": far less than the 0.28 % that are taken out";
  }
}

TEST_F(AccuracyStepTest, AnErrorBeyondTheLimitFailsAndOneAtItStaysOpen) {
  const auto points = "[{current: 1 In, power_factor: 1}]";
  EXPECT_EQ(run(guarded(step("pulses", "", points)), bench_of_error("0.6")).ending.verdict, Verdict::fail);
  const auto at_limit = run(guarded(step("pulses", "      longest: 1 min\n", points)), bench_of_error("0.5"));
  EXPECT_EQ(at_limit.ending.verdict, Verdict::inconclusive);
  const auto found = measured(at_limit, 1, "percentage_error");
  ASSERT_EQ(found.size(), 1u);
  // Near the limit it went on as long as it may, or as long as more time tells more.
  EXPECT_EQ(found[0].at("measuring").at("stopped"), "time is up");
  EXPECT_GT(found[0].at("measuring").at("looks").get<int>(), 1);
}

TEST_F(AccuracyStepTest, SeveralClassesAreJudgedByOneMeasurementAndOnlyTheClaimedDecide) {
  const std::string step = R"(  - accuracy:
      standards:
        - {standard: IEC 62053-22 class 0.5S}
        - {standard: IEC 62053-22 class 0.2S, claimed: false}
      system_voltage: 480 V
      frequency: 60 Hz
      method: auto
      points: [{current: 1 In, power_factor: 1}]
)";
  const auto outcome = run(guarded(step), bench_of_error("0.3"));
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  const auto found = measured(outcome, 1, "percentage_error");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].at("verdict"), "pass");
  EXPECT_EQ(found[1].at("verdict"), "fail");
  EXPECT_THAT(found[1].at("informative").get<std::string>(), HasSubstr("does not claim"));
  EXPECT_EQ(found[0].at("value"), found[1].at("value"));
  EXPECT_THAT(found[0].at("method_why").get<std::string>(), HasSubstr("quickest"));
}

// Near the limit the first look decides nothing; the pulses stop behind it.
TEST_F(AccuracyStepTest, PulsesThatStopDuringTheErrorCalculationLeaveNoMeasurement) {
  const auto plan = guarded(step("error calculator", "", "[{current: 1 In, power_factor: 1}]"));
  const auto fault = "  faults: [{part: meter, position: 2, fault: pulses stop, at: 236 s}]\n";
  const auto outcome = run(plan, bench_of_error("0.48") + fault);
  EXPECT_EQ(outcome.ending.verdict, Verdict::fail) << causes(outcome);
  const auto dead = measured(outcome, 2, "percentage_error");
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_TRUE(dead[0].at("value").is_null());
  EXPECT_EQ(dead[0].at("verdict"), "fail");
  EXPECT_THAT(dead[0].at("no_measurement").get<std::string>(), HasSubstr("pulses are due every"));
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("no measurement"));
  const auto healthy = measured(outcome, 1, "percentage_error");
  ASSERT_EQ(healthy.size(), 1u);
  // What is told was measured: all watched but for a pulse, the first one's coming, and the arming of three inputs.
  const auto& measuring = healthy[0].at("measuring");
  EXPECT_GT(measuring.at("looks").get<int>(), 1);
  EXPECT_EQ(healthy[0].at("value").is_number(), true);
}

TEST_F(AccuracyStepTest, OneElementAloneIsComparedWithTheBalancedLoad) {
  const auto points = "[{current: 1 In, power_factor: 1}, {current: 1 In, power_factor: 1, element: 2}]";
  const auto plan = guarded(step("pulses", "", points));
  const auto outcome = run(plan, bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  const auto errors = measured(outcome, 3, "percentage_error");
  const auto differences = measured(outcome, 3, "difference");
  ASSERT_EQ(errors.size(), 2u);
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_NEAR(differences[0].at("value").get<double>(),
              errors[1].at("value").get<double>() - errors[0].at("value").get<double>(), 1e-12);
  EXPECT_EQ(differences[0].at("upper"), 1.0);
}

TEST_F(AccuracyStepTest, ReactiveEnergyHasASineAndNoPulses) {
  const std::string step = R"(  - accuracy:
      standard: IEC 62053-23 class 2
      system_voltage: 480 V
      frequency: 60 Hz
      method: auto
      points: [{current: 1 In, sine: 0.5 cap}, {current: 0.1 In, sine: 1 ind}]
)";
  const auto outcome = run(guarded(step), bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  const auto found = measured(outcome, 1, "percentage_error");
  ASSERT_EQ(found.size(), 2u);
  for (const auto& m : found) {
    // The meter's own errors are up to 500 ppm and 300 urad.
    EXPECT_LT(std::abs(m.at("value").get<double>()), 0.11 + m.at("expanded_uncertainty").get<double>());
    EXPECT_EQ(m.at("method"), "energy registers") << "the only one that sees what is counted";
    EXPECT_THAT(m.at("method_why").get<std::string>(), HasSubstr("the pulse contact gives active energy only"));
  }
}

TEST_F(AccuracyStepTest, AGivenWindowTakesTheTimeItIsPredictedToTake) {
  const auto plan = guarded(step("registers", "      window: 12 s\n"));
  expect_foretold(plan, run(plan, bench_text()));
}

TEST_F(AccuracyStepTest, ARequirementOutOfReachIsToldWithTheLargestTerm) {
  const auto said = refused(guarded(step("pulses", "      uncertainty: 0.001 %\n")));
  EXPECT_THAT(said, HasSubstr("plan.yaml:"));
  EXPECT_THAT(said, HasSubstr("0.001 % are wanted"));
  EXPECT_THAT(said, HasSubstr("the largest term is"));
}

TEST_F(AccuracyStepTest, BadSettingsAreRefusedWhereTheyStand) {
  EXPECT_THAT(refused(plan_of(with(step("pulses"), "class 0.5S", "class 0.3S"))), HasSubstr("plan.yaml:13:17"));
  EXPECT_THAT(refused(plan_of(step("pulses", "      among: [pulses]\n"))), HasSubstr("only where the method is auto"));
  EXPECT_THAT(refused(plan_of(step("pulses", "      uncertainty: 5 of the limit\n"))), HasSubstr("1/5 of the limit"));
  EXPECT_THAT(refused(plan_of(step("pulses", "      window: 12 s\n      early_risk: 1 %\n"))),
              HasSubstr("expected it only where the time is fixed"));
  EXPECT_THAT(refused(plan_of(step("pulses", "", "[{current: 1 In, power_factor: 0.9 ind}]"))),
              HasSubstr("sets no limit at 1 In"));
  EXPECT_THAT(refused(plan_of(step("pulses", "", "[{current: 0.01 In, power_factor: 1, element: 1}]"))),
              HasSubstr("element 1 alone"));
}

// A meter whose clock is fast counts too much energy and shows the right power.
TEST_F(AccuracyStepTest, AWrongClockIsSeenByWhateverAutoChooses) {
  for (const std::string kind : {"standard: IEC 62053-23 class 2\n", "standard: IEC 62053-22 class 0.5S\n"}) {
    const bool reactive = kind.find("-23") != std::string::npos;
    const auto step = "  - accuracy:\n      " + kind + R"(      system_voltage: 480 V
      frequency: 60 Hz
      method: auto
      points: [{current: 1 In, )" +
                      (reactive ? "sine: 1 ind}]\n" : "power_factor: 1}]\n");
    const auto fast = bench_text() + "  faults: [{part: meter, position: 2, fault: clock fast, size: 30000 ppm}]\n";
    const auto outcome = run(guarded(step), fast);
    EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << kind << causes(outcome);
    EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail) << kind << causes(outcome);
  }
}

TEST_F(AccuracyStepTest, AClaimedClassThatNothingDecidesIsRefusedUnlessThePlanMeansIt) {
  const auto of = [](const std::string& more) {
    return guarded(R"(  - accuracy:
      standard: ANSI C12.20 class 0.5
      system_voltage: 480 V
      frequency: 60 Hz
      method: pulses
      points: [{current: 1 In, power_factor: 1}]
)" + more);
  };
  EXPECT_THAT(refused(of("")), HasSubstr("nothing here decides whether a meter conforms to ANSI C12.20 class 0.5"));
  EXPECT_EQ(refused(of("      recollected_limits: inform\n")), "nothing was refused");
  EXPECT_EQ(refused(of("      recollected_limits: decide\n")), "nothing was refused");
}

TEST_F(AccuracyStepTest, AClassOfWhichNothingCanBeMeasuredIsRefusedUnlessItMayBeLeftOut) {
  const auto of = [](const std::string& more) {
    return guarded(R"(  - accuracy:
      standard: IEC 62053-22 class 0.5S
      system_voltage: 480 V
      frequency: 60 Hz
      method: pulses
      points: all
      uncertainty: 0.001 %
)" + more);
  };
  EXPECT_THAT(refused(of("")), HasSubstr("nothing of it can be tested on this bench"));
  EXPECT_EQ(refused(of("      may_be_left_out: true\n")), "nothing was refused");
}

}  // namespace
}  // namespace blondel
