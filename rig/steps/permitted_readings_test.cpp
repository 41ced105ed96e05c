#include <gmock/gmock.h>

#include <map>

#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Meters that take the data sheet's open questions in other ways: each is as good as any.
class PermittedReadingsTest : public RigTest {
 public:
  static std::string bench_with(const std::string& variants) {
    return with(bench_text(), "one_third_volt: 0.333", "one_third_volt: 0.333, " + variants);
  }
  static std::string alarms_plan() { return text_of("rig/testdata/alarms.yaml"); }
  static std::string loss_plan() {
    const auto text = alarms_plan();
    return text.substr(0, text.find("  - pulse_overrun"));
  }
  static std::string overrun_plan() {
    const auto text = alarms_plan();
    return text.substr(0, text.find("  - phase_loss")) + text.substr(text.find("  - pulse_overrun"));
  }
  /// By pulses alone, where they are most and fewest.
  static std::string pulse_plan() {
    const auto text = short_plan();
    return text.substr(0, text.find("  - accuracy")) + text.substr(text.find("  - accuracy:\n      name: pulses")) +
           "        - {current: 0.05 In, power_factor: 1}\n        - {current: 0.01 In, power_factor: 1}\n";
  }
  static std::vector<double> values(const Outcome& outcome, int position) {
    std::vector<double> found;
    for (const auto& m : records(outcome, "measurement"))
      if (m.at("position") == position) found.push_back(m.at("value").get<double>());
    return found;
  }
  static void expect_all(const Outcome& outcome, Verdict verdict, const std::string& cause = "") {
    for (const auto& p : outcome.positions) {
      EXPECT_EQ(p.verdict, verdict) << p.number << ": " << p.cause << "; " << outcome.ending.why;
      EXPECT_THAT(p.cause, HasSubstr(cause));
    }
    EXPECT_TRUE(outcome.source_dead);
  }
};

TEST_F(PermittedReadingsTest, PulsesInBurstsTellTheSameErrorAsPulsesThatComeAsTheirEnergyCompletes) {
  const auto plain = run(pulse_plan(), bench_text());
  const auto bursts = run(pulse_plan(), bench_with("pulse_spacing: burst"));
  expect_all(plain, Verdict::pass);
  expect_all(bursts, Verdict::pass);
  EXPECT_EQ(plain.bench_time, bursts.bench_time);
  for (int position = 1; position <= 3; ++position) {
    const auto exact = values(plain, position), counted = values(bursts, position);
    ASSERT_EQ(exact.size(), 3u);
    ASSERT_EQ(counted.size(), 3u);
    // A third of the limits: 0.5 %, 0.5 % and 1 %.
    EXPECT_NEAR(counted[0], exact[0], 0.17);
    EXPECT_NEAR(counted[1], exact[1], 0.17);
    EXPECT_NEAR(counted[2], exact[2], 0.34);
  }
}

TEST_F(PermittedReadingsTest, AMeterThatReadsHighFailsInBurstsToo) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    sim::AnalogFaults faults;
    faults.gain_ppm = {0, 0, 0, 10000, 10000, 10000};
    bench.break_meter(2, faults);
  };
  const auto outcome = run(pulse_plan(), bench_with("pulse_spacing: burst"), options);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("percentage_error"));
  for (const double error : values(outcome, 2)) EXPECT_NEAR(error, 1, 0.4);
}

TEST_F(PermittedReadingsTest, AWindowTooShortForBurstsIsInconclusiveAndNeverAFail) {
  const auto plan = with(pulse_plan(), "window: 8 s", "window: 8 s\n      longest: 32 s");
  expect_all(run(plan, bench_text()), Verdict::pass);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Options options;
    options.seed = seed;
    const auto outcome = run(plan, bench_with("pulse_spacing: burst"), options);
    for (const auto& p : outcome.positions) EXPECT_LE(p.verdict, Verdict::inconclusive) << p.cause;
  }
}

TEST_F(PermittedReadingsTest, AClosureThatIsChosenOnlyWhenTheEnergyIsWrittenIsNoObstacle) {
  for (const auto* when : {"at_write", "at_power_up"})
    expect_all(run(overrun_plan(), bench_with(std::string{"pulse_reevaluate: "} + when)), Verdict::pass);
}

TEST_F(PermittedReadingsTest, AMeterThatTakesFiveSecondsToStartPassesAndOneThatTakesLongerThanThePlanAllowsIsSilent) {
  const auto plan = loss_plan().substr(0, loss_plan().find("  - phase_loss"));
  const auto slow = run(plan, bench_with("boot_ms: 5000"));
  expect_all(slow, Verdict::pass);
  EXPECT_EQ(slow.bench_time, run(plan, bench_text()).bench_time);
  const auto hurried = with(plan, "min_firmware: 1019", "min_firmware: 1019\n      boot_time: 3 s");
  expect_all(run(hurried, bench_with("boot_ms: 5000")), Verdict::fail, "communication");
}

TEST_F(PermittedReadingsTest, WritesThatPasswordsGuardLeaveNoVerdict) {
  for (const auto* refusal : {"exception", "echo"}) {
    const auto outcome = run(overrun_plan(), bench_with(std::string{"bus_writes: locked, refusal: "} + refusal));
    expect_all(outcome, Verdict::inconclusive, "refuses every write");
    EXPECT_EQ(outcome.ending.exit_code, 2);
  }
}

TEST_F(PermittedReadingsTest, ACtSecondaryFixedByTheHardwareLeavesNoVerdictUnlessTheBenchGivesIt) {
  const auto fixed = bench_with("ct_secondary_fixed: yes");
  expect_all(run(overrun_plan(), fixed), Verdict::inconclusive, "keeps its CT secondary code 1");
  const auto fitting = with(fixed, "secondary: 0.333 V", "secondary: 1 V");
  expect_all(run(overrun_plan(), fitting), Verdict::pass);
}

TEST_F(PermittedReadingsTest, FirmwareWithoutPulseCountersLeavesOnlyTheirCountOpen) {
  const auto plan = with(overrun_plan(), "min_firmware: 1019", "min_firmware: 1000");
  expect_all(run(plan, bench_with("version: 1018")), Verdict::inconclusive, "no pulse counter");
}

}  // namespace
}  // namespace blondel
