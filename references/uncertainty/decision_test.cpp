#include "references/uncertainty/decision.hpp"

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
  EXPECT_FALSE(parse_decision_rule("lenient", "here"));
}

}  // namespace
}  // namespace blondel
