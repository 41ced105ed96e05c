#include "references/uncertainty/sequential.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "references/uncertainty/budget.hpp"
#include "references/uncertainty/sequential_walk.hpp"

namespace blondel {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
using Stop = SequentialPlan::Stop;

double normal_below(double z) {
  return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

/// Normal deviates, the same on every machine but for the last bits of log and cos.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : engine_{seed} {}
  double next() {
    const double radius = std::sqrt(-2 * std::log(uniform())), turn = 2 * std::numbers::pi * uniform();
    return radius * std::cos(turn);
  }

 private:
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) / 9007199254740992.0; }
  std::mt19937_64 engine_;
};

SequentialPlan plan_of(const SequentialDesign& design) {
  auto plan = SequentialPlan::make(design);
  EXPECT_TRUE(plan);
  return *std::move(plan);
}

std::vector<double> every(double step, int count) {
  std::vector<double> looks;
  for (int i = 1; i <= count; ++i) looks.push_back(step * i);
  return looks;
}

const DecisionRule rules[] = {DecisionRule::simple_acceptance, DecisionRule::guarded,
                              DecisionRule{DecisionRule::Kind::guarded, 0.83}, DecisionRule::z540_3_method_6,
                              DecisionRule::ilac_g8_non_binary};

/// A class limit of 0.5 %, a systematic part of a tenth of it in standard uncertainty, noise that is as much after 36
/// s.
SequentialDesign half_percent(DecisionRule rule) {
  return {-0.5, 0.5, rule, {.systematic = 0.05, .quantisation = 0, .noise = 0.3}, every(10, 6), 0.05};
}

// Boundaries of O'Brien and Fleming's kind by Lan and DeMets' spending, five equal looks, one-sided 2.5 %, as printed
// in tables of group sequential design: 4.877, 3.357, 2.680, 2.290, 2.031. The band of the rule is then 1.96 u.
TEST(SequentialTest, BoundariesAreThoseOfThePrintedTables) {
  const DecisionRule rule{DecisionRule::Kind::guarded, 1.959964 / 2};
  const auto plan = plan_of({-infinite, 0, rule, {.noise = 1}, every(1, 5), 0.05});
  ASSERT_EQ(plan.looks().size(), 5u);
  const double printed[] = {4.877, 3.357, 2.680, 2.290, 2.031};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(plan.looks()[i].pass_at, printed[i], 0.0015) << i;
    EXPECT_NEAR(plan.looks()[i].fail_at, printed[i], 0.0015) << i;
  }
  EXPECT_NEAR(plan.looks().back().false_accept, 0.025, 2e-6);
}

TEST(SequentialTest, OneLookIsTheRuleItself) {
  for (const auto& rule : rules) {
    auto design = half_percent(rule);
    design.looks_s = {60};
    const auto plan = plan_of(design);
    const double u = design.uncertainty.at(60), expanded = 2 * u;
    ASSERT_EQ(plan.looks().size(), 1u);
    for (double value = -1; value <= 1; value += 0.001) {
      const auto verdict = decide(value, expanded, -0.5, 0.5, rule);
      const auto stop = plan.decide_at(0, value, u);
      EXPECT_EQ(stop == Stop::pass, verdict == Verdict::pass) << name(rule) << ' ' << value;
      EXPECT_EQ(stop == Stop::fail, verdict == Verdict::fail) << name(rule) << ' ' << value;
    }
  }
}

TEST(SequentialTest, NoRuleSpendsMoreThanItsOwnRisk) {
  const double alphas[] = {0.5, normal_below(-2), normal_below(-1.66), 0, normal_below(-2)};
  for (std::size_t i = 0; i < std::size(rules); ++i) {
    const auto plan = plan_of(half_percent(rules[i]));
    if (rules[i] != DecisionRule::z540_3_method_6) {
      EXPECT_NEAR(plan.looks().back().false_accept, alphas[i], 2e-5) << name(rules[i]);
    }
    double before = 0;
    for (const auto& look : plan.looks()) {
      EXPECT_GE(look.false_accept, before);
      before = look.false_accept;
    }
    for (std::size_t k = 0; k + 1 < plan.looks().size(); ++k) EXPECT_LE(plan.looks()[k].false_accept, 0.05 + 1e-6);
  }
}

// The heart of it: items exactly at the limit, looked at again and again, readings with a systematic error drawn afresh
// for each. Four standard deviations of the count are allowed.
TEST(SequentialTest, LookingRepeatedlyDoesNotRaiseFalseAccepts) {
  constexpr int items = 20000;
  for (const auto& rule : rules) {
    const auto design = half_percent(rule);
    const auto plan = plan_of(design);
    Noise noise{7};
    int passed = 0, failed = 0, naive = 0;
    double seconds = 0;
    for (int n = 0; n < items; ++n) {
      const double truth = 0.5 + design.uncertainty.systematic * noise.next();
      double sum = 0, t = 0;
      bool ended = false, fooled = false;
      for (std::size_t k = 0; k < plan.looks().size(); ++k) {
        const auto& look = plan.looks()[k];
        sum += design.uncertainty.noise * std::sqrt(look.seconds - t) * noise.next();
        t = look.seconds;
        const double value = truth + sum / t;
        fooled = fooled || decide(value, 2 * look.standard_uncertainty, -0.5, 0.5, rule) == Verdict::pass;
        if (ended) continue;
        const auto stop = plan.decide_at(k, value, look.standard_uncertainty);
        ended = stop != Stop::go_on;
        passed += stop == Stop::pass;
        failed += stop == Stop::fail;
        if (ended) seconds += t;
      }
      EXPECT_TRUE(ended);
      naive += fooled;
    }
    const auto whole = guard_bands(rule, 2 * design.uncertainty.at(60), -0.5, 0.5);
    const double alpha = normal_below(-whole.accept / design.uncertainty.at(60));
    const double four_sigma = 4 * std::sqrt(alpha * (1 - alpha) / items);
    EXPECT_LE(passed / double{items}, alpha + four_sigma) << name(rule);
    EXPECT_GT(naive / double{items}, alpha + four_sigma) << name(rule) << ": looking without correction would not";
    const auto computed = plan.operating(0.5);
    EXPECT_NEAR(passed / double{items}, computed.pass, four_sigma + 1e-4) << name(rule);
    EXPECT_NEAR(failed / double{items}, computed.fail, 4 * std::sqrt(0.25 / items)) << name(rule);
    EXPECT_NEAR(seconds / items / computed.mean_seconds, 1, 0.01) << name(rule);
  }
}

// Both ends of every window are rounded: the beginning is common to all looks, each end is new.
TEST(SequentialTest, NewRoundingAtEveryLookDoesNotRaiseThemEither) {
  constexpr int items = 20000;
  const DecisionRule rule{DecisionRule::Kind::guarded, 0.83};
  const SequentialDesign design{-0.5, 0.5, rule, {.systematic = 0.02, .quantisation = 3}, every(5, 12), 0.05};
  const auto plan = plan_of(design);
  Noise noise{11};
  int passed = 0;
  for (int n = 0; n < items; ++n) {
    const double truth = 0.5 + design.uncertainty.systematic * noise.next();
    const double end = design.uncertainty.quantisation / std::numbers::sqrt2, beginning = end * noise.next();
    for (std::size_t k = 0; k < plan.looks().size(); ++k) {
      const double value = truth + (beginning + end * noise.next()) / plan.looks()[k].seconds;
      const auto stop = plan.decide_at(k, value, plan.looks()[k].standard_uncertainty);
      if (stop == Stop::go_on) continue;
      passed += stop == Stop::pass;
      break;
    }
  }
  const double alpha = normal_below(-1.66);
  EXPECT_LE(passed / double{items}, alpha + 4 * std::sqrt(alpha / items));
  EXPECT_GT(passed / double{items}, 0.7 * alpha) << "nor wastes it";
}

/// The probability that an item exactly at its limit is accepted at the first of two looks or at the second, by the
/// normal distribution of what is found between them: the second mean is half the first and half the new noise.
double accepted_at_two_equal_looks(double first_band, double second_band) {
  constexpr double step = 1e-3;
  double second_only = 0;
  for (double z = -std::min(first_band, 20.0) + step / 2; z < 20; z += step) {
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    second_only += step * density * normal_below(-second_band * std::numbers::sqrt2 - z);
  }
  return normal_below(-first_band) + second_only;
}

// Up to 5 U: the risk at the limit is then 7.6e-24.
TEST(SequentialTest, EveryGuardBandKeepsItsRiskAndDecides) {
  for (const double r : {0.5, 1.0, 1.5, 2.0, 2.5, 2.8, 2.9, 2.99, 3.0, 3.01, 3.5, 3.9, 4.0, 4.5, 5.0}) {
    const DecisionRule rule{DecisionRule::Kind::guarded, r};
    const auto plan = plan_of({-infinite, 0, rule, {.noise = 1}, {1, 2}, 0.05});
    ASSERT_EQ(plan.looks().size(), 2u);
    const auto &first = plan.looks()[0], &last = plan.looks()[1];
    const double stated = normal_below(-2 * r);
    EXPECT_LE(accepted_at_two_equal_looks(first.pass_at, last.pass_at), 1.02 * stated)
        << r << ": two thousandths of u are not told apart";
    EXPECT_TRUE(first.fail_at == first.pass_at || std::abs(first.fail_at - first.pass_at) < 2e-3) << r;
    EXPECT_GE(last.pass_at, 2 * r - 1e-12) << r;
    EXPECT_LE(last.pass_at, 2 * r + (r < 3 ? 0.1 : 1e-12)) << r << ": the rule's own";
    if (r >= 3) {
      EXPECT_LE(first.pass_at, 2 * r + 1.5) << r;
    }
    EXPECT_EQ(plan.decide_at(1, -(2 * r + 0.15) * last.standard_uncertainty, last.standard_uncertainty), Stop::pass)
        << r;
    EXPECT_EQ(plan.decide_at(1, (2 * r + 0.15) * last.standard_uncertainty, last.standard_uncertainty), Stop::fail)
        << r;
  }
}

TEST(SequentialTest, ManyLooksOfAWideGuardBandShareAThousandthOfItsRisk) {
  for (const double r : {3.0, 4.0, 5.0}) {
    const auto plan = plan_of({-0.5, 0.5, {DecisionRule::Kind::non_binary, r}, {.noise = 0.01}, every(6, 50), 0.05});
    ASSERT_GT(plan.looks().size(), 20u);
    double all = 0;
    for (const auto& look : plan.looks()) all += normal_below(-look.pass_at);
    EXPECT_LE(all / normal_below(-2 * r), 1.001 + 1e-9) << r;
    EXPECT_GT(plan.operating(0.025).pass, 0.999) << r;
    EXPECT_LT(plan.predict_time(0.025), 7) << r << ": far inside, the first look does";
  }
}

TEST(SequentialTest, OperatingProbabilitiesOfTwoLooksFollowByHand) {
  const auto design = SequentialDesign{-1, 1, DecisionRule::guarded, {.noise = 1}, {5, 20}, 0.05};
  const auto plan = plan_of(design);
  const auto& first = plan.looks()[0];
  const double u = 1 / std::sqrt(5.0);
  for (const double error : {0.0, 0.3, 1.0, 2.5}) {
    const double pass =
        std::max(0.0, normal_below((1 - error) / u - first.pass_at) - normal_below((-1 - error) / u + first.pass_at));
    const double fail = normal_below((error - 1) / u - first.fail_at) + normal_below((-1 - error) / u - first.fail_at);
    const auto ends = plan.operating(error);
    EXPECT_NEAR(ends.mean_seconds, 20 - 15 * (pass + fail), 1e-3) << error;
    EXPECT_NEAR(ends.pass + ends.fail + ends.inconclusive, 1, 1e-5);
  }
  EXPECT_NEAR(plan.operating(0.4).pass, plan.operating(-0.4).pass, 1e-6);
}

TEST(SequentialTest, AGoodItemIsDoneEarlyAndOneAtItsLimitTakesAllItsTime) {
  const auto plan = plan_of(half_percent(DecisionRule::guarded));
  EXPECT_LT(plan.predict_time(0), 0.6 * 60);
  EXPECT_GT(plan.predict_time(0.5), 0.9 * 60);
  EXPECT_LT(plan.predict_time(1.5), 0.5 * 60);
  EXPECT_GT(plan.predict_time(0.3), plan.predict_time(0.1));
}

TEST(SequentialTest, WhatDoesNotFallWithTimeIsNotWaitedFor) {
  // After 10 s nearly all the information there will ever be has arrived.
  const auto plan =
      plan_of({-0.5, 0.5, DecisionRule::guarded, {.systematic = 0.1, .noise = 0.01}, every(10, 60), 0.05});
  EXPECT_EQ(plan.looks().size(), 1u);
  EXPECT_EQ(plan.predict_time(0.5), 10);
}

TEST(SequentialTest, LooksThatAddNothingAreLeftOut) {
  const auto plan = plan_of({-0.5, 0.5, DecisionRule::guarded, {.noise = 0.3}, {10, 10.001, 20, 60, 60.01}, 0.05});
  std::vector<double> times;
  for (const auto& look : plan.looks()) times.push_back(look.seconds);
  EXPECT_EQ(times, (std::vector<double>{10, 20, 60}));
}

TEST(SequentialTest, FewDegreesOfFreedomNeedMoreDistance) {
  const auto plan = plan_of(half_percent(DecisionRule::guarded));
  const auto& look = plan.looks()[2];
  const double u = look.standard_uncertainty, value = 0.5 - 1.02 * look.pass_at * u;
  EXPECT_EQ(plan.decide_at(2, value, u), Stop::pass);
  EXPECT_EQ(plan.decide_at(2, value, u, 4), Stop::go_on);
  EXPECT_EQ(plan.decide_at(2, 0, u / 10, 4), Stop::pass);
}

TEST(SequentialTest, WhatIsNotANumberGoesOnAndIsInconclusiveAtLast) {
  const auto plan = plan_of(half_percent(DecisionRule::simple_acceptance));
  const auto last = plan.looks().size() - 1;
  for (const double u : {std::nan(""), -0.1, infinite}) {
    EXPECT_EQ(plan.decide_at(0, 0, u), Stop::go_on);
    EXPECT_EQ(plan.decide_at(last, 0, u), Stop::inconclusive);
  }
  EXPECT_EQ(plan.decide_at(0, std::nan(""), 0.01), Stop::go_on);
  EXPECT_EQ(plan.decide_at(last, 0.5, 0.01), Stop::pass) << "simple acceptance decides on the limit too";
  EXPECT_EQ(plan.decide_at(last, 0.5001, 0.01), Stop::fail);
}

TEST(SequentialTest, SenselessDesignsAreRefused) {
  const auto refused = [](auto change) {
    auto design = half_percent(DecisionRule::guarded);
    change(design);
    return !SequentialPlan::make(design);
  };
  EXPECT_TRUE(refused([](auto& d) { d.lower = 1; }));
  EXPECT_TRUE(refused([](auto& d) { d.looks_s = {}; }));
  EXPECT_TRUE(refused([](auto& d) { d.looks_s = {0, 1}; }));
  EXPECT_TRUE(refused([](auto& d) { d.looks_s = {10, 10}; }));
  EXPECT_TRUE(refused([](auto& d) { d.looks_s = {10, infinite}; }));
  EXPECT_TRUE(refused([](auto& d) { d.uncertainty = {}; }));
  EXPECT_TRUE(refused([](auto& d) { d.uncertainty.noise = -1; }));
  EXPECT_TRUE(refused([](auto& d) { d.uncertainty.noise = std::nan(""); }));
  EXPECT_TRUE(refused([](auto& d) { d.early_risk = 0.6; }));
}

TEST(SequentialTest, AFixedTimeReachesTheUncertaintyWanted) {
  const TimeDependence u{.systematic = 0.03, .quantisation = 2, .noise = 0.2};
  const auto t = time_for(0.05, u);
  ASSERT_TRUE(t);
  EXPECT_NEAR(u.at(*t), 0.05, 1e-12);
  EXPECT_NEAR(time_for(0.05, {.noise = 0.5}).value(), 100, 1e-9);
  EXPECT_NEAR(time_for(0.05, {.quantisation = 0.5}).value(), 10, 1e-9);
  const auto never = time_for(0.03, u);
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().fault, Fault::incapable);
  EXPECT_FALSE(time_for(0, u));
  EXPECT_FALSE(time_for(std::nan(""), u));
}

TEST(SequentialWalkTest, WithoutBoundariesItIsANormalDistribution) {
  SequentialWalk walk;
  for (const double information : {0.2, 0.21, 0.5}) walk.look(information, {{-infinite, infinite}}, 0.01);
  EXPECT_NEAR(walk.going_on(), 1, 1e-6);
  for (const double z : {-3.0, -1.0, 0.0, 2.0}) EXPECT_NEAR(walk.below(1, z), normal_below(z), 1e-6) << z;
}

}  // namespace
}  // namespace blondel
