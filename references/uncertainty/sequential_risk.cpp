// What stopping early does to risk and time, by simulation: sequential_risk [items] [seed]
//
// Each item has a true error; each measurement a systematic error of its own, one reading a second with white noise,
// and a quantisation error at both ends of its window. The rule's boundaries are asked after every look, with the noise
// known (as planned) or found from the readings (type A). Exit 1 where false accepts of items exactly at their limit
// are more than the rule has with one look, beyond four standard deviations of the count.

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <random>

#include "references/uncertainty/budget.hpp"
#include "references/uncertainty/sequential.hpp"

namespace blondel {
namespace {

constexpr double limit = 0.5;  // %

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_{seed} {}
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) / 9007199254740992.0; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(uniform())), turn = 2 * std::numbers::pi * uniform();
    return radius * std::cos(turn);
  }

 private:
  std::mt19937_64 engine_;
};

struct Bench {
  const char* name;
  TimeDependence uncertainty;
};

/// Uncertainties in % of a class of 0.5 %, 60 s: what dominates differs.
const Bench benches[] = {
    {"noise", {.systematic = 0.01, .quantisation = 0, .noise = 0.3}},
    {"mixed", {.systematic = 0.03, .quantisation = 0.8, .noise = 0.2}},
    {"systematic", {.systematic = 0.05, .quantisation = 0.4, .noise = 0.05}},
};

struct Ended {
  SequentialPlan::Stop stop{};
  double seconds{};
  bool covered{};  ///< the interval of the value at the end holds the true error
};

Ended measure(const SequentialPlan& plan, const TimeDependence& u, double truth, bool type_a, Random& random) {
  const double shared = u.systematic * random.normal();
  // Two equal rectangles with the standard deviation of the planned quantisation together.
  const double tick = u.quantisation * std::sqrt(6.0);
  const double first_edge = tick * (random.uniform() - 0.5);
  double sum = 0, squares = 0;
  int readings = 0;
  for (std::size_t k = 0; k < plan.looks().size(); ++k) {
    const double t = plan.looks()[k].seconds;
    for (; readings < static_cast<int>(t); ++readings) {
      const double x = u.noise * random.normal();
      sum += x;
      squares += x * x;
    }
    const double value = truth + shared + sum / t + (first_edge + tick * (random.uniform() - 0.5)) / t;
    double standard = plan.looks()[k].standard_uncertainty, dof = std::numeric_limits<double>::infinity();
    if (type_a) {
      const double spread = std::sqrt((squares - sum * sum / readings) / (readings - 1) / readings);
      standard = std::hypot(u.systematic, u.quantisation / t, spread);
      dof = (readings - 1) * std::pow(standard / spread, 4);
    }
    const auto stop = plan.decide_at(k, value, standard, dof);
    if (stop == SequentialPlan::Stop::go_on) continue;
    const double expanded = coverage_factor(dof, two_sigma_probability()) * standard;
    return {stop, t, std::abs(value - truth) <= expanded};
  }
  return {};
}

struct Tally {
  double pass{}, fail{}, mean_seconds{}, covered{};
};

Tally tally(const SequentialPlan& plan, const TimeDependence& u, double truth, bool type_a, int items, Random& random) {
  Tally all;
  for (int n = 0; n < items; ++n) {
    const auto end = measure(plan, u, truth, type_a, random);
    all.pass += end.stop == SequentialPlan::Stop::pass;
    all.fail += end.stop == SequentialPlan::Stop::fail;
    all.mean_seconds += end.seconds;
    all.covered += end.covered;
  }
  const double n = items;
  return {all.pass / n, all.fail / n, all.mean_seconds / n, all.covered / n};
}

double normal_below(double z) {
  return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

/// The error at which this plan passes nine of ten items.
double nine_of_ten(const SequentialPlan& plan) {
  double low = 0, high = limit;
  for (int i = 0; i < 12; ++i) {
    const double middle = (low + high) / 2;
    (plan.operating(middle).pass > 0.9 ? low : high) = middle;
  }
  return low;
}

/// The fixed time with the same false accepts at the limit that passes as many items of that error.
double equal_risk_seconds(const TimeDependence& u, double band, double error) {
  constexpr double z_nine_of_ten = 1.2815515655446004;
  const auto t = time_for((limit - error) / (band + z_nine_of_ten), u);
  return t ? *t : std::nan("");
}

bool print_bench(const Bench& bench, const DecisionRule& rule, int looks, int items, Random& random) {
  constexpr double longest = 60;
  SequentialDesign design{-limit, limit, rule, bench.uncertainty, {}, 0.05};
  for (int i = 1; i <= looks; ++i) design.looks_s.push_back(std::round(longest * i / looks));
  const auto plan = value_or_throw(SequentialPlan::make(design));
  const double u = plan.looks().back().standard_uncertainty;
  const double band = guard_bands(rule, 2 * u, -limit, limit).accept / u;
  const double one_look = normal_below(-band);
  const double four_sigma = 4 * std::sqrt(one_look * (1 - one_look) / items);

  bool good = true;
  double accepts[2];
  for (const bool type_a : {false, true}) {
    const auto at_limit = tally(plan, bench.uncertainty, limit, type_a, items, random);
    accepts[type_a] = at_limit.pass;
    good = good && at_limit.pass <= one_look + four_sigma;
  }
  double time[3];
  const double errors[] = {0, 0.5 * limit, 0.8 * limit};
  for (int i = 0; i < 3; ++i) {
    const auto done = tally(plan, bench.uncertainty, errors[i], true, items / 10, random);
    time[i] = done.mean_seconds;
  }
  double covered = 0;
  for (int n = 0; n < items; ++n)
    covered += measure(plan, bench.uncertainty, limit * (2 * random.uniform() - 1), true, random).covered;
  covered /= items;
  const double fixed = equal_risk_seconds(bench.uncertainty, band, nine_of_ten(plan));
  fmt::print(
      "{:11} {:19} {:5} {:6.3f} {:8.3f} {:9.3f} {:9.3f} {:9.3f}{} {:7.1f} {:7.1f} {:7.1f} {:7.1f} {:6.0f} {:8.2f}\n",
      bench.name, name(rule), plan.looks().size(), plan.looks().back().pass_at, 100 * one_look,
      100 * plan.operating(limit).pass, 100 * accepts[0], 100 * accepts[1], good ? ' ' : '!', time[0], time[1], time[2],
      fixed, 100 * (1 - time[1] / fixed), 100 * covered);
  return good;
}

}  // namespace
}  // namespace blondel

int main(int argc, char** argv) {
  using namespace blondel;
  const int items = argc > 1 ? std::atoi(argv[1]) : 40000;
  Random random{argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1};
  if (items < 1000) {
    fmt::print(stderr, "sequential_risk: expected at least 1000 items\n");
    return 4;
  }
  fmt::print(
      "Limit {} %, at most 60 s, {} items a cell. False accepts of items exactly at the limit, in %: of one look "
      "at 60 s, computed,\nsimulated with known noise and with type A. Mean time in s of items with errors of 0, "
      "half and four fifths of the limit;\nthe fixed time of equal risk; what is saved at half the limit, in %; "
      "the coverage of ±U at the end, in %, for errors spread evenly between the limits.\n\n",
      limit, items);
  fmt::print("{:11} {:19} {:>5} {:>6} {:>8} {:>9} {:>9} {:>9}  {:>7} {:>7} {:>7} {:>7} {:>6} {:>8}\n", "dominant",
             "rule", "looks", "band", "one look", "computed", "known", "type A", "t(0)", "t(1/2)", "t(4/5)", "fixed",
             "saved", "coverage");
  bool good = true;
  for (const auto& bench : benches)
    for (const auto& rule : {DecisionRule::simple_acceptance, DecisionRule::guarded,
                             DecisionRule{DecisionRule::Kind::guarded, 0.83}, DecisionRule::z540_3_method_6})
      for (const int looks : {3, 6, 12}) good = print_bench(bench, rule, looks, items, random) && good;
  return good ? 0 : 1;
}
