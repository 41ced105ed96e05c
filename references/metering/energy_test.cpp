#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "references/metering/energy_registers.hpp"
#include "references/metering/phasor_energy.hpp"
#include "references/metering/steady_samples.hpp"

namespace blondel {
namespace {

constexpr Seconds hour{3600};

TEST(EnergyRegistersTest, ANegativePhaseIsNettedOrExportedAsTheMeterIsSet) {
  const PhasePowers mean{
      .active = {ActivePower{1000}, ActivePower{-400}, ActivePower{0}}, .reactive = {}, .apparent = {}};
  EnergyRegisters net{{.split = DirectionSplit::net}}, apart{{.split = DirectionSplit::per_phase}};
  net.add(mean, hour);
  apart.add(mean, hour);
  EXPECT_NEAR(in_watt_hours(net.imported()), 600, 1e-9);
  EXPECT_NEAR(in_watt_hours(net.exported()), 0, 1e-9);
  EXPECT_NEAR(in_watt_hours(apart.imported()), 1000, 1e-9);
  EXPECT_NEAR(in_watt_hours(apart.exported()), 400, 1e-9);
  EXPECT_EQ(net.net(), apart.net());
}

TEST(EnergyRegistersTest, ReactiveEnergyGoesToItsQuadrant) {
  const double p[] = {1, -1, -1, 1}, q[] = {1, 1, -1, -1};
  for (std::size_t k = 0; k < 4; ++k) {
    EnergyRegisters registers;
    registers.add({.active = {ActivePower{p[k]}}, .reactive = {ReactivePower{q[k]}}, .apparent = {}}, Seconds{10});
    for (int quadrant = 1; quadrant <= 4; ++quadrant)
      EXPECT_EQ(registers.quadrant(quadrant).si(), quadrant == static_cast<int>(k) + 1 ? 10 : 0);
    EXPECT_EQ(registers.reactive_imported().si(), q[k] > 0 ? 10 : 0);
  }
  EXPECT_THROW(EnergyRegisters{}.quadrant(0), std::logic_error);
}

TEST(EnergyRegistersTest, ApparentEnergyIsTheSumOfPhasesOrTheirVector) {
  const PhasePowers mean{.active = {ActivePower{3}, ActivePower{0}, ActivePower{0}},
                         .reactive = {ReactivePower{0}, ReactivePower{4}, ReactivePower{0}},
                         .apparent = {ApparentPower{3}, ApparentPower{4}, ApparentPower{0}}};
  EnergyRegisters arithmetic, vector{{.apparent = ApparentSum::vector}};
  arithmetic.add(mean, Seconds{1});
  vector.add(mean, Seconds{1});
  EXPECT_NEAR(arithmetic.apparent().si(), 7, 1e-12);
  EXPECT_NEAR(vector.apparent().si(), 5, 1e-12);
}

TEST(PhasorEnergyTest, IsTheIntegralOfThePowerOverAnyInterval) {
  std::mt19937_64 engine{11};
  for (int n = 0; n < 5; ++n) {
    const double f = uniform(engine, 45, 65);
    const PhasorSet set = rough_lines(engine, f);
    const double length = uniform(engine, 0.001, 0.05);
    // Five-point Gauss-Legendre on pieces of the interval, from the waveform.
    constexpr double node[] = {-0.9061798459386640, -0.5384693101056831, 0, 0.5384693101056831, 0.9061798459386640};
    constexpr double weight[] = {0.2369268850561891, 0.4786286704993665, 0.5688888888888889, 0.4786286704993665,
                                 0.2369268850561891};
    const auto value = [&](const Spectrum& s, double t) {
      double x = 0;
      for (const auto& [h, phasor] : s)
        x += h == 0 ? phasor.real()
                    : std::sqrt(2) * std::abs(phasor) * std::cos(2 * std::numbers::pi * f * h * t + std::arg(phasor));
      return x;
    };
    constexpr double begin = 0.0123;
    constexpr int pieces = 400;
    double sum = 0;
    for (int piece = 0; piece < pieces; ++piece)
      for (int k = 0; k < 5; ++k) {
        const double t = begin + length * (piece + 0.5 + 0.5 * node[k]) / pieces;
        sum += value(set.voltage[1], t) * value(set.current[1], t) * weight[k] * 0.5 * length / pieces;
      }
    const auto energies = phasor_energy(set, Service::four_wire, Seconds{begin}, Seconds{begin + length});
    EXPECT_NEAR(energies.active[1].si(), sum, 1e-11 * energies.apparent[1].si() + 1e-12);
  }
}

TEST(PhasorEnergyTest, OverWholePeriodsIsPowerTimesTimeAndPiecesAddUp) {
  const PhasorSet set{.frequency = Frequency{50},
                      .voltage = {Spectrum{{0, 2.0}, {1, 230.0}}},
                      .current = {Spectrum{{0, 0.5}, {1, std::polar(5.0, -std::numbers::pi / 3)}}}};
  const auto whole = phasor_energy(set, Service::one_phase, Seconds{0.1234}, Seconds{10.1234});
  EXPECT_NEAR(whole.total_active().si(), 5760, 1e-9);
  EXPECT_NEAR(whole.total_reactive().si(), 9959.29214, 5e-6);
  const std::vector<PhasorStretch> cut{{set, Seconds{0}, Seconds{3.3}}, {set, Seconds{3.3}, Seconds{20}}};
  const auto pieces = phasor_energy(cut, Service::one_phase, Seconds{0.1234}, Seconds{10.1234});
  ASSERT_TRUE(pieces);
  EXPECT_NEAR(pieces->total_active().si(), whole.total_active().si(), 1e-9);
  EXPECT_NEAR(pieces->total_apparent().si(), whole.total_apparent().si(), 1e-9);
}

TEST(PhasorEnergyTest, AGapAndAnOverlapAreRefused) {
  const PhasorSet set{.frequency = Frequency{50}, .voltage = {}, .current = {}};
  const auto of = [&](double until, double from) {
    return phasor_energy({{set, Seconds{0}, Seconds{until}}, {set, Seconds{from}, Seconds{5}}}, Service::one_phase,
                         Seconds{0}, Seconds{4});
  };
  EXPECT_TRUE(of(2, 2));
  EXPECT_EQ(of(2, 2.5).error().fault, Fault::malformed);
  EXPECT_FALSE(of(2, 1.5));
  EXPECT_FALSE(phasor_energy(std::vector<PhasorStretch>{}, Service::one_phase, Seconds{0}, Seconds{1}));
}

}  // namespace
}  // namespace blondel
