#include "references/metering/phasor_metering.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace blondel {
namespace {

struct Line {
  int order;
  double rms, angle;  // angle in degrees
};

Spectrum spectrum(std::initializer_list<Line> lines) {
  Spectrum s;
  for (const auto& line : lines) s[line.order] = std::polar(line.rms, degrees(line.angle).si());
  return s;
}

/// Half a unit of the last of so many printed decimals.
double printed(int decimals) {
  return 0.5 * std::pow(10, -decimals) * (1 + 1e-6);
}

// IEEE 1459-2010, annex B; recomputed to nine digits.
const Spectrum annex_b_voltage = spectrum({{1, 100, 0}, {3, 8, -70}, {5, 15, 140}, {7, 5, 20}});
const Spectrum annex_b_current = spectrum({{1, 100, -30}, {3, 20, -165}, {5, 15, 233}, {7, 10, 288}});

TEST(PhasorMeteringTest, Ieee1459AnnexBComesOutToAllPrintedDigits) {
  const auto q =
      phasor_metering({Frequency{60}, {annex_b_voltage, {}, {}}, {annex_b_current, {}, {}}}, SystemType::one_phase);
  const Element& e = *q.phase[0];
  EXPECT_NEAR(q.voltage_ln[0]->si(), 101.557865, printed(6));
  EXPECT_NEAR(q.current[0]->si(), 103.561576, printed(6));
  EXPECT_NEAR(e.fundamental_active.si(), 8660.2540, printed(4));
  EXPECT_NEAR(q.active.si(), 8632.788554, printed(6));
  EXPECT_NEAR((e.active - e.fundamental_active).si(), -27.465484, printed(6));
  EXPECT_NEAR(q.reactive.si(), 5000.0, printed(4));
  EXPECT_NEAR(e.budeanu.si(), 4984.669048, printed(6));
  EXPECT_NEAR(q.apparent_arithmetic.si(), 10517.492572, printed(6));
  EXPECT_NEAR(e.fundamental_apparent.si(), 10000, printed(6));
  EXPECT_NEAR(e.nonfundamental_apparent.si(), 3258.473569, printed(6));
  EXPECT_NEAR(e.nonactive.si(), 6007.712691, printed(6));
  EXPECT_NEAR(e.voltage_distortion().si(), 0.177200, printed(6));
  EXPECT_NEAR(e.current_distortion().si(), 0.269258, printed(6));
  EXPECT_NEAR(q.power_factor(), 0.820803, printed(6));
  EXPECT_NEAR(e.displacement_power_factor(), 0.866025, printed(6));
  // Each order on its own.
  const double active[] = {8660.2540, -13.9449, -11.7756, -1.7450};
  const double reactive[] = {5000.0, 159.3912, -224.6916, 49.9695};
  for (int k = 0; k < 4; ++k) {
    const int order = 2 * k + 1;
    const auto one = element({{order, annex_b_voltage.at(order)}}, {{order, annex_b_current.at(order)}});
    EXPECT_NEAR(one.active.si(), active[k], printed(4)) << order;
    EXPECT_NEAR(one.budeanu.si(), reactive[k], printed(4)) << order;
  }
}

TEST(PhasorMeteringTest, TheFifthHarmonicTestAddsFourPercentOfActivePower) {
  // Both in phase at the rising zero crossing: sines, which are cosines at -90 degrees.
  const auto q = phasor_metering({Frequency{50},
                                  {spectrum({{1, 230, -90}, {5, 23, -90}}), {}, {}},
                                  {spectrum({{1, 10, -90}, {5, 4, -90}}), {}, {}}},
                                 SystemType::one_phase);
  const Element& e = *q.phase[0];
  EXPECT_NEAR(e.fundamental_active.si(), 2300, 1e-9);
  EXPECT_NEAR(q.active.si(), 2392, 1e-9);
  EXPECT_NEAR(e.voltage.si(), 231.147139, printed(6));
  EXPECT_NEAR(e.current.si(), 10.770330, printed(6));
  EXPECT_NEAR(e.apparent.si(), 2489.530880, printed(6));
  EXPECT_NEAR(q.power_factor(), 0.960824, printed(6));
  EXPECT_NEAR(q.reactive.si(), 0, 1e-9);
  EXPECT_NEAR(e.budeanu.si(), 0, 1e-9);
  EXPECT_NEAR(e.nonactive.si(), 690, 1e-6);
}

/// 208 V between the lines, a-b-c, wye of 8 + j6 ohm a phase (Alexander and Sadiku, ch. 12).
PhasorSet balanced_208() {
  PhasorSet set{.frequency = Frequency{60}, .voltage = {}, .current = {}};
  const std::complex<double> impedance{8, 6};
  for (std::size_t k = 0; k < 3; ++k) {
    const auto v = std::polar(208 / std::sqrt(3), degrees(-120.0 * static_cast<double>(k)).si());
    set.voltage[k] = {{1, v}};
    set.current[k] = {{1, v / impedance}};
  }
  return set;
}

TEST(PhasorMeteringTest, ABalancedThreeWireLoadReadsAsWithTwoWattmeters) {
  const auto set = balanced_208();
  const auto q = phasor_metering(set, SystemType::delta);
  EXPECT_NEAR(q.current_average.si(), 12.008886, printed(6));
  for (const auto& v : q.voltage_ll) EXPECT_NEAR(v->si(), 208, 1e-9);
  EXPECT_NEAR(q.active.si(), 3461.12, 1e-9);
  EXPECT_NEAR(q.reactive.si(), 2595.84, 1e-9);
  EXPECT_NEAR(q.apparent_vector.si(), 4326.40, 1e-9);
  EXPECT_NEAR(q.apparent_arithmetic.si(), 4326.40, 1e-9);
  EXPECT_NEAR(q.three_phase->effective.apparent.si(), 4326.40, 1e-9);
  EXPECT_NEAR(q.power_factor(), 0.8, 1e-12);
  EXPECT_FALSE(q.voltage_ln[0] || q.voltage_ln_average);
  // The two elements of the textbook.
  const auto ab = element(set.voltage[0] - set.voltage[1], set.current[0]);
  const auto cb = element(set.voltage[2] - set.voltage[1], set.current[2]);
  EXPECT_NEAR(ab.active.si(), 981.205539, printed(6));
  EXPECT_NEAR(ab.reactive.si(), 2297.059282, printed(6));
  EXPECT_NEAR(cb.active.si(), 2479.914461, printed(6));
  EXPECT_NEAR(cb.reactive.si(), 298.780718, printed(6));
  EXPECT_NEAR((ab.apparent + cb.apparent).si(), 4995.70, printed(2));
}

TEST(PhasorMeteringTest, OneResistorBetweenTwoLinesPartsTheApparentPowers) {
  PhasorSet set{.frequency = Frequency{60}, .voltage = {}, .current = {}};
  for (std::size_t k = 0; k < 3; ++k)
    set.voltage[k] = {{1, std::polar(220.0, degrees(-120.0 * static_cast<double>(k)).si())}};
  const auto i = (set.voltage[0].at(1) - set.voltage[1].at(1)) / 2.0;
  set.current = {Spectrum{{1, i}}, Spectrum{{1, -i}}, Spectrum{}};
  const auto q = phasor_metering(set, SystemType::delta);
  EXPECT_NEAR(q.current[0]->si(), 190.525589, printed(6));
  EXPECT_NEAR(q.active.si(), 72600, 1e-8);
  EXPECT_NEAR(q.reactive.si(), 0, 1e-8);
  EXPECT_NEAR(q.phase[0]->active.si(), 36300, 1e-8);
  EXPECT_NEAR(q.phase[1]->active.si(), 36300, 1e-8);
  EXPECT_NEAR(q.phase[0]->reactive.si(), -20957.814772, printed(6));
  EXPECT_NEAR(q.phase[1]->reactive.si(), 20957.814772, printed(6));
  EXPECT_NEAR(q.apparent_arithmetic.si(), 83831.259086, printed(6));
  EXPECT_NEAR(q.apparent_vector.si(), 72600, 1e-8);
  EXPECT_NEAR(q.three_phase->effective.apparent.si(), 102671.904628, printed(6));
  EXPECT_NEAR(q.power_factor(), 0.866025, printed(6));
}

TEST(PhasorMeteringTest, TheOffNominalCaseHasTheSameTruthAtEveryFrequency) {
  const auto u = spectrum({{1, 230, 0}, {3, 4.6, 40}, {5, 6.9, -60}, {7, 3.45, 110}});
  const auto i = spectrum({{1, 5, -60}, {3, 1, -25}, {5, 0.6, 100}, {7, 0.35, -150}});
  for (const double f : {49.37, 61.83}) {
    const auto q = phasor_metering({Frequency{f}, {u, {}, {}}, {i, {}, {}}}, SystemType::one_phase);
    const Element& e = *q.phase[0];
    EXPECT_EQ(q.frequency.si(), f);
    EXPECT_NEAR(e.voltage.si(), 230.175308, printed(6));
    EXPECT_NEAR(e.current.si(), 5.146115, printed(6));
    EXPECT_NEAR(e.active.si(), 572.844036, printed(6));
    EXPECT_NEAR(e.fundamental_active.si(), 575, 1e-9);
    EXPECT_NEAR(e.reactive.si(), 995.929214, printed(6));
    EXPECT_NEAR(e.budeanu.si(), 997.493111, printed(6));
    EXPECT_NEAR(e.apparent.si(), 1184.508615, printed(6));
    EXPECT_NEAR(e.nonactive.si(), 1036.778843, printed(6));
    EXPECT_NEAR(e.nonfundamental_apparent.si(), 283.832097, printed(6));
    EXPECT_NEAR(e.power_factor(), 0.483613, printed(6));
    EXPECT_NEAR(e.voltage_distortion().si(), 0.039051, printed(6));
    EXPECT_NEAR(e.current_distortion().si(), 0.243516, printed(6));
  }
}

TEST(PhasorMeteringTest, ASplitPhaseTakesItsLineVoltageFromTheDifference) {
  // 121/118 V, 40/10 A: legs in opposition.
  PhasorSet set{Frequency{60},
                {spectrum({{1, 121, 0}}), spectrum({{1, 118, 180}}), {}},
                {spectrum({{1, 40, 0}}), spectrum({{1, 10, 180}}), {}}};
  auto q = phasor_metering(set, SystemType::split_phase);
  EXPECT_NEAR(q.voltage_ll[0]->si(), 239, 1e-9);
  EXPECT_NEAR(q.active.si(), 121 * 40 + 118 * 10, 1e-9);
  EXPECT_NEAR(q.voltage_ln_average->si(), 119.5, 1e-9);
  EXPECT_NEAR(q.current_average.si(), 25, 1e-9);
  EXPECT_FALSE(q.voltage_ll[1] || q.voltage_ll[2] || q.current[2] || q.phase[2] || q.three_phase);
  // The same service as two wires: only i_a against v_ab counts.
  q = phasor_metering(set, SystemType::two_wire_ll);
  EXPECT_NEAR(q.active.si(), 239 * 40, 1e-9);
  EXPECT_FALSE(q.voltage_ln[0] || q.phase[1]);
}

TEST(PhasorMeteringTest, DirectCurrentCountsInRmsAndPowerButNotInReactivePower) {
  const Spectrum u{{0, 10.0}, {1, 100.0}}, i{{0, -1.0}, {1, {0, -5.0}}};
  const auto e = element(u, i);
  EXPECT_NEAR(e.active.si(), -10, 1e-12);
  EXPECT_NEAR(e.reactive.si(), 500, 1e-12);
  EXPECT_NEAR(e.voltage.si(), std::sqrt(10100.0), 1e-12);
  EXPECT_THROW(element({{0, {1, 1}}}, {}), std::logic_error);
  EXPECT_THROW(element({{-1, 1.0}}, {}), std::logic_error);
}

PhasorSet random_set(std::mt19937& engine) {
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * (static_cast<double>(engine()) / 4294967296.0);
  };
  PhasorSet set{.frequency = Frequency{60}, .voltage = {}, .current = {}};
  for (std::size_t k = 0; k < 3; ++k)
    for (const int order : {0, 1, 2, 3, 5, 7, 19}) {
      const double share = order == 1 ? 1 : 0.1;
      const auto phase = [&] { return order == 0 ? 0.0 : uniform(-3.2, 3.2); };
      set.voltage[k][order] = std::polar(share * uniform(50, 300), phase());
      set.current[k][order] = std::polar(share * uniform(0.1, 20), phase());
    }
  return set;
}

TEST(PhasorMeteringTest, TotalPowerDoesNotDependOnTheVoltageReferenceWhenTheCurrentsSumToZero) {
  std::mt19937 engine{1};
  for (int n = 0; n < 200; ++n) {
    auto set = random_set(engine);
    set.current[2] = (-1.0) * (set.current[0] + set.current[1]);
    const auto before = phasor_metering(set, SystemType::wye);
    const auto delta = phasor_metering(set, SystemType::delta);
    const auto shift = random_set(engine).voltage[0];
    for (auto& v : set.voltage) v = v + shift;
    const auto after = phasor_metering(set, SystemType::wye);
    const double scale = before.apparent_arithmetic.si() + after.apparent_arithmetic.si();
    EXPECT_NEAR(before.active.si(), after.active.si(), 1e-12 * scale);
    EXPECT_NEAR(before.reactive.si(), after.reactive.si(), 1e-12 * scale);
    EXPECT_NEAR(before.active.si(), delta.active.si(), 1e-12 * scale);
    // Two wattmeters, any wire the common one.
    const auto two = element(set.voltage[0] - set.voltage[1], set.current[0]).active +
                     element(set.voltage[2] - set.voltage[1], set.current[2]).active;
    EXPECT_NEAR(two.si(), before.active.si(), 1e-12 * scale);
  }
}

TEST(PhasorMeteringTest, ApparentPowerIsNeverBelowActiveNorVectorAboveArithmetic) {
  std::mt19937 engine{2};
  for (int n = 0; n < 200; ++n) {
    const auto set = random_set(engine);
    for (const SystemType type : system_types) {
      const auto q = phasor_metering(set, type);
      EXPECT_LE(std::abs(q.active.si()), q.apparent_arithmetic.si());
      EXPECT_LE(q.apparent_vector.si(), q.apparent_arithmetic.si() * (1 + 1e-12));
      if (q.three_phase) {
        EXPECT_LE(std::abs(q.active.si()), q.three_phase->effective.apparent.si() * (1 + 1e-12));
      }
      for (const auto& e : q.phase) {
        if (!e) continue;
        EXPECT_LE(std::abs(e->active.si()), e->apparent.si());
        EXPECT_LE(std::abs(e->reactive.si()), e->apparent.si());
        EXPECT_NEAR(std::pow(e->apparent.si(), 2),
                    std::pow(e->fundamental_apparent.si(), 2) + std::pow(e->nonfundamental_apparent.si(), 2),
                    1e-12 * std::pow(e->apparent.si(), 2));
      }
    }
  }
}

TEST(PhasorMeteringTest, AnUnloadedPhaseHasNoPowerFactor) {
  const auto q = phasor_metering({Frequency{60}, {spectrum({{1, 230, 0}}), {}, {}}, {}}, SystemType::one_phase);
  EXPECT_TRUE(std::isnan(q.power_factor()));
  EXPECT_EQ(q.active.si(), 0);
}

TEST(PhasorMeteringTest, ALoadPointTurnsItsHarmonicsWithItsChannel) {
  LoadPoint point{.frequency = Frequency{60}, .phases = {}};
  point.phases[1] = {.voltage = Voltage{230},
                     .voltage_angle = degrees(-120),
                     .current = Current{5},
                     .lag = degrees(60),
                     .voltage_harmonics = {{5, percent(10), degrees(30)}},
                     .current_harmonics = {{3, percent(20), degrees(0)}}};
  const auto set = phasors(point, 2);
  EXPECT_NEAR(std::abs(set.voltage[1].at(5)), 23, 1e-12);
  // 5 · -120 + 30 = -570 = 150 degrees; 3 · -180 = -540 = ±180 degrees.
  EXPECT_NEAR(in_degrees(Angle{std::arg(set.voltage[1].at(5))}), 150, 1e-9);
  EXPECT_NEAR(std::abs(in_degrees(Angle{std::arg(set.current[1].at(3))})), 180, 1e-9);
  EXPECT_NEAR(std::abs(set.current[1].at(1)), 10, 1e-12);
  EXPECT_NEAR(phasor_metering(set, SystemType::wye).active.si(), 230 * 10 * 0.5, 1e-9);
}

TEST(PercentageErrorTest, IsPositiveWhereTheMeterRegistersTooMuch) {
  EXPECT_NEAR(in_percent(percentage_error(watt_hours(101), watt_hours(100))), 1.0, 1e-12);
  EXPECT_NEAR(in_percent(percentage_error(Voltage{99.6}, Voltage{100})), -0.4, 1e-12);
  EXPECT_TRUE(std::isnan(percentage_error(watt_hours(1), watt_hours(0)).si()));
}

}  // namespace
}  // namespace blondel
