#include <gmock/gmock.h>

#include <set>

#include "rig/lint.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class RegistersStepTest : public RigTest {
 public:
  static std::string plan(const std::string& more = "") {
    return R"(plan: registers
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
  - registers:
      system_voltage: 480 V
      frequency: 60 Hz
      current: 0.5 In
      power_factor: 0.8 ind
)" + more;
  }

  /// The points of a position that were measured and failed.
  static std::set<std::string> failed(const Outcome& outcome, int position) {
    std::set<std::string> names;
    for (const auto& m : records(outcome, "measurement"))
      if (m.at("position") == position && m.at("verdict") == "fail") names.insert(m.at("name").get<std::string>());
    return names;
  }

  static std::string causes(const Outcome& outcome) {
    std::string text = outcome.ending.why;
    for (const auto& p : outcome.positions) text += "; " + p.cause;
    for (const auto& f : records(outcome, "finding")) text += "\n" + f.at("cause").get<std::string>();
    return text;
  }
};

TEST_F(RegistersStepTest, GoodMetersPassAtEveryPointWhateverTheSeed) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Options options;
    options.seed = seed;
    const auto outcome = run(plan(), bench_text(), options);
    EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
    std::map<int, int> made;
    for (const auto& m : records(outcome, "measurement")) ++made[m.at("position").get<int>()];
    EXPECT_GT(made[1], 70);
    EXPECT_EQ(made[1], made[3]);
    EXPECT_TRUE(outcome.source_dead);
  }
}

TEST_F(RegistersStepTest, AMeterWithVoltagesHighByOnePercentFailsAtThePointsThatShowItAndNowhereElse) {
  const auto bench = bench_text() + "  faults:\n    - {part: meter, position: 2, fault: high by 1 %}\n";
  const auto outcome = run(plan(), bench);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass) << causes(outcome);
  std::set<std::string> expected;
  // 1 % is beyond 0.4 % of a voltage, 0.6 % of total active and 0.8 % of apparent power; and within 1 % of the active
  // power of a phase, 2 % of reactive power, and the second that an energy may be off.
  for (const char* name : {"voltage_ll_avg", "voltage_ln_avg", "voltage_ab", "voltage_bc", "voltage_ac", "voltage_an",
                           "voltage_bn", "voltage_cn", "real_power_total", "apparent_power_total", "apparent_power_a",
                           "apparent_power_b", "apparent_power_c"}) {
    expected.insert(name);
    expected.insert(std::string{name} + "_f");
  }
  auto found = failed(outcome, 2);
  // A phase's active power stands at its limit of 1 %, where the meter's own error decides.
  std::erase_if(found, [](const std::string& name) {
    return name.starts_with("real_power_") && !name.starts_with("real_power_total");
  });
  EXPECT_EQ(found, expected);
  for (const auto& f : records(outcome, "finding")) EXPECT_NE(f.at("position"), 2) << f;
}

TEST_F(RegistersStepTest, ThePromisesAreKeptAndThePredictionIsExact) {
  const auto plan_read = load_plan(file_with("plan.yaml", plan()));
  auto file = load_bench(file_with("bench.yaml", bench_text()));
  auto world = world_of(file, "", 1);
  const Bench bench{std::move(file), *world.around};
  EXPECT_GT(plan_read.steps.at(2)->promises(bench).size(), 20u);
  Outlook outlook{.source = bench.source().forecast()};
  double predicted = 0;
  for (const auto& step : plan_read.steps) predicted = in_seconds(step->predict(bench, outlook));
  const auto outcome = run(plan(), bench_text());
  EXPECT_NEAR(records(outcome, "step_end").at(2).at("duration_s").get<double>(), predicted, 1e-6);
}

/// Bench time at which the step of a plain run ended, its window 3 s before.
Time end_of_step() {
  const auto outcome = RegistersStepTest::run(RegistersStepTest::plan(), RegistersStepTest::bench_text());
  return Time{std::chrono::nanoseconds{RegistersStepTest::records(outcome, "step_end").at(2).at("t").get<long long>()}};
}

TEST_F(RegistersStepTest, AMeterThatFallsSilentBetweenTheTwoReadingsFailsForCommunication) {
  Options options;
  const auto end = end_of_step();
  options.before = [end](sim::SimulatedBench& bench) {
    bench.break_line(3, {sim::LineFaultKind::drop_answer, {}}, end - 15s);
  };
  const auto outcome = run(plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[2].cause, HasSubstr("communication"));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
}

TEST_F(RegistersStepTest, AMeterThatRestartsBetweenTheTwoReadingsFails) {
  Options options;
  const auto end = end_of_step();
  options.before = [end](sim::SimulatedBench& bench) { bench.restart_meter(2, end - 20s); };
  const auto outcome = run(plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(causes(outcome), testing::AnyOf(HasSubstr("power_up_count"), HasSubstr("communication")));
}

TEST_F(RegistersStepTest, ALoadAtWhichTheClassSaysNothingIsRefusedWhereItStands) {
  const auto file = file_with("plan.yaml", with(plan(), "current: 0.5 In", "current: 0.005 In"));
  try {
    load_plan(file);
    FAIL() << "it was accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::malformed);
    EXPECT_THAT(failure.what(), HasSubstr("plan.yaml:13:7"));
  }
}

class RegistersInEverySystem : public RegistersStepTest,
                               public testing::WithParamInterface<std::array<const char*, 3>> {};

TEST_P(RegistersInEverySystem, GoodMetersPass) {
  const auto& [system, volts, check] = GetParam();
  const auto bench = with(bench_text(), "system: 40", std::string{"system: "} + system);
  auto text = plan();
  for (int i = 0; i < 2; ++i) text = with(text, "system_voltage: 480 V", std::string{"system_voltage:  "} + volts);
  text = with(text, "check: {voltage: 180 V", std::string{"check: {voltage: "} + check);
  const auto outcome = run(text, bench);
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
}

INSTANTIATE_TEST_SUITE_P(All, RegistersInEverySystem,
                         testing::Values(std::array{"10", "230 V", "115 V"}, std::array{"11", "240 V", "180 V"},
                                         std::array{"12", "240 V", "200 V"}, std::array{"31", "480 V", "180 V"}),
                         [](const auto& service) { return std::string{"System"} + service.param[0]; });

}  // namespace
}  // namespace blondel
