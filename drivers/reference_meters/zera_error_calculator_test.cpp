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

/// A contact that closes every `period`, the first time at `first`, for a tenth of it.
class SteadyContact final : public sim::CalculatorInput {
 public:
  SteadyContact(const Clock& clock, Time first, Duration period) : clock_{clock}, first_{first}, period_{period} {}

  void follow() override { following = true; }
  void leave() override { following = false; }
  Task<std::vector<ContactEdge>> edges() override {
    std::vector<ContactEdge> all;
    for (; edge(next_) <= clock_.now() && edge(next_) <= stops_at; ++next_)
      all.push_back({edge(next_), next_ % 2 == 0, static_cast<std::uint64_t>(next_) + 1});
    co_return all;
  }

  bool following = false;
  Time stops_at = never;

 private:
  Time edge(long long n) const { return first_ + period_ * (n / 2) + (n % 2 == 0 ? Duration{} : period_ / 10); }

  const Clock& clock_;
  Time first_;
  Duration period_;
  long long next_ = 0;
};

LoadPoint three_phase(double volts, double amperes, double lag_degrees) {
  LoadPoint p;
  p.frequency = Frequency{50};
  for (std::size_t k = 0; k < 3; ++k) {
    p.phases[k].voltage = Voltage{volts};
    p.phases[k].current = Current{amperes};
    p.phases[k].lag = degrees(lag_degrees);
  }
  return p;
}

Task<void> opened(ReferenceMeter& meter, LoadPoint point, Time deadline) {
  co_await meter.open(deadline);
  const Duration integration{200ms};
  co_await meter.prepare(point, integration);
}
Task<void> take(ErrorCalculator& calculator, std::string input, std::optional<CalculatedError>& error) {
  error = co_await calculator.result(input);
}
Task<void> take_constant(ErrorCalculator& calculator, double& constant) {
  constant = co_await calculator.reference_constant();
}
Task<void> take_reading(ReferenceMeter& meter, ReferenceReading& reading) {
  reading = co_await meter.next();
}
Task<void> catching(Task<void> doing, std::optional<Error>& failed) {
  try {
    co_await std::move(doing);
  } catch (const Failure& failure) {
    failed = failure.error;
  }
}

class ZeraErrorCalculatorTest : public testing::Test {
 protected:
  /// The reference with 230 V and 5 A at its terminals: 3450 W at lag 0.
  void make(double lag_degrees = 0, sim::ZeraCom5003Traits traits = ideal) {
    zera = std::make_unique<sim::ZeraCom5003Sim>(clock, circuit, Order{0, 11}, traits);
    table.place("there", [this](std::unique_ptr<ByteStream> wire) { return zera->serve(std::move(wire)); });
    meter = value_or_throw(reference_meters().find("zera-com5003", "test"))(
        Settings::parse("{address: there, uncertainty: 80 ppm}", "bench.yaml"), table, Order{0, 11});
    const auto point = three_phase(230, 5, lag_degrees);
    must(opened(*meter, point, clock.now() + 20s));
    sim::SetPoint out{.on = true, .frequency_hz = 50, .channels = {}};
    for (std::size_t k = 0; k < 3; ++k) {
      out.channels[k][1] = std::polar(230.0, degrees(-120.0 * static_cast<double>(k)).si());
      out.channels[k + 3][1] = std::polar(5.0, degrees(-120.0 * static_cast<double>(k) - lag_degrees).si());
    }
    circuit.set(out, clock.now() + sim::Circuit::notice);
    wait(1s);
  }
  std::shared_ptr<SteadyContact> wire(const std::string& input, Duration period, Duration first = 300ms) {
    auto contact = std::make_shared<SteadyContact>(clock, clock.now() + first, period);
    zera->wire(input, contact);
    return contact;
  }
  std::optional<Error> run(Task<void> doing) {
    std::optional<Error> failed;
    clock.run(catching(std::move(doing), failed));
    return failed;
  }
  void must(Task<void> doing) {
    const auto failed = run(std::move(doing));
    ASSERT_FALSE(failed) << failed->what;
  }
  void wait(Duration time) { clock.run(clock.pause(time)); }
  ErrorCalculator& calculator() { return *meter->calculator(); }
  std::optional<CalculatedError> result(const std::string& input) {
    std::optional<CalculatedError> error;
    must(take(calculator(), input, error));
    return error;
  }
  std::string refusal(Task<void> doing) {
    const auto failed = run(std::move(doing));
    return failed ? failed->what : "nothing was refused";
  }
  std::string result_refused(const std::string& input) {
    std::optional<CalculatedError> error;
    return refusal(take(calculator(), input, error));
  }

  static inline const sim::ZeraCom5003Traits ideal{.seed = 1, .gain_ppm = 0, .phase_urad = 0, .noise_ppm = 0};
  VirtualClock clock;
  sim::IdealCircuit circuit;
  std::unique_ptr<sim::ZeraCom5003Sim> zera;
  sim::Table table{clock};
  std::unique_ptr<ReferenceMeter> meter;
};

TEST_F(ZeraErrorCalculatorTest, AMeterThatGivesAPulseTooManyInAThousandIsATenthOfAPercentHigh) {
  make();
  // 3450 W are 0.95833 Wh a second. A pulse each second stands for 1 / 1042.434 kWh: 1.001 times that.
  const double constant = 3.6e6 / (3450 * 1.001);
  const auto contact = wire("SC1", 1s);
  must(calculator().start({.input = "SC1", .pulses_per_kwh = constant, .pulses = 20}));
  EXPECT_TRUE(contact->following);
  wait(19s);
  EXPECT_EQ(result("SC1"), std::nullopt);
  wait(2s);
  const auto error = result("SC1");
  ASSERT_TRUE(error);
  // 20 s of 3450 W at 200 kHz for 3 · 250 V · 5 A.
  EXPECT_NEAR(error->reference_pulses, 20 * 200e3 * 3450 / 3750, 1);
  EXPECT_NEAR(error->relative, 0.001, 1.01 / error->reference_pulses);
  EXPECT_NEAR(error->seconds, 20, 0.001);
  EXPECT_FALSE(contact->following);
  EXPECT_THAT(result_refused("SC1"), HasSubstr("no error calculation is under way at SC1"));
}

TEST_F(ZeraErrorCalculatorTest, TheReferencesOwnErrorIsInTheResult) {
  auto traits = ideal;
  traits.power_gain_ppm = sim::ErrorDistribution::even(2000, 0);
  make(0, traits);
  wire("SC1", 1s);
  must(calculator().start({.input = "SC1", .pulses_per_kwh = 3.6e6 / 3450, .pulses = 10}));
  wait(12s);
  const auto error = result("SC1");
  ASSERT_TRUE(error);
  EXPECT_NEAR(error->relative, 1 / 1.002 - 1, 1.01 / error->reference_pulses);
}

TEST_F(ZeraErrorCalculatorTest, ReactiveEnergyIsComparedWithTheReferencesReactiveEnergy) {
  make(60);
  wire("SC2", 500ms);
  // 3 · 230 V · 5 A · sin 60 degrees = 2987.788 var.
  const double vars = 3 * 230 * 5 * std::sqrt(0.75);
  must(calculator().start(
      {.input = "SC2", .pulses_per_kwh = 3.6e6 / (vars * 0.5), .pulses = 30, .of = CalculatorRun::Of::reactive}));
  wait(16s);
  const auto error = result("SC2");
  ASSERT_TRUE(error);
  EXPECT_NEAR(error->relative, 0, 1.01 / error->reference_pulses);
  EXPECT_NEAR(error->reference_pulses, 15 * 200e3 * vars / 3750, 1);
}

TEST_F(ZeraErrorCalculatorTest, InputsCountSideBySideAndReadingsGoOn) {
  make();
  wire("SC1", 1s);
  wire("SC3", 300ms, 700ms);
  must(calculator().start({.input = "SC1", .pulses_per_kwh = 3.6e6 / 3450 / 0.998, .pulses = 5}));
  must(calculator().start({.input = "SC3", .pulses_per_kwh = 3.6e6 / 3450 / 0.3 / 1.004, .pulses = 50}));
  ReferenceReading reading;
  must(take_reading(*meter, reading));
  EXPECT_NEAR(reading.active_total.si(), 3450, 1e-3);
  must(meter->prepare(three_phase(230, 5, 0), 500ms));
  wait(6s);
  const auto one = result("SC1");
  EXPECT_EQ(result("SC3"), std::nullopt);
  wait(10s);
  const auto three = result("SC3");
  ASSERT_TRUE(one && three);
  EXPECT_NEAR(one->relative, -0.002, 2e-6);
  EXPECT_NEAR(three->relative, 0.004, 1e-6);
}

TEST_F(ZeraErrorCalculatorTest, AChangeOfRangeIsRefusedWhileACalculationIsUnderWay) {
  make();
  wire("SC1", 1s);
  must(calculator().start({.input = "SC1", .pulses_per_kwh = 1000, .pulses = 5}));
  EXPECT_THAT(refusal(meter->prepare(three_phase(230, 1, 0), 200ms)), HasSubstr("spoil the error calculation at SC1"));
  must(calculator().stop("SC1"));
  must(calculator().stop("SC1"));
  must(meter->prepare(three_phase(230, 1, 0), 200ms));
}

Task<void> say(sim::Table& table, std::string line) {
  const std::string there{"there"};
  const auto wire = co_await table.connect(there, Order{0, 12}, never);
  co_await wire->write(line + "\n", never);
  co_await table.clock().pause(1s);
}

TEST_F(ZeraErrorCalculatorTest, AChangeOfRangeByAnotherHandAbortsACalculationAndAnotherSessionCanStopIt) {
  make();
  wire("SC1", 1s);
  for (const auto* line : {"SENS:RNG1:IL2:RANG 10A;", "CALC:EC01:0001:START 0;"}) {
    must(calculator().start({.input = "SC1", .pulses_per_kwh = 1000, .pulses = 5}));
    wait(2s);
    must(say(table, line));
    EXPECT_THAT(result_refused("SC1"), HasSubstr("was aborted"));
  }
}

TEST_F(ZeraErrorCalculatorTest, WithoutAPulseItFailsInsteadOfWaiting) {
  make();
  must(calculator().start({.input = "SC4", .pulses_per_kwh = 1000, .pulses = 5, .longest_gap = 10s}));
  wait(9s);
  EXPECT_EQ(result("SC4"), std::nullopt);
  wait(2s);
  EXPECT_THAT(result_refused("SC4"), HasSubstr("no first pulse came at SC4 for 11 s"));

  const auto contact = wire("SC1", 1s);
  contact->stops_at = clock.now() + 4s;
  must(calculator().start({.input = "SC1", .pulses_per_kwh = 1000, .pulses = 50, .longest_gap = 10s}));
  for (int n = 0; n < 12; ++n) {
    wait(1s);
    EXPECT_EQ(result("SC1"), std::nullopt);
  }
  wait(3s);
  EXPECT_THAT(result_refused("SC1"), HasSubstr("no pulse came at SC1"));
}

TEST_F(ZeraErrorCalculatorTest, WhatItCannotDoIsRefused) {
  make();
  EXPECT_THAT(calculator().inputs(), testing::Contains("SC1"));
  EXPECT_THAT(refusal(calculator().start({.input = "SC9", .pulses_per_kwh = 1000, .pulses = 5})),
              HasSubstr("no input 'SC9'"));
  EXPECT_THAT(refusal(calculator().start({.input = "SC1", .pulses_per_kwh = 1000, .pulses = 0})),
              HasSubstr("0 pulses"));
  EXPECT_THAT(refusal(calculator().start({.input = "SC1", .pulses_per_kwh = 0, .pulses = 1})),
              HasSubstr("0 pulses/kWh"));
  // 1.92e8 pulses of the reference each kWh: 32 bits hold 22 kWh.
  EXPECT_THAT(refusal(calculator().start({.input = "SC1", .pulses_per_kwh = 1, .pulses = 23})), HasSubstr("2^32 - 1"));
  EXPECT_THAT(result_refused("SC1"), HasSubstr("no error calculation is under way"));
}

TEST_F(ZeraErrorCalculatorTest, ThePulsesOfTheReferenceFollowItsRanges) {
  make();
  double constant = 0;
  must(take_constant(calculator(), constant));
  EXPECT_NEAR(constant, 200e3 * 3.6e6 / 3750, 1);
  must(meter->prepare(three_phase(230, 10, 0), 200ms));
  must(take_constant(calculator(), constant));
  // The maker's recorded answer at 250 V and 10 A.
  EXPECT_NEAR(constant, 9.6e7, 1);
}

TEST_F(ZeraErrorCalculatorTest, AStartedCalculationThatIsStartedAgainBeginsAnew) {
  make();
  wire("SC1", 1s);
  must(calculator().start({.input = "SC1", .pulses_per_kwh = 1000, .pulses = 5}));
  wait(4s);
  must(calculator().start({.input = "SC1", .pulses_per_kwh = 3.6e6 / 3450, .pulses = 5}));
  wait(4s);
  EXPECT_EQ(result("SC1"), std::nullopt);
  wait(3s);
  const auto error = result("SC1");
  ASSERT_TRUE(error);
  EXPECT_NEAR(error->relative, 0, 2e-6);
}

}  // namespace
}  // namespace blondel
