#include "references/uncertainty/decision.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace blondel {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
const double no_number = std::nan("");

Verdict simple(double e, double u) {
  return decide(e, u, -0.5, 0.5, DecisionRule::simple_acceptance);
}
Verdict guarded(double e, double u) {
  return decide(e, u, -0.5, 0.5, DecisionRule::guarded);
}

TEST(DecisionTest, SimpleAcceptanceLooksAtTheValueAlone) {
  for (const double u : {0.0, 0.1, 10.0}) {
    EXPECT_EQ(simple(0, u), Verdict::pass);
    EXPECT_EQ(simple(0.5, u), Verdict::pass);
    EXPECT_EQ(simple(-0.5, u), Verdict::pass);
    EXPECT_EQ(simple(0.5001, u), Verdict::fail);
    EXPECT_EQ(simple(-0.5001, u), Verdict::fail);
  }
}

TEST(DecisionTest, GuardedPassesAndFailsOnlyWhatIsCertain) {
  EXPECT_EQ(guarded(0.25, 0.25), Verdict::pass);
  EXPECT_EQ(guarded(-0.25, 0.25), Verdict::pass);
  EXPECT_EQ(guarded(0.26, 0.25), Verdict::inconclusive);
  EXPECT_EQ(guarded(0.6, 0.25), Verdict::inconclusive);
  EXPECT_EQ(guarded(0.75, 0.25), Verdict::inconclusive);
  EXPECT_EQ(guarded(0.76, 0.25), Verdict::fail);
  EXPECT_EQ(guarded(-0.76, 0.25), Verdict::fail);
  EXPECT_EQ(guarded(0, 0.6), Verdict::inconclusive) << "an uncertainty wider than the limits shows nothing";
  EXPECT_EQ(guarded(0.5, 0), Verdict::pass);
}

TEST(DecisionTest, WhatIsNotKnownNeverPassesNorFails) {
  for (const auto rule : {DecisionRule::simple_acceptance, DecisionRule::guarded}) {
    EXPECT_EQ(decide(no_number, 0.1, -1, 1, rule), Verdict::inconclusive);
    EXPECT_EQ(decide(infinite, 0.1, -1, 1, rule), Verdict::inconclusive);
    EXPECT_EQ(decide(0, no_number, -1, 1, rule), Verdict::inconclusive);
    EXPECT_EQ(decide(0, infinite, -1, 1, rule), Verdict::inconclusive);
    EXPECT_EQ(decide(0, -0.1, -1, 1, rule), Verdict::inconclusive);
    EXPECT_EQ(decide(0, 0.1, no_number, 1, rule), Verdict::inconclusive);
    EXPECT_EQ(decide(0, 0.1, -1, no_number, rule), Verdict::inconclusive);
    EXPECT_EQ(decide(5, 0.1, -infinite, 1, rule), Verdict::fail);
    EXPECT_EQ(decide(-5, 0.1, -infinite, 1, rule), Verdict::pass);
    EXPECT_THROW(decide(0, 0.1, 1, -1, rule), std::logic_error);
  }
}

TEST(DecisionTest, RulesAreReadAsPlansWriteThem) {
  EXPECT_EQ(parse_decision_rule("guarded", "here"), DecisionRule::guarded);
  EXPECT_EQ(parse_decision_rule("simple acceptance", "here"), DecisionRule::simple_acceptance);
  EXPECT_EQ(parse_decision_rule("guarded by 0.83 U", "here"), (DecisionRule{DecisionRule::Kind::guarded, 0.83}));
  EXPECT_EQ(parse_decision_rule("Z540.3 method 6", "here"), DecisionRule::z540_3_method_6);
  EXPECT_EQ(parse_decision_rule("ILAC-G8 non-binary", "here"), DecisionRule::ilac_g8_non_binary);
  EXPECT_EQ(parse_decision_rule("ILAC-G8 non-binary by 1.5 U", "here"),
            (DecisionRule{DecisionRule::Kind::non_binary, 1.5}));
  EXPECT_FALSE(parse_decision_rule("lenient", "here"));
}

TEST(DecisionTest, EveryRuleIsReadBackFromItsName) {
  for (const auto& text : {"simple acceptance", "guarded", "guarded by 0.83 U", "Z540.3 method 6", "ILAC-G8 non-binary",
                           "ILAC-G8 non-binary by 2 U"})
    EXPECT_EQ(name(parse_decision_rule(text, "here").value()), text);
}

TEST(DecisionTest, AMisspeltRuleIsRefusedWithTheNearestOne) {
  const auto misspelt = parse_decision_rule("guardd", "plan.yaml:3:5");
  ASSERT_FALSE(misspelt);
  EXPECT_EQ(misspelt.error().fault, Fault::malformed);
  EXPECT_EQ(misspelt.error().where, "plan.yaml:3:5");
  EXPECT_THAT(misspelt.error().what, testing::HasSubstr("found 'guardd'; did you mean 'guarded'?"));
  EXPECT_THAT(parse_decision_rule("Z540 method 6", "here").error().what, testing::HasSubstr("'Z540.3 method 6'?"));
}

TEST(DecisionTest, AGuardBandThatIsNoneOrHugeIsRefused) {
  for (const auto& text : {"guarded by 0 U", "guarded by -1 U", "guarded by 6 U", "guarded by 0.5", "guarded by U",
                           "guarded by  U", "guarded by nan U", "guarded by 0.5 V", "ILAC-G8 non-binary by 0 U"})
    EXPECT_FALSE(parse_decision_rule(text, "here")) << text;
  EXPECT_FALSE(parse_decision_rule("simple acceptance by 1 U", "here"));
}

TEST(DecisionTest, ASmallerGuardBandDecidesMore) {
  const DecisionRule rule{DecisionRule::Kind::guarded, 0.5};
  EXPECT_EQ(decide(0.375, 0.25, -0.5, 0.5, rule), Verdict::pass);
  EXPECT_EQ(decide(0.38, 0.25, -0.5, 0.5, rule), Verdict::inconclusive);
  EXPECT_EQ(decide(0.63, 0.25, -0.5, 0.5, rule), Verdict::fail);
}

// M from the printed formula by another program (25 digits).
TEST(DecisionTest, MethodSixGuardsAcceptanceByItsMultiplier) {
  const auto rule = DecisionRule::z540_3_method_6;
  const std::pair<double, double> table[] = {{1, 0.4572517476},  {1.5, 0.360177306}, {2, 0.281645308}, {3, 0.155318274},
                                             {4, 0.05312129803}, {4.6, 0},           {10, 0}};
  for (const auto& [ratio, m] : table) {
    const auto w = guard_bands(rule, 1 / ratio, -1, 1);
    EXPECT_NEAR(w.accept, m / ratio, 1e-9) << ratio;
    EXPECT_EQ(w.reject, 0);
  }
  // TUR 2: U = 0.25, A = 0.5 - 0.0704
  EXPECT_EQ(decide(0.4295, 0.25, -0.5, 0.5, rule), Verdict::pass);
  EXPECT_EQ(decide(-0.4297, 0.25, -0.5, 0.5, rule), Verdict::inconclusive);
  EXPECT_EQ(decide(0.5, 0.25, -0.5, 0.5, rule), Verdict::inconclusive);
  EXPECT_EQ(decide(0.5001, 0.25, -0.5, 0.5, rule), Verdict::fail);
  EXPECT_EQ(decide(0.5, 0.1, -0.5, 0.5, rule), Verdict::pass) << "TUR 5";
  EXPECT_EQ(decide(0.5, 0, -0.5, 0.5, rule), Verdict::pass);
}

TEST(DecisionTest, MethodSixHoldsOneSidedLimitsAtTwoPercent) {
  // Φ(-2 · 1.0268744) = 0.02
  EXPECT_NEAR(guard_bands(DecisionRule::z540_3_method_6, 1, -infinite, 0).accept, 1.0268744, 1e-6);
  EXPECT_NEAR(guard_bands(DecisionRule::z540_3_method_6, 1, 0, infinite).accept, 1.0268744, 1e-6);
}

TEST(DecisionTest, TheNonBinaryRuleKnowsConditionalWords) {
  const auto rule = DecisionRule::ilac_g8_non_binary;
  const auto said = [&](double e) { return name(state(e, 0.125, -0.5, 0.5, rule)); };
  EXPECT_EQ(said(0.375), "pass");
  EXPECT_EQ(said(0.376), "conditional pass");
  EXPECT_EQ(said(0.5), "conditional pass");
  EXPECT_EQ(said(-0.501), "conditional fail");
  EXPECT_EQ(said(0.625), "conditional fail");
  EXPECT_EQ(said(0.626), "fail");
  EXPECT_EQ(said(no_number), "inconclusive");
  EXPECT_EQ(decide(0.45, 0.125, -0.5, 0.5, rule), Verdict::inconclusive);
  EXPECT_EQ(decide(0.55, 0.125, -0.5, 0.5, rule), Verdict::inconclusive);
  EXPECT_EQ(name(state(0.45, 0.125, -infinite, 0.5, rule)), "conditional pass") << "a limit on one side";
  EXPECT_EQ(name(state(0, 2, -0.5, 0.5, rule)), "conditional pass") << "wider than the limits";
}

TEST(DecisionTest, NoRuleSaysAnythingOfWhatIsNotANumber) {
  for (const auto rule : {DecisionRule::simple_acceptance, DecisionRule::guarded, DecisionRule::z540_3_method_6,
                          DecisionRule::ilac_g8_non_binary}) {
    EXPECT_EQ(state(no_number, 0.1, -1, 1, rule), Statement::inconclusive);
    EXPECT_EQ(state(0, no_number, -1, 1, rule), Statement::inconclusive);
    EXPECT_EQ(state(0, infinite, -1, 1, rule), Statement::inconclusive);
    EXPECT_EQ(state(0, -0.1, -1, 1, rule), Statement::inconclusive);
    EXPECT_FALSE(decides_by(rule).empty());
  }
}

}  // namespace
}  // namespace blondel
