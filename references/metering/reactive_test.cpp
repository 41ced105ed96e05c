#include "references/metering/reactive.hpp"

#include <gtest/gtest.h>

#include "references/metering/phasor_metering.hpp"

namespace blondel {
namespace {

Spectrum lines(std::initializer_list<std::array<double, 3>> rms_at_degrees) {
  Spectrum s;
  for (const auto& [order, rms, angle] : rms_at_degrees)
    s[static_cast<int>(order)] = std::polar(rms, degrees(angle).si());
  return s;
}

const Spectrum distorted_voltage = lines({{1, 100, 0}, {3, 8, -70}, {5, 15, 140}, {7, 5, 20}});
const Spectrum distorted_current = lines({{1, 100, -30}, {3, 20, -165}, {5, 15, 233}, {7, 10, 288}});

TEST(ReactiveTest, OneDistortedLoadHasSixReactivePowers) {
  const Element e = element(distorted_voltage, distorted_current);
  const std::pair<ReactiveMethod, double> var[] = {
      {ReactiveMethod::fundamental, 5000.00},    {ReactiveMethod::budeanu, 4984.67},
      {ReactiveMethod::quarter_period, 4565.95}, {ReactiveMethod::integrator, 5015.33},
      {ReactiveMethod::differentiator, 4704.50}, {ReactiveMethod::fryze, 6007.71}};
  for (const auto& [method, expected] : var) EXPECT_NEAR(e.reactive_by(method)->si(), expected, 0.005) << name(method);
  EXPECT_FALSE(e.reactive_by(ReactiveMethod::fixed_delay)) << "no nominal frequency was given";
}

TEST(ReactiveTest, ALaggingLoadIsPositiveByEveryDefinitionAndASinusoidHasOneValue) {
  const Spectrum u{{1, 230.0}}, i{{1, std::polar(5.0, degrees(-60).si())}};
  for (const ReactiveMethod method : reactive_methods)
    EXPECT_NEAR(element(u, i, {}, 0.25).reactive_by(method)->si(), 995.929214, 5e-7) << name(method);
}

TEST(ReactiveTest, AQuarterPeriodTurnsOrdersRoundInFours) {
  // Of 1 V and 1 A at 30 degrees lag: cos(30 - h·90).
  const double expected[] = {1.0, 0.5, -std::sqrt(0.75), -0.5, std::sqrt(0.75), 0.5};
  for (int h = 0; h <= 5; ++h) {
    const Spectrum u{{h, 1.0}}, i{{h, h == 0 ? 1.0 : std::polar(1.0, degrees(-30).si())}};
    EXPECT_NEAR(reactive_power(ReactiveMethod::quarter_period, u, i).si(), expected[h], 1e-15) << h;
  }
}

TEST(ReactiveTest, ADelayFixedForNominalFrequencyIsWrongBesideIt) {
  // 0.15 degrees at 60.1 Hz: 2618 ppm of cot(θ), which is 1 at 45 degrees, in the direction of the lag.
  const PhasorSet set{.frequency = Frequency{60.1},
                      .voltage = {Spectrum{{1, 230.0}}},
                      .current = {Spectrum{{1, std::polar(1.0, degrees(-45).si())}}}};
  const auto q = phasor_metering(set, Service::one_phase, {.nominal = Frequency{60}});
  const double error = *q.reactive_by(ReactiveMethod::fixed_delay) / q.reactive - 1;
  EXPECT_NEAR(std::abs(error), 2618e-6, 5e-6);
}

TEST(ReactiveTest, ADelayOfADcLineIsActivePowerAndOrdersHaveNoSign) {
  EXPECT_EQ(reactive_weight(ReactiveMethod::quarter_period, 0), std::complex<double>(1, 0));
  EXPECT_EQ(reactive_weight(ReactiveMethod::integrator, 0), std::complex<double>(0, 0));
  EXPECT_THROW(reactive_weight(ReactiveMethod::budeanu, -1), std::logic_error);
  EXPECT_THROW(reactive_weight(ReactiveMethod::fryze, 1), std::logic_error);
}

}  // namespace
}  // namespace blondel
