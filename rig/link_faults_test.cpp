#include <fmt/format.h>
#include <gmock/gmock.h>

#include "rig/lint.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

/// The shipped bench with a fault of the link to position 2's meter.
std::string with_fault(const std::string& fault) {
  return RigTest::bench_text() + "  faults: [{part: link, position: 2, " + fault + "}]\n";
}

struct NamedFault {
  std::string fault, said;
};

struct LinkFaultsTest : RigTest, testing::WithParamInterface<NamedFault> {};

TEST_P(LinkFaultsTest, IsNamedByWhatTheRigSeesAndIsNeverTheMeterings) {
  const auto outcome = run(short_plan(), with_fault("fault: " + GetParam().fault + ", at: 60 s"));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::error);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("link"));
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr(GetParam().said));
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass) << outcome.positions[2].cause;
  EXPECT_TRUE(outcome.source_dead);
}

INSTANTIATE_TEST_SUITE_P(EveryName, LinkFaultsTest,
                         testing::Values(NamedFault{"truncated", "the answer ended after"},
                                         NamedFault{"one bit wrong", "the answer"},
                                         NamedFault{"answers for another", "from address 2 to a request to address 1"},
                                         NamedFault{"echo", "an echo of the request came back"},
                                         NamedFault{"stuck line", "the line is stuck"},
                                         NamedFault{"no idle bias", "noise"}),
                         [](const auto& test) {
                           auto name = test.param.fault;
                           std::erase(name, ' ');
                           return name;
                         });

TEST_F(RigTest, ALinkThatLosesOneExchangeInTwentyCostsNoVerdict) {
  for (const auto* fault : {"lost frames", "truncated", "bit errors", "doubled frames", "delay 2 s", "echo"}) {
    SCOPED_TRACE(fault);
    const auto outcome = run(short_plan(), with_fault(std::string{"rate: 5 %, fault: "} + fault));
    for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::pass) << p.number << ": " << p.cause;
  }
}

TEST_F(RigTest, OfAMeterThatAnswersWhenItIsAskedAgainTheLineIsBlamed) {
  // Seeds by which three answers in a row get lost: among the counters at the start, and at the configuration.
  for (const int seed : {4, 5}) {
    SCOPED_TRACE(seed);
    Options options;
    options.seed = static_cast<std::uint64_t>(seed);
    const auto outcome = run(short_plan(), with_fault("rate: 30 %, fault: lost answers"), options);
    EXPECT_NE(outcome.positions[1].verdict, Verdict::fail) << outcome.positions[1].cause;
    if (outcome.positions[1].verdict == Verdict::error) {
      EXPECT_THAT(outcome.positions[1].cause, HasSubstr("stayed without an answer, the meter answers others"));
    }
  }
  const auto dead = run(short_plan(), with_fault("fault: lost answers, at: 130 s"));
  EXPECT_EQ(dead.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(dead.positions[1].cause, HasSubstr("communication"));
}

TEST_F(RigTest, ALinkThatSpoilsManyAnswersIsNamedAndNeitherMeteringNorWiringIsBlamed) {
  int told = 0;
  for (const auto* fault : {"truncated", "bit errors", "one bit wrong", "answers for another", "delay 2 s", "echo"})
    for (const auto* rate : {"60 %", "100 %"})
      for (const auto* at : {"0.1 s", "24 s", "75 s"}) {
        if (told++ % thinned != 0) continue;
        SCOPED_TRACE(fmt::format("{} {} {}", fault, rate, at));
        const auto outcome = run(short_plan(), with_fault(fmt::format("fault: {}, rate: {}, at: {}", fault, rate, at)));
        EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
        EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass) << outcome.positions[2].cause;
        const auto& struck = outcome.positions[1];
        if (struck.verdict == Verdict::pass) continue;  // repeats helped
        EXPECT_EQ(struck.verdict, Verdict::error) << struck.cause;
        EXPECT_THAT(struck.cause, HasSubstr("link: "));
      }
}

TEST_F(RigTest, ReadingsThatDidNotArriveSayWhyThereIsNoMeasurement) {
  // In the first window: half of the answers.
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    bench.break_line(2, {.kind = sim::LineFaultKind::truncate, .by = {}, .rate = 0.75}, Time{112s});
  };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::error) << outcome.positions[1].cause;
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("link: "));
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("answers came spoiled or late"));
}

TEST_F(RigTest, AnAdapterThatIsGoneEndsOnlyItsOwnPositionsAndIsNamed) {
  const auto outcome = run(short_plan(), with_fault("fault: disconnect, at: 60 s"));
  EXPECT_EQ(outcome.ending.exit_code, 3);
  EXPECT_TRUE(outcome.source_dead);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::error);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("the line is gone"));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass) << outcome.positions[2].cause;
}

TEST_F(RigTest, MetersThatShareAPortPassLikeThoseThatDoNot) {
  auto bench = with(bench_text(), "port: /dev/ttyUSB1", "port: /dev/ttyUSB0, unit: 2");
  bench = with(bench, "port: /dev/ttyUSB2", "port: /dev/ttyUSB0, unit: 3");
  const auto outcome = run(short_plan(), bench);
  for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::pass) << p.number << ": " << p.cause;
}

TEST_F(RigTest, AMeterThatTakesItsSecondToAnswerPasses) {
  const auto outcome =
      run(short_plan(), with(bench_text(), "one_third_volt: 0.333", "one_third_volt: 0.333, answer_delay_us: 1000000"));
  for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::pass) << p.number << ": " << p.cause;
}

TEST_F(RigTest, TheSlowestLineIsEnough) {
  auto bench = bench_text();
  for (const auto* port : {"port: /dev/ttyUSB0", "port: /dev/ttyUSB1", "port: /dev/ttyUSB2"})
    bench = with(bench, port, std::string{port} + ", baud: 1200, parity: even");
  const auto outcome = run(short_plan(), bench);
  for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::pass) << p.number << ": " << p.cause;
}

TEST_F(RigTest, AMeterAtAnotherSpeedThanTheBenchSaysIsSilentAndFailsForCommunication) {
  const auto outcome =
      run(short_plan(), with(bench_text(), "one_third_volt: 0.333", "one_third_volt: 0.333, baud: 9600"));
  for (const auto& p : outcome.positions) {
    EXPECT_NE(p.verdict, Verdict::pass);
    EXPECT_THAT(p.cause, testing::AnyOf(HasSubstr("communication"), HasSubstr("link")));
  }
}

TEST_F(RigTest, PortsThatCannotBeSharedAreRefusedByPlace) {
  const auto refusal = [](const std::string& bench) {
    try {
      load_bench(file_with("bench.yaml", bench));
    } catch (const Failure& failure) {
      return std::string{failure.what()};
    }
    return std::string{"taken"};
  };
  EXPECT_THAT(refusal(with(bench_text(), "/dev/ttyUSB1", "/dev/ttyUSB0")), HasSubstr("stands twice"));
  EXPECT_THAT(refusal(with(bench_text(), "port: /dev/ttyUSB1", "port: /dev/ttyUSB0, unit: 2, baud: 9600")),
              HasSubstr("another baud"));
  EXPECT_EQ(refusal(with(bench_text(), "port: /dev/ttyUSB1", "port: /dev/ttyUSB0, unit: 2")), "taken");
}

}  // namespace
}  // namespace blondel
