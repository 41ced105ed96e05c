#include "references/metering/quantities.hpp"

#include <gtest/gtest.h>

#include <set>

#include "references/metering/phasor_metering.hpp"
#include "references/metering/quantity_list.hpp"
#include "references/metering/steady_samples.hpp"

namespace blondel {
namespace {

std::complex<double> at(double rms, double angle) {
  return std::polar(rms, degrees(angle).si());
}

/// Balanced a-b-c, or a-c-b with `turn` = +1.
std::array<Spectrum, 3> balanced(double rms, double angle = 0, double turn = -1) {
  return {Spectrum{{1, at(rms, angle)}}, Spectrum{{1, at(rms, angle + 120 * turn)}},
          Spectrum{{1, at(rms, angle - 120 * turn)}}};
}

TEST(QuantitiesTest, Ieee1459SinglePhaseSplitComesOutOfAnnexB) {
  const Element e = element({{1, at(100, 0)}, {3, at(8, -70)}, {5, at(15, 140)}, {7, at(5, 20)}},
                            {{1, at(100, -30)}, {3, at(20, -165)}, {5, at(15, 233)}, {7, at(10, 288)}});
  EXPECT_NEAR(e.current_distortion_power().si(), 2692.582404, 5e-7);
  EXPECT_NEAR(e.voltage_distortion_power().si(), 1772.004515, 5e-7);
  EXPECT_NEAR(e.harmonic_apparent().si(), 477.126818, 5e-7);
  EXPECT_NEAR(e.harmonic_distortion_power().si(), 476.335646, 5e-7);
  EXPECT_NEAR(e.harmonic_active.si(), -27.465484, 5e-7);
  EXPECT_NEAR(e.budeanu_distortion.si(), std::sqrt(6007.712691 * 6007.712691 - 4984.669048 * 4984.669048), 5e-6);
}

TEST(QuantitiesTest, ASinusoidHasNoDistortionToTheLastDigit) {
  const Element e = element({{1, at(230.1, 12.3)}}, {{1, at(4.7, -49.9)}});
  EXPECT_EQ(e.budeanu_distortion.si(), 0);
  EXPECT_EQ(e.nonfundamental_apparent.si(), 0);
  EXPECT_EQ(e.harmonic_distortion_power().si(), 0);
}

TEST(QuantitiesTest, OneResistorBetweenTwoLinesHasAsMuchUnbalancePowerAsActive) {
  PhasorSet set{.frequency = Frequency{60}, .voltage = balanced(220), .current = {}};
  const auto i = (set.voltage[0].at(1) - set.voltage[1].at(1)) / 2.0;
  set.current = {Spectrum{{1, i}}, Spectrum{{1, -i}}, Spectrum{}};
  for (const Service service : {Service::four_wire, Service::virtual_neutral, Service::two_wattmeters}) {
    const auto q = phasor_metering(set, service);
    const ThreePhase& t = *q.three_phase;
    EXPECT_NEAR(std::abs(t.current.positive), 110, 1e-9);
    EXPECT_NEAR(std::abs(t.current.negative), 110, 1e-9);
    EXPECT_NEAR(std::abs(t.current.zero), 0, 1e-9);
    EXPECT_NEAR(t.i2.si(), 1, 1e-12);
    EXPECT_NEAR(t.effective.apparent.si(), 102671.904628, 5e-7) << name(service);
    EXPECT_NEAR(t.effective.positive_apparent.si(), 72600, 1e-8);
    EXPECT_NEAR(t.effective.positive_power_factor(), 1, 1e-12);
    EXPECT_NEAR(t.effective.unbalance.si(), std::sqrt(102671.904628 * 102671.904628 - 72600.0 * 72600), 1e-5);
    EXPECT_NEAR(q.effective_power_factor(), 0.707107, 5e-7);
    EXPECT_NEAR(q.vector_power_factor(), 1, 1e-12);
  }
}

TEST(QuantitiesTest, TwoWattmetersReadTheTextbooksPowersAndTheThirdCurrent) {
  PhasorSet set{.frequency = Frequency{60}, .voltage = balanced(208 / std::sqrt(3.0)), .current = {}};
  for (std::size_t k = 0; k < 3; ++k) set.current[k] = {{1, set.voltage[k].at(1) / std::complex<double>{8, 6}}};
  const auto q = phasor_metering(set, Service::two_wattmeters);
  EXPECT_NEAR(q.phase[0]->active.si(), 981.205539, 5e-7);
  EXPECT_NEAR(q.phase[2]->active.si(), 2479.914461, 5e-7);
  EXPECT_FALSE(q.phase[1]);
  EXPECT_NEAR(q.active.si(), 3461.12, 1e-9);
  EXPECT_NEAR(q.apparent_arithmetic.si(), 4995.70, 0.005);
  EXPECT_NEAR(q.apparent_vector.si(), 4326.40, 1e-9);
  EXPECT_NEAR(q.three_phase->effective.apparent.si(), 4326.40, 1e-9);
  EXPECT_NEAR(q.current[1]->si(), 12.008886, 5e-7);
  EXPECT_FALSE(q.neutral_current || q.leakage_current);
}

TEST(QuantitiesTest, ALoadBalancedAndPureHasNoUnbalancePowerToTheLastDigit) {
  const PhasorSet set{.frequency = Frequency{50}, .voltage = balanced(230), .current = balanced(5, -60)};
  const auto e = phasor_metering(set, Service::four_wire).three_phase->effective;
  EXPECT_LT(e.unbalance.si(), 1e-11);
  EXPECT_NEAR(e.positive_reactive.si(), 3 * 995.929214, 2e-6);
  EXPECT_EQ(e.nonfundamental.si(), 0);
}

TEST(QuantitiesTest, EffectivePowerIsSplitLikeThePowerOfOnePhase) {
  std::mt19937_64 engine{7};
  for (int n = 0; n < 50; ++n) {
    const auto q = phasor_metering(rough_lines(engine, 60), Service::four_wire, {.neutral_weight = 1.3});
    const EffectivePower& e = q.three_phase->effective;
    const auto square = [](ApparentPower s) { return s.si() * s.si(); };
    EXPECT_NEAR(square(e.fundamental_apparent) + square(e.nonfundamental), square(e.apparent),
                1e-12 * square(e.apparent));
    EXPECT_NEAR(square(e.unbalance) + square(e.positive_apparent), square(e.fundamental_apparent),
                1e-12 * square(e.apparent));
    EXPECT_LE(std::abs(q.effective_power_factor()), 1);
  }
}

TEST(QuantitiesTest, EffectivePowerOfThreeWiresIsSplitWhereCurrentLeaksAway) {
  const std::array<std::complex<double>, 3> v1{at(230, 10), at(226, -111), at(235, 128)};
  const std::array<std::complex<double>, 3> i1{at(5, -20), at(3, -150), at(4, 95)};
  const std::array<std::complex<double>, 3> v5{at(7, 50), at(4, -80), at(6, 160)};
  const std::array<std::complex<double>, 3> i5{at(1, 30), at(0.7, 100), at(0.4, -70)};
  PhasorSet set{.frequency = Frequency{50}, .voltage = {}, .current = {}};
  for (std::size_t k = 0; k < 3; ++k) {
    set.voltage[k] = {{1, v1[k]}, {5, v5[k]}};
    set.current[k] = {{1, i1[k]}, {5, i5[k]}};
  }
  // By the standard's formulas of the lines themselves, without a symmetrical component.
  const auto lines = [](const auto& i) { return (std::norm(i[0]) + std::norm(i[1]) + std::norm(i[2])) / 3; };
  const auto between = [](const auto& v) {
    return (std::norm(v[0] - v[1]) + std::norm(v[1] - v[2]) + std::norm(v[2] - v[0])) / 9;
  };
  const double all = 9 * (between(v1) + between(v5)) * (lines(i1) + lines(i5)), first = 9 * between(v1) * lines(i1);
  const std::complex<double> turn{-0.5, std::sqrt(3.0) / 2};
  const auto positive = [&](const auto& x) { return (x[0] + turn * x[1] + turn * turn * x[2]) / 3.0; };
  const double s_positive = 3 * std::abs(positive(v1)) * std::abs(positive(i1));

  const auto q = phasor_metering(set, Service::virtual_neutral);
  ASSERT_GT(q.leakage_current->si(), 0.5);
  const EffectivePower& e = q.three_phase->effective;
  const auto square = [](auto s) { return s.si() * s.si(); };
  EXPECT_NEAR(square(e.fundamental_current), lines(i1), 1e-12 * lines(i1));
  EXPECT_NEAR(square(e.fundamental_voltage), between(v1), 1e-12 * between(v1));
  EXPECT_NEAR(square(e.apparent), all, 1e-12 * all);
  EXPECT_NEAR(square(e.fundamental_apparent), first, 1e-12 * all);
  EXPECT_NEAR(square(e.nonfundamental), all - first, 1e-12 * all);
  EXPECT_NEAR(square(e.fundamental_apparent) + square(e.nonfundamental), square(e.apparent), 1e-12 * all);
  EXPECT_NEAR(e.positive_apparent.si(), s_positive, 1e-12 * s_positive);
  EXPECT_NEAR(square(e.unbalance), first - s_positive * s_positive, 1e-12 * all);
}

TEST(QuantitiesTest, TheNeutralCarriesTheTriplensOfABalancedLoad) {
  PhasorSet set{.frequency = Frequency{60}, .voltage = balanced(120), .current = balanced(10)};
  for (auto& i : set.current) i[3] = 2;
  EXPECT_NEAR(phasor_metering(set, Service::four_wire).neutral_current->si(), 6, 1e-12);
  EXPECT_NEAR(phasor_metering(set, Service::virtual_neutral).leakage_current->si(), 6, 1e-12);
}

TEST(SymmetricalComponentsTest, TurnTellsTheRotation) {
  const auto turned = [](const std::array<Spectrum, 3>& v) {
    const PhasorSet set{.frequency = Frequency{50}, .voltage = v, .current = balanced(1)};
    return *phasor_metering(set, Service::four_wire).three_phase->rotation;
  };
  EXPECT_EQ(turned(balanced(230)), Rotation::abc);
  EXPECT_EQ(turned(balanced(230, 0, 1)), Rotation::acb);
  auto one_lost = balanced(230, 40);
  one_lost[2].clear();
  EXPECT_EQ(turned(one_lost), Rotation::abc);
  one_lost[1].clear();
  EXPECT_EQ(turned(one_lost), Rotation::none);
}

TEST(SymmetricalComponentsTest, PrintedExamplesOfUnbalanceComeOut) {
  EXPECT_NEAR(in_percent(deviation_from_mean({462, 463, 455})), 1.087, 5e-4);
  EXPECT_NEAR(in_percent(unbalance_of_line_voltages({462, 463, 455})), 1.091, 5e-4);
  EXPECT_NEAR(in_percent(deviation_from_mean({460, 467, 450})), 1.961, 5e-4);
  EXPECT_NEAR(in_percent(unbalance_of_line_voltages({460, 467, 450})), 2.146, 5e-4);
  EXPECT_TRUE(std::isnan(unbalance_of_line_voltages({230, 230, 461}).si())) << "no triangle";
  EXPECT_LT(unbalance_of_line_voltages({400, 400, 400 * (1 + 1e-12)}).si(), 1e-12);
}

TEST(SymmetricalComponentsTest, UnbalanceOfMagnitudesIsThatOfThePhasors) {
  std::mt19937_64 engine{3};
  for (int n = 0; n < 200; ++n) {
    const auto t = *phasor_metering(rough_lines(engine, 50), Service::two_wattmeters).three_phase;
    EXPECT_NEAR(t.u2_of_lines.si(), t.u2.si(), 1e-12);
  }
}

TEST(QuantityListTest, NamesAreUniqueAndEveryServiceTellsItsTotals) {
  std::mt19937_64 engine{5};
  for (const Service service : services) {
    const auto list = quantity_list(phasor_metering(rough_lines(engine, 60), service));
    std::set<std::string> names;
    for (const auto& q : list) {
      EXPECT_TRUE(names.insert(q.name).second) << q.name;
      EXPECT_TRUE(q.value && q.withheld.empty()) << q.name;
    }
    for (const char* always : {"frequency", "active_power_total", "reactive_power_total", "apparent_power_arithmetic"})
      EXPECT_TRUE(names.contains(always)) << always;
    EXPECT_EQ(names.contains("voltage_unbalance_u0"), service == Service::four_wire);
    EXPECT_EQ(names.contains("active_power_cb"), service == Service::two_wattmeters);
  }
}

TEST(QuantityListTest, WithoutSpectraTellsPowerAndWithholdsReactivePowerWithItsReason) {
  Observation seen{.spectra = std::nullopt, .products = Eigen::Matrix<double, 6, 6>::Identity(), .frequency = {}};
  for (const auto& q : quantity_list(quantities(seen, Service::four_wire), "it moved")) {
    if (q.name == "apparent_power_a") {
      EXPECT_EQ(q.value, 1.0);
    }
    if (q.name == "reactive_power_a" || q.name == "voltage_unbalance_u2") {
      EXPECT_FALSE(q.value);
      EXPECT_EQ(q.withheld, "it moved");
    }
  }
}

TEST(QuantityListTest, UnloadedPowerFactorsAreNotDefined) {
  const PhasorSet set{.frequency = Frequency{50}, .voltage = balanced(230), .current = {}};
  for (const auto& q : quantity_list(phasor_metering(set, Service::one_phase)))
    if (q.name == "power_factor_a") {
      EXPECT_EQ(q.withheld, "not defined without load");
    }
}

TEST(QuantityListTest, HarmonicsCountTheirAnglesFromTheFirstFundamental) {
  const PhasorSet set{.frequency = Frequency{50},
                      .voltage = {Spectrum{{0, -1.0}, {1, at(230, 30)}, {3, at(5, 100)}}},
                      .current = {Spectrum{{1, at(2, -15)}}}};
  std::map<std::string, double> values;
  for (const auto& q : harmonic_list(set, Service::one_phase)) values[q.name] = *q.value;
  EXPECT_EQ(values.size(), 7U);
  EXPECT_EQ(values["va_h0"], -1);
  EXPECT_NEAR(values["va_h1_angle"], 0, 1e-12);
  EXPECT_NEAR(values["va_h3_angle"], 10, 1e-12);
  EXPECT_NEAR(values["ia_h1_angle"], -45, 1e-12);
}

TEST(QuantityListTest, AnglesCountFromTheFirstChannelThatLivesWheneverTheSecondBegins) {
  for (const double when : {0.0, 77.0, -140.0}) {  // degrees of the fundamental
    PhasorSet set{.frequency = Frequency{50}, .voltage = {}, .current = {}};
    set.voltage = {Spectrum{{1, at(0.01, 5 * when)}}, Spectrum{{1, at(230, when)}}, Spectrum{{1, at(230, when + 90)}}};
    set.current = balanced(2, when - 30);
    std::map<std::string, double> values;
    for (const auto& q : quantity_list(phasor_metering(set, Service::four_wire)))
      if (q.value) values[q.name] = *q.value;
    for (const auto& q : harmonic_list(set, Service::four_wire)) values[q.name] = *q.value;
    EXPECT_NEAR(values["vb_h1_angle"], 0, 1e-9);
    EXPECT_NEAR(values["vc_h1_angle"], 90, 1e-9);
    EXPECT_NEAR(values["ia_h1_angle"], -30, 1e-9);
    EXPECT_NEAR(values["current_positive_sequence_angle"], -30, 1e-9);
  }
}

}  // namespace
}  // namespace blondel
