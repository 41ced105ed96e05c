#include <gmock/gmock.h>

#include <cmath>

#include "drivers/reference_meters/reference_meter.hpp"
#include "drivers/sim/instruments/instruments_on_a_table.hpp"
#include "drivers/sim/instruments/zera_com5003_sim.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

LoadPoint balanced(double volts, double amperes, double lag = 0, double hz = 60) {
  LoadPoint p;
  p.frequency = Frequency{hz};
  for (std::size_t k = 0; k < 3; ++k) {
    p.phases[k].voltage = Voltage{volts};
    p.phases[k].voltage_angle = degrees(k == 0 ? 0 : k == 1 ? -120 : 120);
    p.phases[k].current = Current{amperes};
    p.phases[k].lag = degrees(lag);
  }
  return p;
}

sim::SetPoint at_terminals(const LoadPoint& point) {
  sim::SetPoint out{.on = true, .frequency_hz = point.frequency.si(), .channels = {}};
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& p = point.phases[k];
    out.channels[k][1] = std::polar(p.voltage.si(), p.voltage_angle.si());
    out.channels[k + 3][1] = std::polar(p.current.si(), p.voltage_angle.si() - p.lag.si());
  }
  return out;
}

Task<void> guarded(Task<void> doing, std::optional<Error>& failed) {
  try {
    co_await std::move(doing);
  } catch (const Failure& failure) {
    failed = failure.error;
  }
}

Task<void> open(ReferenceMeter& meter, Clock& clock) {
  co_await meter.open(clock.now() + 20s);
}
Task<void> take_next(ReferenceMeter& meter, ReferenceReading& reading) {
  reading = co_await meter.next();
}
Task<void> take_latest(ReferenceMeter& meter, ReferenceReading& reading) {
  reading = co_await meter.latest();
}

Task<void> take_spectrum(ReferenceMeter& meter, ReferenceSpectrum& spectrum) {
  const auto taken = co_await meter.spectrum();
  spectrum = taken.value();
}

class ZeraCom5003Test : public testing::Test {
 protected:
  void make(sim::ZeraCom5003Traits traits = {}) {
    zera = std::make_unique<sim::ZeraCom5003Sim>(clock, circuit, Order{0, 11}, traits);
    table.place("there", [this](std::unique_ptr<ByteStream> wire) { return zera->serve(std::move(wire)); });
    meter = value_or_throw(reference_meters().find("zera-com5003", "test"))(
        Settings::parse("{address: there, uncertainty: 80 ppm}", "bench.yaml"), table, Order{0, 11});
    must(open(*meter, clock));
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
  ReferenceReading next() {
    ReferenceReading reading;
    must(take_next(*meter, reading));
    return reading;
  }
  void apply(const LoadPoint& point) {
    circuit.set(at_terminals(point), clock.now() + sim::Circuit::notice);
    clock.run(clock.pause(sim::Circuit::notice));
  }

  VirtualClock clock;
  sim::IdealCircuit circuit;
  std::unique_ptr<sim::ZeraCom5003Sim> zera;
  sim::ReferenceFaults faults;
  sim::Table table{clock};
  std::unique_ptr<ReferenceMeter> meter;
};

TEST_F(ZeraCom5003Test, TheSpectrumIsThatOfTheIntervalLastReadAndTurnedByVoltageA) {
  make({.seed = 1, .gain_ppm = 0, .phase_urad = 0, .noise_ppm = 0});
  const auto point = balanced(277, 5, 60);
  must(meter->prepare(point, 200ms));
  // All of it leads by 50 degrees, so the third harmonic by 150 more; 9 V at 20 degrees from its own fundamental.
  auto at = at_terminals(point);
  for (auto& channel : at.channels) channel[1] *= std::polar(1.0, degrees(50).si());
  at.channels[0][3] = std::polar(9.0, degrees(170).si());
  circuit.set(at, clock.now() + sim::Circuit::notice);
  clock.run(clock.pause(sim::Circuit::notice));
  next();
  ReferenceSpectrum spectrum;
  must(take_spectrum(*meter, spectrum));
  EXPECT_NEAR(std::abs(spectrum.voltage[0].at(1) - std::complex<double>{277}), 0, 1e-5);
  EXPECT_NEAR(std::abs(spectrum.voltage[1].at(1) - std::polar(277.0, degrees(-120).si())), 0, 1e-5);
  EXPECT_NEAR(std::abs(spectrum.current[0].at(1) - std::polar(5.0, degrees(-60).si())), 0, 1e-6);
  EXPECT_NEAR(std::abs(spectrum.voltage[0].at(3) - std::polar(9.0, degrees(20).si())), 0, 1e-6);
  EXPECT_EQ(spectrum.current[0].count(3), 0u);
}

TEST_F(ZeraCom5003Test, AReadingIsWhatStandsAtTheTerminals) {
  make({.seed = 1, .gain_ppm = 0, .phase_urad = 0, .noise_ppm = 0});
  const auto point = balanced(277, 5, 60);
  must(meter->prepare(point, 200ms));
  apply(point);
  const auto r = next();
  EXPECT_NEAR(r.frequency.si(), 60, 1e-9);
  // 277 V · 5 A · cos 60° = 692.5 W, · sin 60° = 1199.4452 var, 1385 VA.
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(r.voltage[k].si(), 277, 1e-6);
    EXPECT_NEAR(r.current[k].si(), 5, 1e-7);
    EXPECT_NEAR(r.active[k].si(), 692.5, 1e-5);
    EXPECT_NEAR(r.reactive[k].si(), 1199.44518, 1e-4);
    EXPECT_NEAR(r.apparent[k].si(), 1385, 1e-5);
    EXPECT_NEAR(in_degrees(r.lag[k]), 60, 1e-6);
  }
  EXPECT_NEAR(in_degrees(r.voltage_angle[0]), 0, 1e-9);
  EXPECT_NEAR(in_degrees(r.voltage_angle[1]), -120, 1e-6);
  EXPECT_NEAR(in_degrees(r.voltage_angle[2]), 120, 1e-6);
  EXPECT_NEAR(r.active_total.si(), 2077.5, 1e-4);
  EXPECT_EQ(r.to - r.from, 200ms);
}

TEST_F(ZeraCom5003Test, ItsOwnErrorsAreAFewPartsInAMillionAndTheSameForTheSameSeed) {
  std::array<double, 2> powers{};
  for (auto& power : powers) {
    make({.seed = 9});
    const auto point = balanced(277, 5);
    must(meter->prepare(point, 1s));
    apply(point);
    power = next().active_total.si();
    EXPECT_NE(power, 4155);
    EXPECT_NEAR(power, 4155, 4155 * 12e-6);
  }
}

TEST_F(ZeraCom5003Test, TheNextIntervalBeganAfterItWasAskedForWheneverThatIs) {
  make({.seed = 3, .gain_ppm = 0, .phase_urad = 0, .noise_ppm = 0});
  must(meter->prepare(balanced(277, 5), 500ms));
  for (int n = 0; n < 40; ++n) {
    // Every change just before the call, at another phase of the meter's intervals: no mixture may ever be read.
    const double volts = 100 + n;
    apply(balanced(volts, 5));
    const Time asked = clock.now();
    const auto r = next();
    EXPECT_NEAR(r.voltage[0].si(), volts, 1e-6);
    EXPECT_GE(r.from, asked);
    EXPECT_LE(r.to, clock.now());
    EXPECT_LE(clock.now() - asked, 1300ms);
    clock.run(clock.pause(Duration{n * 37'000'000}));
  }
}

TEST_F(ZeraCom5003Test, TheLatestIntervalTakesOneIntegrationTimeAtMost) {
  make();
  must(meter->prepare(balanced(277, 5), 1s));
  apply(balanced(277, 5));
  clock.run(clock.pause(3s));
  const Time asked = clock.now();
  ReferenceReading reading;
  must(take_latest(*meter, reading));
  EXPECT_LE(clock.now() - asked, 1200ms);
  EXPECT_NEAR(reading.voltage[2].si(), 277, 0.01);
}

TEST_F(ZeraCom5003Test, DeadTerminalsReadAsDeadAndNotAsAFailure) {
  make();
  const auto r = next();
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_LT(r.voltage[k].si(), 0.01);
    EXPECT_LT(r.current[k].si(), 0.001);
  }
}

TEST_F(ZeraCom5003Test, AnOverloadedInputIsReported) {
  make();
  must(meter->prepare(balanced(100, 1), 200ms));
  apply(balanced(277, 1));
  ReferenceReading reading;
  const auto failed = run(take_next(*meter, reading));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::instrument);
  EXPECT_THAT(failed->what, HasSubstr("overloaded"));
}

TEST_F(ZeraCom5003Test, WhatItCannotMeasureIsRefused) {
  make();
  EXPECT_EQ(meter->cannot(balanced(277, 5)), std::nullopt);
  EXPECT_TRUE(meter->cannot(balanced(481, 5)));
  EXPECT_TRUE(meter->cannot(balanced(277, 101)));
  EXPECT_TRUE(meter->cannot(balanced(277, 5, 0, 400)));
  EXPECT_EQ(run(meter->prepare(balanced(481, 5), 1s))->fault, Fault::incapable);
}

TEST_F(ZeraCom5003Test, TheBenchFileSaysHowGoodItIs) {
  make();
  EXPECT_DOUBLE_EQ(meter->expanded_uncertainty(balanced(277, 5)).si(), 80e-6);
}

TEST_F(ZeraCom5003Test, NoValueGarbageAndSilenceAreNeverReadings) {
  make();
  ReferenceReading reading;
  faults.not_a_number = true;
  zera->inject(faults);
  auto failed = run(take_next(*meter, reading));
  ASSERT_TRUE(failed);
  EXPECT_THAT(failed->what, HasSubstr("no value"));
  faults = {};
  faults.answers.garbage = true;
  zera->inject(faults);
  failed = run(take_next(*meter, reading));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::protocol);
  faults = {};
  faults.answers.silent = true;
  zera->inject(faults);
  failed = run(take_next(*meter, reading));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->fault, Fault::timeout);
}

TEST_F(ZeraCom5003Test, ALateAnswerIsNotTakenForTheNextModules) {
  make({.seed = 1, .gain_ppm = 0, .phase_urad = 0, .noise_ppm = 0});
  apply(balanced(277, 5));
  faults.answers.slow_query = "FETCh:POW1?";
  faults.answers.slow_by = 5s;
  zera->inject(faults);
  ReferenceReading reading;
  EXPECT_EQ(run(take_next(*meter, reading))->fault, Fault::timeout);
  zera->inject({});
  const auto r = next();
  EXPECT_NEAR(r.active_total.si(), 4155, 1e-3);
  EXPECT_NEAR(r.apparent[0].si(), 1385, 1e-3);
}

}  // namespace
}  // namespace blondel
