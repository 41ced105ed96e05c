#include "references/uncertainty/risk.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "references/uncertainty/decision.hpp"

namespace blondel {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

// ILAC-G8:09/2019, table of guard bands: at the acceptance limit, U = 2u, far from the other limit. The digits from
// another program.
TEST(RiskTest, AtTheAcceptanceLimitEachRuleHasItsPrintedRisk) {
  const std::pair<double, double> table[] = {
      {0, 0.5}, {0.83, 0.0484572262667}, {1, 0.0227501319482}, {1.5, 0.00134989803163}, {3, 9.86587645038e-10}};
  for (const auto& [r, pfa] : table) {
    const double u_expanded = 0.02, value = 0.5 - r * u_expanded;
    const auto risk = specific_risk(value, u_expanded, 2, -0.5, 0.5);
    EXPECT_NEAR(risk.false_accept / pfa, 1, 1e-9) << r;
    EXPECT_NEAR(risk.conformance, 1 - pfa, 1e-12);
    EXPECT_EQ(risk.false_reject, risk.conformance);
    EXPECT_NEAR(risk.test_uncertainty_ratio.value(), 25, 1e-12);
  }
}

TEST(RiskTest, BothLimitsCount) {
  // In the middle of limits at ±2u: 95.45 %.
  EXPECT_NEAR(conformance_probability(0, 0.25, -0.5, 0.5), std::erf(std::numbers::sqrt2), 1e-14);
  EXPECT_NEAR(conformance_probability(0.1, 0.25, -infinite, 0.1), 0.5, 1e-15);
  EXPECT_EQ(conformance_probability(0.1, 0.25, -infinite, infinite), 1);
}

TEST(RiskTest, FarOutsideTheProbabilityKeepsItsDigits) {
  // Φ(-10) = 7.619853024160526e-24, from tables.
  EXPECT_NEAR(conformance_probability(1, 0.1, -infinite, 0) / 7.619853024160526e-24, 1, 1e-9);
  EXPECT_NEAR(conformance_probability(-1, 0.1, 0, infinite) / 7.619853024160526e-24, 1, 1e-9);
  EXPECT_NEAR(specific_risk(-1, 0.2, 2, -infinite, 0).false_accept / 7.619853024160526e-24, 1, 1e-9);
}

TEST(RiskTest, FewDegreesOfFreedomHaveWiderTails) {
  // Student's t with 4 degrees of freedom: 2.5 % beyond 2.776 (GUM, table G.2).
  EXPECT_NEAR(1 - conformance_probability(0, 1, -infinite, 2.776, 4), 0.025, 2e-5);
  // With one it is Cauchy's: atan.
  EXPECT_NEAR(conformance_probability(0, 1, -1, 1, 1), 0.5, 1e-12);
  EXPECT_NEAR(conformance_probability(0, 1, -1, 2, 1e12), conformance_probability(0, 1, -1, 2), 1e-12);
}

TEST(RiskTest, WithoutUncertaintyTheValueIsTheTruth) {
  EXPECT_EQ(conformance_probability(0.5, 0, -0.5, 0.5), 1);
  EXPECT_EQ(conformance_probability(0.51, 0, -0.5, 0.5), 0);
  EXPECT_EQ(test_uncertainty_ratio(0, -0.5, 0.5), infinite);
  EXPECT_EQ(test_uncertainty_ratio(0.1, -infinite, 0.5), std::nullopt);
}

TEST(RiskTest, WhatIsNotANumberHasNoProbability) {
  EXPECT_TRUE(std::isnan(conformance_probability(std::nan(""), 1, -1, 1)));
  EXPECT_TRUE(std::isnan(conformance_probability(0, -1, -1, 1)));
  EXPECT_TRUE(std::isnan(specific_risk(0, infinite, 2, -1, 1).false_accept));
  EXPECT_THROW(conformance_probability(0, 1, 1, -1), std::logic_error);
  EXPECT_THROW(specific_risk(0, 1, 0, -1, 1), std::logic_error);
}

// By another program (mpmath, 25 digits), which integrates over the measured values with the truth's posterior instead.
TEST(RiskTest, GlobalRisksAgreeWithAnotherProgramGoingTheOtherWayRound) {
  const auto ideal = global_risk({0, 0.2}, 0.05, -0.5, 0.5, -0.5, 0.5);
  EXPECT_NEAR(ideal->consumer, 0.002445348712704, 1e-9);
  EXPECT_NEAR(ideal->producer, 0.00531938909135, 1e-9);
  const auto guarded = global_risk({0.1, 0.25}, 0.06, -0.5, 0.5, -0.38, 0.38);
  EXPECT_NEAR(guarded->consumer, 0.000236664811159, 1e-9);
  EXPECT_NEAR(guarded->producer, 0.1062524509278, 1e-9);
  const auto coarse = global_risk({0, 0.3}, 0.25, -0.5, 0.5, -0.45, 0.45);
  EXPECT_NEAR(coarse->consumer, 0.02518157467916, 1e-9);
  EXPECT_NEAR(coarse->producer, 0.178785575395, 1e-9);
  const auto fine = global_risk({-0.02, 0.15}, 0.001, -0.3, 0.3, -0.299, 0.299);
  EXPECT_NEAR(fine->consumer, 6.120923377799e-5, 1e-9);
  EXPECT_NEAR(fine->producer, 0.0008099838935858, 1e-9);
}

// A limit at the mean: the probability of a quadrant of a bivariate normal distribution (Sheppard), atan(u/s) / 2π.
TEST(RiskTest, GlobalRisksAtTheMeanFollowSheppard) {
  for (const auto& [s, u] : {std::pair{1.0, 1.0}, {1.0, 0.1}, {0.2, 3.0}, {1.0, 1e-4}}) {
    const auto risk = global_risk({5, s}, u, -infinite, 5, -infinite, 5);
    const double quadrant = std::atan2(u, s) / (2 * std::numbers::pi);
    EXPECT_NEAR(risk->consumer, quadrant, 1e-9) << s << ' ' << u;
    EXPECT_NEAR(risk->producer, quadrant, 1e-9) << s << ' ' << u;
  }
}

TEST(RiskTest, ExtremesOfProductionAndMeasurementAreExact) {
  // A perfect measurement accepts what lies between its acceptance limits.
  const auto perfect = global_risk({0, 1}, 0, -2, 2, -1, 1);
  EXPECT_NEAR(perfect->consumer, 0, 1e-12);
  EXPECT_NEAR(perfect->producer, std::erf(2 / std::numbers::sqrt2) - std::erf(1 / std::numbers::sqrt2), 1e-9);
  // Items that are all alike.
  const auto alike = global_risk({3, 0}, 1, -2, 2, -2, 2);
  EXPECT_NEAR(alike->consumer, 0.5 * std::erfc(1 / std::numbers::sqrt2) - 0.5 * std::erfc(5 / std::numbers::sqrt2),
              1e-12);
  EXPECT_EQ(alike->producer, 0);
  // A guard band that leaves no room accepts nothing.
  const auto none = global_risk({0, 1}, 1, -2, 2, 0.1, -0.1);
  EXPECT_EQ(none->consumer, 0);
  EXPECT_NEAR(none->producer, std::erf(std::numbers::sqrt2), 1e-9);
}

TEST(RiskTest, SenselessProductionsAreRefused) {
  EXPECT_FALSE(global_risk({0, -1}, 1, -1, 1, -1, 1));
  EXPECT_FALSE(global_risk({std::nan(""), 1}, 1, -1, 1, -1, 1));
  EXPECT_FALSE(global_risk({0, 1}, infinite, -1, 1, -1, 1));
  EXPECT_FALSE(global_risk({0, 1}, 1, 1, -1, -1, 1));
  EXPECT_FALSE(global_risk({0, 1}, 1, -1, 1, std::nan(""), 1));
}

}  // namespace
}  // namespace blondel
