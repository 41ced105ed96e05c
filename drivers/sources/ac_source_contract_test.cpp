// What every source in the catalog promises, played to each against its simulator.

#include "drivers/sources/ac_source.hpp"

#include <gmock/gmock.h>

#include "drivers/sim/instruments/fluke_6105a_sim.hpp"
#include "drivers/sim/instruments/instruments_on_a_table.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

/// A source's simulator, by the name of its driver.
struct Simulated {
  std::function<Task<void>(std::unique_ptr<ByteStream>)> serve;
  std::function<void()> trip;
  std::function<void()> fall_silent;
  std::shared_ptr<void> owner;
};

Simulated simulated(const std::string& driver, Clock& clock, sim::Circuit& circuit) {
  if (driver == "fluke-6105a") {
    const auto fluke = std::make_shared<sim::Fluke6105aSim>(clock, circuit, Order{0, 10});
    return {.serve = [fluke](std::unique_ptr<ByteStream> wire) { return fluke->serve(std::move(wire)); },
            .trip = [fluke] { fluke->trip(); },
            .fall_silent = [fluke] { fluke->inject({.answers = {.dead = true}, .trip_after_on = {}, .trip_at = {}}); },
            .owner = fluke};
  }
  throw std::logic_error{"no simulator for " + driver + " in this test"};
}

LoadPoint balanced(double volts, double amperes, double hz = 60) {
  LoadPoint p;
  p.frequency = Frequency{hz};
  for (std::size_t k = 0; k < 3; ++k) {
    p.phases[k].voltage = Voltage{volts};
    p.phases[k].voltage_angle = degrees(k == 0 ? 0 : k == 1 ? -120 : 120);
    p.phases[k].current = Current{amperes};
    p.phases[k].lag = degrees(60);
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

class AcSourceContract : public testing::TestWithParam<std::string> {
 protected:
  AcSourceContract() {
    circuit.clock = &clock;
    table.place("there", simulator.serve);
    source = value_or_throw(ac_sources().find(GetParam(), "test"))(
        Settings::parse("{driver: x, address: there}", "bench.yaml"), table, Order{0, 10});
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
  Simulated simulator = simulated(GetParam(), clock, circuit);
  sim::Table table{clock};
  std::unique_ptr<AcSource> source;
};

TEST_P(AcSourceContract, OpeningIdentifiesAndLeavesTheOutputOff) {
  std::optional<Identity> identity;
  const auto opening = [](AcSource& s, Clock& c, std::optional<Identity>& who) -> Task<void> {
    who = co_await s.open(c.now() + 20s);
  };
  must(opening(*source, clock, identity));
  EXPECT_FALSE(identity->maker.empty());
  EXPECT_FALSE(identity->model.empty());
  EXPECT_FALSE(identity->serial.empty());
  EXPECT_TRUE(circuit.dead(clock.now()));
}

TEST_P(AcSourceContract, WhatItCannotDoIsSaidWithoutTrafficAndRefusedWithTheOutputAsItWas) {
  EXPECT_EQ(source->cannot(balanced(120, 1)), std::nullopt);
  EXPECT_TRUE(source->cannot(balanced(5000, 1)));
  EXPECT_TRUE(source->cannot(balanced(120, 5000)));
  EXPECT_TRUE(source->cannot(balanced(120, 1, 20'000)));
  EXPECT_EQ(table.connections, 0u);

  must(open(*source, clock));
  must(source->apply(balanced(120, 1)));
  const auto before = circuit.target();
  const auto failed = run(source->apply(balanced(5000, 1)));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::incapable);
  EXPECT_THAT(failed->what, testing::HasSubstr("as it was"));
  EXPECT_EQ(circuit.target(), before);
}

TEST_P(AcSourceContract, APointStandsAtTheTerminalsAfterTheForecastTimeAtTheLatest) {
  must(open(*source, clock));
  const auto forecast = source->forecast();
  for (const auto& [volts, amperes] :
       {std::pair{120.0, 1.0}, {110.0, 1.0}, {110.0, 0.05}, {277.0, 20.0}, {277.0, 0.0}}) {
    const Time before = clock.now();
    const auto foretold = forecast->apply(balanced(volts, amperes));
    must(source->apply(balanced(volts, amperes)));
    EXPECT_LE(clock.now() + source->settling(), before + foretold);
    EXPECT_GE(clock.now() + source->settling(), before + foretold - 2s) << "and not much earlier";
    must(source->check());
    EXPECT_TRUE(circuit.target().on);
    EXPECT_NEAR(std::abs(circuit.target().channels[sim::ub].at(1)), volts, 1e-9);
    if (amperes > 0) {
      const auto u = circuit.target().channels[sim::uc].at(1), i = circuit.target().channels[sim::ic].at(1);
      EXPECT_NEAR(std::abs(i), amperes, 1e-9);
      EXPECT_NEAR(std::arg(u * std::conj(i)), degrees(60).si(), 1e-9) << "positive lag is inductive";
    } else {
      EXPECT_TRUE(circuit.target().channels[sim::ic].empty());
    }
    clock.run(clock.pause(source->settling()));
  }
  EXPECT_FALSE(circuit.late);
}

TEST_P(AcSourceContract, ATripIsFoundByTheNextCheck) {
  must(open(*source, clock));
  must(source->apply(balanced(120, 1)));
  must(source->check());
  simulator.trip();
  const auto failed = run(source->check());
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::tripped);
}

TEST_P(AcSourceContract, ItIsMadeSafeFromAnyStateAsOftenAsAsked) {
  must(source->make_safe());  // not even opened
  must(open(*source, clock));
  must(source->make_safe());
  must(source->apply(balanced(120, 1)));
  must(source->make_safe());
  must(source->make_safe());
  clock.run(clock.pause(sim::Circuit::notice));
  EXPECT_TRUE(circuit.dead(clock.now()));
  EXPECT_FALSE(circuit.target().on);
  must(source->apply(balanced(120, 1)));
  EXPECT_TRUE(circuit.target().on);
  simulator.trip();
  must(source->make_safe());
}

TEST_P(AcSourceContract, OffThatCannotBeProvedIsAFailureWithinItsLimit) {
  must(open(*source, clock));
  must(source->apply(balanced(120, 1)));
  simulator.fall_silent();
  const Time before = clock.now();
  EXPECT_TRUE(run(source->make_safe()));
  EXPECT_LE(clock.now() - before, 3s);
}

TEST_P(AcSourceContract, AnInstrumentThatIsNotThereIsUnreachable) {
  table.remove("there");
  EXPECT_EQ(run(open(*source, clock))->fault, Fault::unreachable);
  EXPECT_EQ(run(source->make_safe())->fault, Fault::unreachable);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& line : ac_sources().lines()) all.push_back(line.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(EverySource, AcSourceContract, testing::ValuesIn(names()), [](const auto& source) {
  std::string word;
  for (const char c : source.param) word += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return word;
});

}  // namespace
}  // namespace blondel
