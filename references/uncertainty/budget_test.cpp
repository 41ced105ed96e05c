#include "references/uncertainty/budget.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "references/uncertainty/pulse_timing.hpp"
#include "references/uncertainty/repeatability.hpp"

namespace blondel {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

Contribution type_a(double u, double dof) {
  return {"readings", u, dof, "A", "normal"};
}

// GUM (JCGM 100:2008), table G.2, column of 95.45 %.
TEST(BudgetTest, CoverageFactorsAreThoseOfTheGuidesTable) {
  const std::pair<double, double> table[] = {{1, 13.97}, {2, 4.53},  {3, 3.31},  {4, 2.87},   {5, 2.65},
                                             {6, 2.52},  {7, 2.43},  {8, 2.37},  {9, 2.32},   {10, 2.28},
                                             {20, 2.13}, {30, 2.09}, {50, 2.05}, {100, 2.025}};
  for (const auto& [dof, k] : table)
    EXPECT_NEAR(coverage_factor(dof, two_sigma_probability()), k, dof > 50 ? 0.0006 : 0.0051) << dof;
  EXPECT_NEAR(coverage_factor(infinite, two_sigma_probability()), 2.0, 1e-12);
  EXPECT_NEAR(coverage_factor(1e12, two_sigma_probability()), 2.0, 1e-8);
  EXPECT_NEAR(coverage_factor(infinite, 0.95), 1.959964, 1e-6);
  EXPECT_NEAR(coverage_factor(7.9, 0.95), 2.36, 0.006) << "truncated to 7";
}

TEST(BudgetTest, OneStandardUncertaintyWithoutRepetitionIsDoubled) {
  Budget b{"%"};
  b.add(certificate("reference", 0.02));
  EXPECT_NEAR(b.combined(), 0.01, 1e-15);
  EXPECT_EQ(b.effective_degrees_of_freedom(), infinite);
  EXPECT_NEAR(b.expanded(), 0.02, 1e-12);
}

// A rectangle alone holds 95.45 % within 0.9545 a; two equal ones make a triangle of half-width 2a, which holds it
// within (1 - sqrt(1 - 0.9545))·2a.
TEST(BudgetTest, RectanglesNeedASmallerCoverageFactor) {
  const double p = two_sigma_probability();
  Budget one{"%"}, two{"%"}, triangle{"%"}, little{"%"};
  one.add(rectangular("alone", 1));
  EXPECT_NEAR(one.expanded(), p, 1e-6);
  two.add(rectangular("a", 1));
  two.add(rectangular("b", 1));
  triangle.add(triangular("both", 2));
  const double exact = 2 * (1 - std::sqrt(1 - p));
  EXPECT_NEAR(two.expanded(), exact, 1e-9);
  EXPECT_NEAR(triangle.expanded(), two.expanded(), 1e-12);
  little.add(certificate("normal", 2));
  little.add(rectangular("small", 0.3));
  EXPECT_NEAR(little.coverage_factor(), 2, 0.002);
}

TEST(BudgetTest, WhatWasFoundByRepetitionHasNoShapeOfItsOwn) {
  Budget b{"%"};
  b.add({"readings", 1, 4, "A", "rectangular"});
  EXPECT_EQ(b.excess_kurtosis(), 0);
  EXPECT_NEAR(b.coverage_factor(), 2.87, 0.005);
}

// Sums of equal rectangles (Irwin and Hall), by counting draws.
TEST(BudgetTest, ShapesOfManyRectanglesHoldWhatIsSaid) {
  std::mt19937_64 random{20261123};
  std::uniform_real_distribution<double> rectangle{-1, 1};
  for (const int count : {1, 2, 3, 12}) {
    Budget b{"%"};
    for (int i = 0; i < count; ++i) b.add(rectangular("r", 1));
    const double expanded = b.expanded();
    constexpr int draws = 200000;
    int held = 0;
    for (int n = 0; n < draws; ++n) {
      double sum = 0;
      for (int i = 0; i < count; ++i) sum += rectangle(random);
      held += std::abs(sum) <= expanded;
    }
    EXPECT_NEAR(held / double{draws}, two_sigma_probability(), 0.004) << count;
  }
}

TEST(BudgetTest, ContributionsAddAsSquares) {
  Budget b{"%"};
  b.add(rectangular("a", 3 * std::sqrt(3.0)));
  b.add(triangular("b", 4 * std::sqrt(6.0)));
  b.add(u_shaped("c", 12 * std::sqrt(2.0)));
  EXPECT_NEAR(b.combined(), 13, 1e-12);
}

// GUM H.1 (end gauge): u_c = 32 nm of 25 (18), 9.7 (25.6), 2.9, 16.6 (2), ... gives 16 to 17 degrees of freedom.
TEST(BudgetTest, EffectiveDegreesOfFreedomFollowTheEndGaugeExample) {
  Budget b{"nm"};
  b.add({"standard", 25, 18, "B", "normal"});
  b.add({"difference", 9.7, 25.6, "A", "normal"});
  b.add({"expansion", 2.9, 50, "B", "rectangular"});
  b.add({"temperature", 16.6, 2, "B", "rectangular"});
  EXPECT_NEAR(b.combined(), 31.7, 0.05);
  EXPECT_EQ(std::floor(b.effective_degrees_of_freedom()), 16);
}

TEST(BudgetTest, OneTypeAContributionKeepsItsDegreesOfFreedom) {
  for (const double dof : {1.0, 4.0, 9.0}) {
    Budget b{"V"};
    b.add(type_a(1e-200, dof));
    EXPECT_NEAR(b.effective_degrees_of_freedom(), dof, 1e-9);
    EXPECT_NEAR(b.coverage_factor(), coverage_factor(dof, two_sigma_probability()), 1e-12);
  }
}

TEST(BudgetTest, WhatIsNotANumberStaysSo) {
  Budget b{"%"};
  b.add(rectangular("lost", std::nan("")));
  b.add(rectangular("known", 1));
  EXPECT_TRUE(std::isnan(b.expanded()));
  EXPECT_EQ(Budget{"%"}.expanded(), 0);
}

TEST(BudgetTest, NonsenseIsOurOwnMistake) {
  Budget b{"%"};
  EXPECT_THROW(b.add(rectangular("x", -1)), std::logic_error);
  EXPECT_THROW(b.add({"x", 1, 0, "A", "normal"}), std::logic_error);
  EXPECT_THROW(b.add({"x", 1, 9, "C", "normal"}), std::logic_error);
}

// GUM (JCGM 100:2008), 5.2.2, example: ten resistors of 1000 ohm, each compared with the same standard with
// u = 100 mohm, in series: 1 ohm, not 0.32 ohm.
TEST(BudgetTest, LinesOfOneGroupAddBeforeTheyAreSquared) {
  Budget together{"ohm"}, apart{"ohm"};
  for (int i = 0; i < 10; ++i) {
    auto line = certificate("resistor", 0.1, 1).of_input(1000, "ohm", 1);
    apart.add(line);
    line.group = "the same standard";
    together.add(line);
  }
  EXPECT_NEAR(together.combined(), 1.0, 1e-12);
  EXPECT_NEAR(apart.combined(), 0.316, 0.001);
}

TEST(BudgetTest, OppositeSensitivitiesOfOneGroupCancel) {
  Budget b{"%"};
  for (const double c : {100.0, -75.0}) {
    auto line = certificate("ratio", 2e-4).of_input(0, "1", c);
    line.group = "one certificate";
    b.add(std::move(line));
  }
  b.add(type_a(0.006, 9));
  EXPECT_NEAR(b.contributions()[1].standard_uncertainty, 0.0075, 1e-15);
  EXPECT_NEAR(b.combined(), std::hypot(0.0025, 0.006), 1e-12);
  EXPECT_NEAR(b.effective_degrees_of_freedom(), std::pow(0.0065, 4) / (std::pow(0.006, 4) / 9), 1e-9);
}

TEST(BudgetTest, AnInputsUncertaintyIsMultipliedWithItsSensitivity) {
  const auto line = rectangular("phase", 3e-4).of_input(1e-4, "rad", -173.2);
  EXPECT_NEAR(line.standard_uncertainty, 3e-4 / std::sqrt(3.0) * 173.2, 1e-12);
  EXPECT_EQ(line.value, 1e-4);
  EXPECT_EQ(line.unit, "rad");
  EXPECT_EQ(line.sensitivity, -173.2);
}

// GUM, G.4.1, example: y = b·x1·x2·x3 with relative uncertainties of 0.25, 0.57 and 0.82 % from 10, 5 and 15 readings.
TEST(BudgetTest, DegreesOfFreedomFollowTheGuidesProductOfThree) {
  Budget b{"%"};
  b.add(type_a(0.25, 9));
  b.add(type_a(0.57, 4));
  b.add(type_a(0.82, 14));
  EXPECT_NEAR(b.combined(), 1.03, 0.005);
  EXPECT_NEAR(b.effective_degrees_of_freedom(), 19.0, 0.1);
  EXPECT_NEAR(coverage_factor(19, 0.95) * b.combined(), 2.2, 0.06);
}

// EA-4/02, S2 (a weight of 10 kg): 29.3 mg, and 59 mg with k = 2.
TEST(BudgetTest, TheWeightOfTenKilogramsHasItsPrintedUncertainty) {
  Budget b{"mg"};
  b.add(certificate("standard", 45));
  b.add(rectangular("drift of the standard", 15));
  b.add(certificate("difference, pooled", 14.4, 1));
  b.add(rectangular("comparator", 10));
  b.add(rectangular("air buoyancy", 10));
  EXPECT_NEAR(b.combined(), 29.3, 0.1);
  EXPECT_NEAR(b.expanded(), 59, 0.6);
}

TEST(RepeatabilityTest, MeanAndSpreadOfTenReadings) {
  const double readings[] = {1e6 + 1, 1e6 + 2, 1e6 + 3, 1e6 + 4, 1e6 + 5};
  const auto r = repeatability(readings);
  ASSERT_TRUE(r);
  EXPECT_DOUBLE_EQ(r->mean, 1e6 + 3);
  EXPECT_NEAR(r->standard_deviation, std::sqrt(2.5), 1e-9);
  EXPECT_NEAR(r->of_mean(), std::sqrt(0.5), 1e-9);
  EXPECT_EQ(r->contribution("repeatability").degrees_of_freedom, 4);
  EXPECT_EQ(r->contribution("repeatability").evaluation, "A");
}

TEST(RepeatabilityTest, OneReadingHasNoSpread) {
  const double one[] = {1.0}, lost[] = {1.0, std::nan("")};
  EXPECT_FALSE(repeatability(one));
  EXPECT_FALSE(repeatability({}));
  EXPECT_FALSE(repeatability(lost));
}

TEST(PulseTimingTest, EachCauseAddsItsShareOfTheWindow) {
  const auto lines = pulse_contributions({Seconds{10}, Seconds{1e-3}, Seconds{0.01}, Seconds{1}});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NEAR(lines[0].standard_uncertainty, 0.00408, 1e-5);  // 0.408 · 1 ms / 10 s
  EXPECT_NEAR(lines[1].standard_uncertainty, 0.1414, 1e-4);   // √2 · 10 ms / 10 s
  EXPECT_NEAR(lines[2].standard_uncertainty, 4.08, 0.003);    // 0.408 · 1 s / 10 s
  EXPECT_EQ(pulse_contributions({Seconds{10}, Seconds{0}, Seconds{0}, Seconds{0}}).size(), 2u);
  EXPECT_THROW(pulse_contributions({}), std::logic_error);
}

TEST(PulseTimingTest, PulsesAndTimesFollowFromPowerAndEnergy) {
  // 10 000 imp/kWh at 34.5 W: 10.4 s a pulse.
  EXPECT_NEAR(time_for_pulses(1, ActivePower{34.5}, watt_hours(0.1))->si(), 10.4348, 1e-4);
  EXPECT_EQ(pulses_within(ActivePower{36000}, Seconds{10}, watt_hours(10)), 10);
  EXPECT_EQ(pulses_within(ActivePower{36001}, Seconds{10}, watt_hours(10)), 11);
  EXPECT_FALSE(pulses_within(ActivePower{0}, Seconds{10}, watt_hours(10)));
  EXPECT_FALSE(time_for_pulses(0, ActivePower{1}, watt_hours(10)));
  // Ten pulses of 10 Wh at 36 kW should take 10 s; 10.1 s is slow.
  EXPECT_NEAR(in_percent(pulse_error(10, watt_hours(10), ActivePower{36000}, Seconds{10.1})), 100 * (10 / 10.1 - 1),
              1e-12);
  EXPECT_TRUE(std::isnan(pulse_error(10, watt_hours(10), ActivePower{0}, Seconds{10}).si()));
}

}  // namespace
}  // namespace blondel
