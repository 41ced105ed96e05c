#include "references/uncertainty/point_budget.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

namespace blondel {
namespace {

using namespace std::chrono_literals;

double u_of(const Budget& budget, const std::string& source) {
  for (const auto& line : budget.contributions())
    if (line.source == source) return line.standard_uncertainty;
  ADD_FAILURE() << "no line " << source;
  return std::nan("");
}

PointInputs half_inductive() {
  PointInputs in;
  in.lag = degrees(60);
  return in;
}

// One minute of arc is 0.050 % at 0.5 inductive and 0.022 % at 0.8 capacitive.
TEST(PointBudgetTest, AMinuteOfArcWeighsAsTheTangentOfTheLag) {
  const double minute = std::numbers::pi / 180 / 60;
  auto in = half_inductive();
  in.ct_phase = PointInputs::Certified{.standard_uncertainty = minute};
  EXPECT_NEAR(point_budget(in)->combined(), 0.0504, 5e-5);
  in.lag = Angle{-std::acos(0.8)};
  EXPECT_NEAR(point_budget(in)->combined(), 0.0218, 5e-5);
  in.lag = Angle{0};
  EXPECT_NEAR(point_budget(in)->combined(), 0, 1e-15);
  in.energy = PointInputs::Energy::reactive;
  in.lag = degrees(30);
  EXPECT_NEAR(point_budget(in)->combined(), 100 * minute * std::sqrt(3.0), 1e-9);
}

// e = 100·(E_m/E_s - 1), each input moved by a little: the sensitivities must be those of the model itself.
TEST(PointBudgetTest, SensitivitiesAreTheDerivativesOfTheError) {
  const double phi = std::numbers::pi / 3, step = 1e-7;
  const auto error = [&](double reference_gain, double reference_phase, double ct_gain, double ct_phase) {
    const double truth = (1 + reference_gain) * std::cos(phi + reference_phase);
    return 100 * ((1 + ct_gain) * std::cos(phi + ct_phase) / truth - 1);
  };
  auto in = half_inductive();
  in.reference = in.reference_phase = in.ct_ratio = in.ct_phase = PointInputs::Certified{.standard_uncertainty = 1e-5};
  const auto budget = point_budget(in);
  const double by[] = {error(step, 0, 0, 0) / step, error(0, step, 0, 0) / step, error(0, 0, step, 0) / step,
                       error(0, 0, 0, step) / step};
  ASSERT_EQ(budget->contributions().size(), 4u);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(budget->contributions()[i].sensitivity.value(), by[i], 1e-3) << budget->contributions()[i].source;
}

// The model itself, with finite errors and no linearisation: what the reference reads, and what the meter registers.
TEST(PointBudgetTest, CorrectionsUndoWhatReferenceAndSubstituteDo) {
  const double g = 2e-4, turn = 3e-4, ratio = -5e-4, more_lag = 4e-4, meter = -6e-3;
  for (const bool active : {true, false})
    for (const double lag : {60.0, -36.87, 75.5, -30.0}) {
      const double phi = degrees(lag).si();
      const auto kind = [&](std::complex<double> s) { return active ? s.real() : s.imag(); };
      const double seen = kind(std::polar(1 + g, phi + turn)), given = kind(std::polar(1 + ratio, phi + more_lag));
      const double raw = 100 * ((1 + meter) * given / seen - 1);
      PointInputs in;
      in.energy = active ? PointInputs::Energy::active : PointInputs::Energy::reactive;
      in.lag = Angle{phi};
      in.ct_ratio = PointInputs::Certified{.value = ratio};
      in.ct_phase = PointInputs::Certified{.value = more_lag};
      in.reference = PointInputs::Certified{.value = -g};
      in.reference_phase = PointInputs::Certified{.value = -turn};
      EXPECT_NEAR(corrected_percentage_error(raw, in), 100 * meter, 2e-4) << "within products of two errors";
      in.reference_phase.reset();
      in.reference->value = (kind(std::polar(1.0, phi)) - seen) / seen;
      EXPECT_NEAR(corrected_percentage_error(raw, in), 100 * meter, 1e-12);
      in.reference_of_apparent_power = true;
      in.reference->value = kind(std::polar(1.0, phi)) - seen;
      EXPECT_NEAR(corrected_percentage_error(raw, in), 100 * meter, 2e-4);
      in.reference.reset();
      in.ct_ratio.reset();
      in.ct_phase.reset();
      EXPECT_DOUBLE_EQ(corrected_percentage_error(raw, in), raw);
    }
}

TEST(PointBudgetTest, TheCorrectionsMoveTheErrorAsTheSensitivitiesSay) {
  const double step = 1e-6;
  auto in = half_inductive();
  in.reference = in.reference_phase = in.ct_ratio = in.ct_phase = PointInputs::Certified{.standard_uncertainty = 1e-5};
  const auto budget = point_budget(in);
  // What is corrected moves the error as it says; what was found of the substitute is taken out again.
  using Input = std::optional<PointInputs::Certified> PointInputs::*;
  const std::pair<Input, double> inputs[] = {{&PointInputs::reference, 1},
                                             {&PointInputs::reference_phase, 1},
                                             {&PointInputs::ct_ratio, -1},
                                             {&PointInputs::ct_phase, -1}};
  for (std::size_t i = 0; i < 4; ++i) {
    auto moved = in;
    (moved.*inputs[i].first)->value = step;
    EXPECT_NEAR(corrected_percentage_error(0, moved) / step,
                inputs[i].second * budget->contributions()[i].sensitivity.value(), 1e-3)
        << budget->contributions()[i].source;
  }
}

TEST(PointBudgetTest, WhatIsRelativeToApparentPowerWeighsByThePowerFactor) {
  auto in = half_inductive();
  in.reference = PointInputs::Certified{.standard_uncertainty = 50e-6};
  EXPECT_NEAR(point_budget(in)->combined(), 0.005, 1e-12);
  in.reference_of_apparent_power = true;
  EXPECT_NEAR(point_budget(in)->combined(), 0.010, 1e-12);
}

TEST(PointBudgetTest, EveryLineHasItsFigure) {
  auto in = half_inductive();
  in.reference = PointInputs::Certified{20e-6, 50e-6, 40, 9e-6, 12e-6, ""};
  in.reference_warmth = PointInputs::Warmth{5e-6, 2};
  in.reference_readings = Repeatability{1, 30e-6, 9};
  in.mismatch = PointInputs::Mismatch{100e-6, Seconds{0.5}, Seconds{20}};
  in.leads_half_width = 10e-6;
  in.pulses = PulseTiming{Seconds{20}, Seconds{1e-3}, Seconds{0}, Seconds{0}};
  in.whole_pulses_half_width = 1e-3;
  in.registers = PointInputs::Register{1e-4, true, Seconds{1}, Seconds{1000}};
  in.meter_readings = Repeatability{1, 60e-6, 4};
  const auto budget = point_budget(in);
  ASSERT_TRUE(budget);
  EXPECT_NEAR(u_of(*budget, "reference meter, certificate"), 0.005, 1e-12);
  EXPECT_NEAR(u_of(*budget, "reference meter, between the certificate's points"), 9e-4 / std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(u_of(*budget, "reference meter, drift since calibration"), 12e-4 / std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(u_of(*budget, "reference meter, temperature"), 1e-3 / std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(u_of(*budget, "repeatability of the reference's readings"), 1e-3, 1e-12);
  EXPECT_NEAR(u_of(*budget, "source instability, windows apart"), 0.01 * std::sqrt(2.0) * 0.5 / 20, 1e-12);
  EXPECT_NEAR(u_of(*budget, "leads to the meter"), 1e-3 / std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(u_of(*budget, "resolution of the pulse time stamps"), 100 * 0.408248 * 1e-3 / 20, 1e-8);
  EXPECT_NEAR(u_of(*budget, "whole pulses at the meter's updates"), 0.1 / std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(u_of(*budget, "register resolution"), 0.01 / std::sqrt(6.0), 1e-12);
  EXPECT_NEAR(u_of(*budget, "age of the register"), 0.1 / std::sqrt(6.0), 1e-12);
  EXPECT_NEAR(u_of(*budget, "repeatability of the meter's readings"), 3e-3, 1e-12);
  double squares = 0;
  for (const auto& line : budget->contributions()) squares += std::pow(line.standard_uncertainty, 2);
  EXPECT_NEAR(budget->combined(), std::sqrt(squares), 1e-12);
  EXPECT_EQ(budget->contributions().front().value, 20e-6);
  EXPECT_EQ(budget->contributions().front().degrees_of_freedom, 40);
}

TEST(PointBudgetTest, OneCertificateForTwoQuantitiesIsOneTerm) {
  auto in = half_inductive();
  in.ct_ratio = PointInputs::Certified{.standard_uncertainty = 1e-4, .group = "certificate 7"};
  in.reference = PointInputs::Certified{.standard_uncertainty = 1e-4, .group = "certificate 7"};
  EXPECT_NEAR(point_budget(in)->combined(), 0, 1e-15) << "the same standard behind both sides of the comparison";
  in.reference->group = "";
  EXPECT_NEAR(point_budget(in)->combined(), 0.01 * std::sqrt(2.0), 1e-12);
}

TEST(PointBudgetTest, NoPowerAndNoWindowAreRefused) {
  PointInputs in;
  in.lag = degrees(90);
  EXPECT_EQ(point_budget(in).error().fault, Fault::malformed);
  in.energy = PointInputs::Energy::reactive;
  EXPECT_TRUE(point_budget(in));
  in.pulses = PulseTiming{};
  EXPECT_FALSE(point_budget(in));
}

TEST(PointBudgetTest, DoubtIsSplitByHowItFallsWithTime) {
  auto in = half_inductive();
  in.reference = PointInputs::Certified{.standard_uncertainty = 50e-6};
  in.ct_ratio = PointInputs::Certified{.standard_uncertainty = 120e-6};
  in.pulses = PulseTiming{Seconds{20}, Seconds{1e-3}, Seconds{0}, Seconds{0}};
  in.meter_readings = Repeatability{1, 60e-6, 16};
  const auto split = time_dependence(in, Seconds{20});
  ASSERT_TRUE(split);
  EXPECT_NEAR(split->systematic, 0.013, 1e-12);
  EXPECT_NEAR(split->quantisation, 100e-3 / std::sqrt(6.0), 1e-12);
  EXPECT_NEAR(split->noise, 1.5e-3 * std::sqrt(20.0), 1e-12);
  EXPECT_NEAR(split->at(20), point_budget(in)->combined(), 1e-12);
  EXPECT_LT(split->at(80), split->at(20));
  EXPECT_FALSE(time_dependence(in, Seconds{0}));
}

TEST(PointBudgetTest, ACertificateBecomesItsLines) {
  const auto certificate = parse_certificate(
      "certificate: 7\nlaboratory: L\ninstrument: i\nserial: s\ndate: 2026-01-01\ninterval: 2 years\n"
      "quantity: active power\nrelative_to: reading\nunit: ppm\ncoverage_factor: 2\ndrift_per_year: 20 ppm\n"
      "temperature: [18 degC, 28 degC]\npoints:\n  - {power_factor: 1, error: 10 ppm, uncertainty: 40 ppm}\n",
      "k.yaml");
  const auto found = certified(certificate, {.lag = Angle{0}}, 2027y / 1 / 1);
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->value, -10e-6);
  EXPECT_DOUBLE_EQ(found->standard_uncertainty, 20e-6);
  EXPECT_NEAR(found->drift_half_width, 20e-6, 2e-8);
  EXPECT_FALSE(certified(certificate, {.lag = degrees(60)}, 2027y / 1 / 1));
  EXPECT_FALSE(certified(certificate, {.lag = Angle{0}}, 2025y / 1 / 1));
}

}  // namespace
}  // namespace blondel
