#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "rig/lint.hpp"
#include "rig/port_time.hpp"
#include "rig/rig_fixture.hpp"
#include "rig/steps/modbus_requests.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

/// The shipped bench with its first meters on one port, at addresses of their own.
std::string sharing(int meters, int baud) {
  auto bench = RigTest::bench_text();
  for (int i = 0; i < meters; ++i)
    bench = RigTest::with(bench, fmt::format("port: /dev/ttyUSB{},", i),
                          fmt::format("port: /dev/ttyS0, unit: {}, baud: {},", i + 1, baud));
  return bench;
}

std::string plan_named(const std::string& name) {
  return RigTest::text_of("testplans/" + name);
}

void expect_all_pass(const RigTest::Outcome& outcome) {
  EXPECT_EQ(outcome.ending.exit_code, 0) << outcome.ending.why;
  for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::pass) << p.number << ": " << p.cause;
  for (const auto& e : RigTest::records(outcome, "event"))
    EXPECT_THAT(e.at("text").get<std::string>(), Not(testing::AnyOf(HasSubstr("overran"), HasSubstr("no answer"))));
}

TEST_F(RigTest, GoodMetersOnOnePortPassTheShippedPlansAndLoseNoAnswer) {
  for (const int baud : {38400, 9600}) {
    SCOPED_TRACE(baud);
    Options options;
    options.seed = 2;
    expect_all_pass(run(plan_named("power_cut.yaml"), sharing(3, baud)));
    if (thinned > 1) continue;
    expect_all_pass(run(plan_named("eol.yaml"), sharing(3, baud), options));
    expect_all_pass(run(plan_named("power_cut.yaml"), sharing(2, baud), options));
  }
}

TEST_F(RigTest, MetersOnOnePortThatTakeTheirSecondToAnswerPass) {
  const auto slow = with(sharing(3, 9600), "one_third_volt: 0.333", "one_third_volt: 0.333, answer_delay_us: 1000000");
  const auto outcome = run(short_plan(), slow);
  for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::pass) << p.number << ": " << p.cause;
  for (const auto& e : records(outcome, "event"))
    EXPECT_THAT(e.at("text").get<std::string>(), Not(HasSubstr("overran")));
}

TEST_F(RigTest, ADeadMeterOnASharedPortCostsItsNeighboursNothing) {
  for (const Duration at : {0s, 60s, 130s}) {
    SCOPED_TRACE(in_seconds(at));
    Options options;
    options.before = [at](sim::SimulatedBench& bench) {
      bench.break_line(2, {sim::LineFaultKind::drop_answer, {}}, Time{at});
    };
    const auto outcome = run(short_plan(), sharing(3, 19200), options);
    EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
    EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
    EXPECT_THAT(outcome.positions[1].cause, HasSubstr("communication"));
    EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass) << outcome.positions[2].cause;
  }
}

TEST_F(RigTest, OnADisturbedPortNoMeterIsBlamedForItsSilence) {
  for (const auto* fault : {"echo", "stuck line", "no idle bias", "delay 2 s"})
    for (const auto* at : {"40 s", "60 s"}) {
      if (thinned > 1 && at == std::string_view{"60 s"}) continue;
      SCOPED_TRACE(fmt::format("{} {}", fault, at));
      const auto outcome =
          run(short_plan(), sharing(3, 19200) +
                                fmt::format("  faults: [{{part: link, position: 2, fault: {}, at: {}}}]\n", fault, at));
      EXPECT_EQ(outcome.ending.verdict, Verdict::error);
      for (const auto& p : outcome.positions) EXPECT_NE(p.verdict, Verdict::fail) << p.number << ": " << p.cause;
      EXPECT_THAT(outcome.positions[1].cause, HasSubstr("link: "));
    }
}

TEST_F(RigTest, ABuildThatDiesOnASharedPortIsNamed) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto build = (program / "meter_test_builds/crash_late.so").string();
  const auto bench = with(sharing(3, 19200), "clock: 20 ppm", "clock: 20 ppm, hang_guard: 400 ms");
  const auto outcome = run(short_plan(), bench + "  firmware: {2: " + build + "}\n");
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("firmware: "));
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("crash_late.so"));
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass) << outcome.positions[2].cause;
}

TEST(ModbusRequestsTest, TheAddressOfNobodyIsNoneOfThePort) {
  EXPECT_EQ(address_of_nobody(1, {1}), 2);
  EXPECT_EQ(address_of_nobody(1, {1, 2, 3}), 4);
  EXPECT_EQ(address_of_nobody(247, {247}), 1);
  EXPECT_EQ(address_of_nobody(246, {1, 246, 247}), 2);
}

TEST_F(RigTest, ConformanceAsksNoNeighbourInstead) {
  const auto plan = with(short_plan(), "  - configure:", "  - modbus_conformance: {}\n  - configure:");
  expect_all_pass(run(plan, sharing(3, 19200)));
}

TEST_F(RigTest, SlotsAreLongerByWhatTheOthersOfThePortTake) {
  const auto of = [](const std::string& text) { return PortTime{load_bench(file_with("bench.yaml", text))}; };
  const auto alone = of(bench_text()), three = of(sharing(3, 19200)), slow = of(sharing(3, 1200));
  EXPECT_FALSE(alone.shared());
  EXPECT_EQ(alone.with_neighbours(10s, 5, 50), 10s);
  EXPECT_TRUE(three.shared());
  // Two neighbours with a second for each of five answers.
  EXPECT_GT(three.with_neighbours(10s, 5, 50), 20s);
  EXPECT_GT(slow.with_neighbours(10s, 5, 50), three.with_neighbours(10s, 5, 50));
  // Each answer a second late, and one that is lost: its limit of 1.1 s and 2 s of rest.
  EXPECT_GT(alone.asking(3, 2), 3s + 3100ms);
  EXPECT_LT(alone.asking(3, 2), 7s);
  // 19 characters of 11/12 ms and the silences of 3.5: a quarter of a second and more at 1200 baud, for each of three.
  EXPECT_NEAR(in_seconds(slow.shortest_round()), 3 * 0.27, 3 * 0.05);
}

TEST_F(RigTest, APortOnWhichNobodyCanBeAskedOftenEnoughIsRefusedByPlace) {
  std::string sockets;
  for (int i = 1; i <= 20; ++i)
    sockets += fmt::format(
        "  - {{position: {0}, port: /dev/ttyS0, unit: {0}, baud: 1200, pulses: gpiochip0/{0}, alarm: gpiochip1/{0}}}\n",
        i);
  auto text = with(bench_text(), "positions: 3", "positions: 20");
  const auto from = text.find("  - {position: 1,"), to = text.find("\nsimulation:");
  text.replace(from, to - from, sockets);
  const auto plan = load_plan(file_with("plan.yaml", plan_named("eol.yaml")));
  auto file = load_bench(file_with("bench.yaml", text));
  const auto world = world_of(file, "", 1);
  const Bench bench{std::move(file), *world.around};
  const auto result = lint(plan, bench);
  EXPECT_EQ(result.exit_code(), 6);
  ASSERT_FALSE(result.findings.refusals.empty());
  EXPECT_THAT(result.findings.refusals[0].where, HasSubstr("plan.yaml:"));
  EXPECT_THAT(result.findings.refusals[0].what, HasSubstr("20 meters that share a port"));
  EXPECT_THAT(result.findings.refusals[0].what, HasSubstr("3 fit on one port"));
}

}  // namespace
}  // namespace blondel
