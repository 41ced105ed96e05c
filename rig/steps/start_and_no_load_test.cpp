#include <gmock/gmock.h>

#include "rig/lint.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

/// Starting current and no load on the simulated bench.
class StartAndNoLoad : public RigTest {
 public:
  static std::string plan(const std::string& step) {
    return R"(plan: next to nothing
meter: series-4000-k
on_fail: go on
leave_meter: as found
decision_rule: simple acceptance
steps:
  - identify: {min_firmware: 1019}
  - configure:
      system_voltage: 480 V
      ct_primary: 100 A
      check: {voltage: 180 V, current: 1 A, frequency: 60 Hz}
)" + step;
  }
  static std::string start(const std::string& more = "") {
    return plan(R"(  - starting_current:
      standards:
        - {standard: IEC 62053-22 class 0.5S}
        - {standard: OIML R 46 class C}
        - {standard: OIML R 46 class B}
      system_voltage: 480 V
      frequency: 60 Hz
)" + more);
  }
  static std::string no_load(const std::string& more = "") {
    return plan(R"(  - no_load:
      standards:
        - {standard: IEC 62053-22 class 0.5S}
        - {standard: OIML R 46 class C}
      system_voltage: 480 V
      frequency: 60 Hz
)" + more);
  }
  /// 50 A stand for In, so that a thousandth of it is what the source can give.
  static std::string large_bench() { return with(bench_text(), "primary: 5 A", "primary: 50 A"); }
  static std::string faulty(const std::string& bench, const std::string& fault) {
    return bench + "  faults: [{part: meter, position: 2, fault: " + fault + "}]\n";
  }
  static LintResult looked(const std::string& plan_text, const std::string& bench_text) {
    const auto plan = load_plan(file_with("plan.yaml", plan_text));
    auto file = load_bench(file_with("bench.yaml", bench_text));
    const auto world = world_of(file, "", 1);
    const Bench bench{std::move(file), *world.around};
    return lint(plan, bench);
  }
  static std::vector<double> values(const Outcome& outcome, int position, const std::string& name) {
    std::vector<double> found;
    for (const auto& m : records(outcome, "measurement"))
      if (m.at("position") == position && m.at("name") == name) found.push_back(m.at("value").get<double>());
    return found;
  }
  static std::string refusal_of(const std::string& text) {
    try {
      load_plan(file_with("plan.yaml", text));
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, Fault::malformed);
      return failure.what();
    }
    return "nothing was refused";
  }
};

TEST_F(StartAndNoLoad, GoodMetersStartAndTheTimePredictedIsTheTimeUsed) {
  const auto outcome = run(start(), large_bench());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << outcome.ending.why;
  for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::pass) << p.number << ": " << p.cause;
  EXPECT_EQ(values(outcome, 1, "starting_pulses").size(), 1u);
  const auto times = values(outcome, 1, "starting_time");
  ASSERT_EQ(times.size(), 2u);
  // Twice the current, half the time.
  EXPECT_NEAR(times[0] / times[1], 2, 0.02);
  EXPECT_NEAR(in_seconds(looked(start(), large_bench()).predicted), in_seconds(outcome.bench_time), 6);
}

TEST_F(StartAndNoLoad, AMeterThatLosesSmallLoadsDoesNotStart) {
  const auto outcome = run(start(), faulty(large_bench(), "energy below five percent lost"));
  EXPECT_EQ(outcome.ending.exit_code, 1);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_EQ(values(outcome, 2, "starting_pulses").at(0), 0);
}

TEST_F(StartAndNoLoad, AStartThatTheSourceCannotGiveIsRefusedUnlessItMayBeLeftOut) {
  const auto refused = looked(start(), bench_text()).findings.refusals;
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_THAT(refused[0].what, HasSubstr("nothing of it can be tested on this bench"));
  const auto left_out = start("      may_be_left_out: true\n");
  const auto found = looked(left_out, bench_text());
  EXPECT_TRUE(found.findings.refusals.empty());
  EXPECT_THAT(found.findings.not_covered(),
              testing::Contains(testing::AllOf(HasSubstr("starting current: 0.001 In"), HasSubstr("0.005 A"))));
  const auto outcome = run(left_out, bench_text());
  EXPECT_TRUE(records(outcome, "measurement").empty());
}

TEST_F(StartAndNoLoad, TooShortALongestIsRefusedWhereItStands) {
  const auto found = looked(start("      longest: 30 s\n"), large_bench());
  ASSERT_EQ(found.findings.refusals.size(), 3u);
  EXPECT_THAT(found.findings.refusals[0].where, HasSubstr("plan.yaml:19:16"));
  EXPECT_THAT(found.findings.refusals[0].what, HasSubstr("a pulse comes every"));
}

TEST_F(StartAndNoLoad, AClassWithoutAStartIsRefusedWhereItStands) {
  const auto text = with(start(), "OIML R 46 class B", "IEC 62053-22 class 0.5S, connection: nowhere");
  EXPECT_THAT(refusal_of(text), HasSubstr("plan.yaml:16:"));
  const auto unknown = plan(R"(  - starting_current:
      standard: IEC 62053-21 class 0.5
      edition: 2020
      system_voltage: 480 V
      frequency: 60 Hz
)");
  EXPECT_THAT(refusal_of(unknown), testing::AllOf(HasSubstr("plan.yaml:13:"), HasSubstr("starting current")));
}

TEST_F(StartAndNoLoad, GoodMetersStandStillForTheTimeOfTheStandard) {
  const auto outcome = run(no_load(), bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << outcome.ending.why;
  for (int position = 1; position <= 3; ++position) {
    EXPECT_EQ(values(outcome, position, "no_load_pulses"), (std::vector<double>{0, 0}));
    EXPECT_EQ(values(outcome, position, "no_load_energy"), (std::vector<double>{0, 0}));
  }
  EXPECT_NEAR(in_seconds(looked(no_load(), bench_text()).predicted), in_seconds(outcome.bench_time), 6);
  double highest = 0;
  for (const auto& a : records(outcome, "applied"))
    for (const auto& p : a.at("load").at("phases"))
      if (p.at("current_a") == 0) highest = std::max(highest, p.at("voltage_v").get<double>());
  // 1.15 times 480 V over the root of 3.
  EXPECT_NEAR(highest, 318.7, 0.05);
}

TEST_F(StartAndNoLoad, ALongerTimeIsWaitedWhereThePlanWantsIt) {
  const double usual = in_seconds(looked(no_load(), bench_text()).predicted);
  const double longer = in_seconds(looked(no_load("      at_least: 1 h\n"), bench_text()).predicted);
  EXPECT_GT(longer, usual + 2 * 3000);
  EXPECT_LT(longer, 2 * 3600 + usual);
}

TEST_F(StartAndNoLoad, AMeterThatCreepsFails) {
  const auto outcome = run(no_load(), faulty(bench_text(), "creeps without current"));
  EXPECT_EQ(outcome.ending.exit_code, 1);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("no_load_energy"));
}

TEST_F(StartAndNoLoad, APlanWithoutAFigureForNoLoadIsRefusedWhereItStands) {
  const auto text = plan(R"(  - no_load:
      standard: IEC 62053-21 class 0.5
      edition: 2020
      system_voltage: 480 V
      frequency: 60 Hz
)");
  EXPECT_THAT(refusal_of(text), testing::AllOf(HasSubstr("plan.yaml:13:"), HasSubstr("no-load test")));
  EXPECT_THAT(refusal_of(no_load("      at_least: 0 s\n")), HasSubstr("plan.yaml:18:17"));
}

}  // namespace
}  // namespace blondel
