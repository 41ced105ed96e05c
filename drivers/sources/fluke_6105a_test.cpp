#include <gmock/gmock.h>

#include "drivers/sim/instruments/fluke_6105a_sim.hpp"
#include "drivers/sim/instruments/instruments_on_a_table.hpp"
#include "drivers/sources/ac_source.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

LoadPoint balanced(double volts, double amperes) {
  LoadPoint p;
  p.frequency = Frequency{60};
  for (std::size_t k = 0; k < 3; ++k) {
    p.phases[k].voltage = Voltage{volts};
    p.phases[k].voltage_angle = degrees(k == 0 ? 0 : k == 1 ? -120 : 120);
    p.phases[k].current = Current{amperes};
  }
  return p;
}

Task<void> guarded(Task<void> doing, std::optional<Error>& failed) {
  try {
    co_await std::move(doing);
  } catch (const Failure& failure) {
    failed = failure.error;
  }
}

Task<void> open(AcSource& source, Clock& clock) {
  co_await source.open(clock.now() + 20s);
}

class Fluke6105aTest : public testing::Test {
 protected:
  Fluke6105aTest() {
    circuit.clock = &clock;
    table.place("there", [this](std::unique_ptr<ByteStream> wire) { return fluke.serve(std::move(wire)); });
  }
  std::optional<Error> run(Task<void> doing) {
    std::optional<Error> failed;
    clock.run(guarded(std::move(doing), failed));
    return failed;
  }
  void must(Task<void> doing) {
    const auto failed = run(std::move(doing));
    ASSERT_FALSE(failed) << failed->what;
  }

  VirtualClock clock;
  sim::IdealCircuit circuit;
  sim::Fluke6105aSim fluke{clock, circuit, Order{0, 10}};
  sim::SourceFaults faults;
  sim::Table table{clock};
  std::unique_ptr<AcSource> source = value_or_throw(ac_sources().find("fluke-6105a", "test"))(
      Settings::parse("{address: there, timeout: 3 s}", "bench.yaml"), table, Order{0, 10});
};

TEST_F(Fluke6105aTest, ItIsWhatItsOwnAnswersSay) {
  Identity identity;
  const auto opening = [](AcSource& s, Clock& c, Identity& who) -> Task<void> { who = co_await s.open(c.now() + 20s); };
  must(opening(*source, clock, identity));
  const Identity expected{.maker = "FLUKE", .model = "6105A", .serial = "654321", .firmware = "2.04"};
  EXPECT_EQ(identity, expected);
}

TEST_F(Fluke6105aTest, ATripBetweenSettingAndReadingBackIsFoundByApply) {
  must(open(*source, clock));
  faults.trip_after_on = 1ms;
  fluke.inject(faults);
  const auto failed = run(source->apply(balanced(230, 5)));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::tripped);
  EXPECT_THAT(failed->what, HasSubstr("switched off"));
  clock.run(clock.pause(100ms));
  EXPECT_TRUE(circuit.dead(clock.now()));
}

TEST_F(Fluke6105aTest, ATripAtAnInstantOfBenchTimeIsFoundByCheck) {
  must(open(*source, clock));
  must(source->apply(balanced(230, 5)));
  faults.trip_at = clock.now() + 60s;
  fluke.inject(faults);
  clock.run(clock.pause(59s));
  must(source->check());
  EXPECT_FALSE(circuit.dead(clock.now()));
  clock.run(clock.pause(2s));
  EXPECT_TRUE(circuit.dead(clock.now()));
  EXPECT_EQ(run(source->check())->fault, Fault::tripped);
}

TEST_F(Fluke6105aTest, TheNumberForNoValueIsNoReadBack) {
  must(open(*source, clock));
  faults.not_a_number = true;
  fluke.inject(faults);
  const auto failed = run(source->apply(balanced(230, 5)));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::protocol);
  EXPECT_THAT(failed->what, HasSubstr("no value"));
}

TEST_F(Fluke6105aTest, GarbageIsAProtocolFailureAndNeverAnAnswer) {
  must(open(*source, clock));
  faults.answers.garbage = true;
  fluke.inject(faults);
  const auto failed = run(source->apply(balanced(230, 5)));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::protocol);
  EXPECT_THAT(failed->what, HasSubstr("could not be proved off"));
}

TEST_F(Fluke6105aTest, ALateReadBackLeavesTheNextPointRight) {
  must(open(*source, clock));
  faults.answers.slow_query = "SOURce:PHASe#:VOLTage:MHARmonics:HARMonic#?";
  faults.answers.slow_by = 4s;
  fluke.inject(faults);
  EXPECT_EQ(run(source->apply(balanced(230, 5)))->fault, Fault::timeout);
  EXPECT_TRUE(circuit.dead(clock.now()));
  fluke.inject({});
  must(source->apply(balanced(120, 1)));
  must(source->check());
  EXPECT_NEAR(std::abs(circuit.target().channels[sim::ua].at(1)), 120, 1e-9);
}

TEST_F(Fluke6105aTest, OffDoesNotQueueBehindASlowAnswerOfTheWorkSession) {
  must(open(*source, clock));
  must(source->apply(balanced(230, 5)));
  faults.answers.slow_query = "SYSTem:ERRor?";
  faults.answers.slow_by = 60s;
  fluke.inject(faults);
  std::optional<Error> stuck, unsafe;
  const auto after = [](Clock& c, Task<void> then) -> Task<void> {
    co_await c.pause(500ms);
    co_await std::move(then);
  };
  Time off{};
  const auto stamped = [](Clock& c, AcSource& s, Time& when) -> Task<void> {
    co_await s.make_safe();
    when = c.now();
  };
  const Time before = clock.now();
  std::vector<Task<void>> tasks;
  tasks.push_back(guarded(source->check(), stuck));
  tasks.push_back(guarded(after(clock, stamped(clock, *source, off)), unsafe));
  clock.run(together(clock, std::move(tasks)));
  EXPECT_FALSE(unsafe);
  EXPECT_LT(off - before, 600ms) << "of which 500 ms passed before it was asked for";
  EXPECT_EQ(stuck->fault, Fault::timeout);
}

TEST_F(Fluke6105aTest, AnOutputThatStaysOnIsNeverCalledSafe) {
  must(open(*source, clock));
  must(source->apply(balanced(230, 5)));
  faults.stays_on = true;
  fluke.inject(faults);
  const auto failed = run(source->make_safe());
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::instrument);
  EXPECT_THAT(failed->what, HasSubstr("could not be proved off within 2 s"));
}

TEST_F(Fluke6105aTest, APointThatIsOvertakenByOffIsNotSwitchedOn) {
  must(open(*source, clock));
  std::optional<Error> overtaken, unsafe;
  const auto soon = [](Clock& c, AcSource& s) -> Task<void> {
    co_await c.pause(100ms);
    co_await s.make_safe();
  };
  std::vector<Task<void>> tasks;
  tasks.push_back(guarded(source->apply(balanced(230, 5)), overtaken));
  tasks.push_back(guarded(soon(clock, *source), unsafe));
  clock.run(together(clock, std::move(tasks)));
  ASSERT_TRUE(overtaken);
  EXPECT_EQ(overtaken->fault, Fault::refused);
  EXPECT_FALSE(unsafe);
  EXPECT_FALSE(circuit.target().on);
}

TEST_F(Fluke6105aTest, AfterAFailedPointTheInstrumentIsResetBeforeTheNext) {
  must(open(*source, clock));
  must(source->apply(balanced(230, 5)));
  faults.not_a_number = true;
  fluke.inject(faults);
  EXPECT_TRUE(run(source->apply(balanced(200, 4))));
  EXPECT_FALSE(fluke.output_on());
  fluke.inject({});
  must(source->apply(balanced(230, 0)));
  EXPECT_TRUE(circuit.target().channels[sim::ia].empty());
  EXPECT_EQ(source->settling(), 32s);
}

}  // namespace
}  // namespace blondel
