#include "references/uncertainty/sequential.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>

#include "references/uncertainty/budget.hpp"
#include "references/uncertainty/normal_distribution.hpp"
#include "references/uncertainty/sequential_walk.hpp"

namespace blondel {
namespace {

constexpr double never_reached = std::numeric_limits<double>::infinity();
constexpr double furthest_z = 8;              // 6e-16: no boundary lies beyond
constexpr double enough_information = 0.999;  // of the information there will be
constexpr double least_gain = 5e-4;           // of the same
constexpr double same_boundary = 2e-3;   // standard uncertainties; what the quadrature cannot tell from the rule's own
constexpr double least_resolved = 1e-9;  // of a risk, by the quadrature; beyond six standard uncertainties it is less
constexpr double early_share = 1e-3;     // of a risk less than that
constexpr double certain_risk = 1e-9;    // for what looks that know little are certain of all the same

/// What O'Brien and Fleming's boundaries have spent of `risk` at a fraction of the information.
double spent_like_obrien_fleming(double risk, double fraction) {
  const double z = -boost::math::quantile(boost::math::normal_distribution<double>{}, risk / 2);
  return 2 * normal_below(-z / std::sqrt(fraction));
}

/// The z at which `probability_beyond`, falling in z, is `wanted`; infinite where it is less at every z.
template <class Function>
double boundary_z(Function probability_beyond, double wanted) {
  if (!(wanted > 1e-15)) return never_reached;
  const auto too_probable = [&](double z) { return probability_beyond(z) - wanted; };
  const double at_low = too_probable(-furthest_z), at_high = too_probable(furthest_z);
  if (at_low <= 0) return -furthest_z;
  if (at_high >= 0) return furthest_z;
  const auto near = [](double a, double b) { return std::abs(a - b) < 1e-9; };
  std::uintmax_t steps = 60;
  return boost::math::tools::toms748_solve(too_probable, -furthest_z, furthest_z, at_low, at_high, near, steps).second;
}

/// A boundary for one of so many looks, all of which together spend no more than `risk` whatever they have in common
/// (Boole's inequality); infinite where there is none to spend.
double shared_boundary_z(double risk, std::size_t looks) {
  if (!(risk > 0)) return never_reached;
  return -boost::math::quantile(boost::math::normal_distribution<double>{}, risk / static_cast<double>(looks));
}

/// Whether a distance is as improbable as z of a normal distribution is, or more, by Student's t.
bool as_far_as(double z, double distance, double degrees_of_freedom) {
  if (std::isinf(z)) return false;
  if (!(degrees_of_freedom < 1e9)) return distance >= z;
  using Plain = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  const boost::math::students_t_distribution<double, Plain> t{degrees_of_freedom};
  return boost::math::cdf(boost::math::complement(t, distance)) <= normal_below(-z);
}

/// Guard bands in standard uncertainties.
GuardBands bands_in_u(DecisionRule rule, double u, double lower, double upper) {
  const auto w = guard_bands(rule, coverage_factor(never_reached, two_sigma_probability()) * u, lower, upper);
  return {w.accept / u, w.reject / u};
}

}  // namespace

Result<SequentialPlan> SequentialPlan::make(const SequentialDesign& design) {
  const auto refused = [](const char* what) { return fail(Fault::malformed, "sequential measurement", what); };
  if (!(design.lower <= design.upper)) return refused("expected a lower limit that is not above the upper one");
  if (design.looks_s.empty() || !(design.looks_s.front() > 0) || !std::isfinite(design.looks_s.back()) ||
      std::ranges::adjacent_find(design.looks_s, std::greater_equal{}) != design.looks_s.end())
    return refused("expected times of looks above 0 that rise");
  const auto& u = design.uncertainty;
  if (!(u.systematic >= 0) || !(u.quantisation >= 0) || !(u.noise >= 0) || !std::isfinite(u.at(1)) || !(u.at(1) > 0))
    return refused("expected standard uncertainties that are not negative, and not all nothing");
  if (!(design.early_risk >= 0 && design.early_risk <= 0.5)) return refused("expected an early risk of 0 to 50 %");
  SequentialPlan plan;
  plan.lower_ = design.lower;
  plan.upper_ = design.upper;
  plan.rule_ = design.rule;
  plan.keep_useful_looks(design);
  plan.correlate(design.uncertainty);
  plan.spend(design.early_risk);
  return plan;
}

void SequentialPlan::keep_useful_looks(const SequentialDesign& design) {
  const double least = design.uncertainty.at(design.looks_s.back());
  double before = 0;
  for (const double t : design.looks_s) {
    const double u = design.uncertainty.at(t);
    const double fraction = (least / u) * (least / u);
    if (fraction - before < least_gain && t != design.looks_s.back()) continue;
    // The last one replaces a look that it adds nothing to.
    if (fraction - before < least_gain && !looks_.empty()) looks_.pop_back();
    looks_.push_back({.seconds = t, .standard_uncertainty = u});
    if (fraction >= enough_information) break;
    before = fraction;
  }
}

/// With a common error, white noise and the errors of both ends, the covariance of two looks is the common variance,
/// the noise of the longer and the error of the common beginning. Without quantisation that is the variance of the
/// longer.
void SequentialPlan::correlate(const TimeDependence& u) {
  information_.assign(looks_.size(), 1);
  for (std::size_t i = looks_.size() - 1; i > 0; --i) {
    const auto &before = looks_[i - 1], &after = looks_[i];
    const double beginning = u.quantisation * u.quantisation / 2 / (before.seconds * after.seconds);
    const double covariance = u.systematic * u.systematic + u.noise * u.noise / after.seconds + beginning;
    const double correlation = covariance / (before.standard_uncertainty * after.standard_uncertainty);
    // Ends far apart share more than their variances say; then the variances are the safe side.
    const double by_variances = after.standard_uncertainty / before.standard_uncertainty;
    const double taken = std::min(correlation, by_variances);
    information_[i - 1] = information_[i] * taken * taken;
  }
}

void SequentialPlan::spend(double early_risk) {
  const auto whole = bands_in_u(rule_, looks_.back().standard_uncertainty, lower_, upper_);
  const double accept = normal_below(-whole.accept), reject = normal_below(-whole.reject);
  // An item exactly at its upper limit: the walk counts from there, downwards is inside.
  SequentialWalk walk;
  double accepted = 0, rejected = 0;
  for (std::size_t i = 0; i < looks_.size(); ++i) {
    auto& look = looks_[i];
    const double there = information_[i], root = std::sqrt(there);
    const double known = std::pow(looks_.back().standard_uncertainty / look.standard_uncertainty, 2);
    const auto rule = bands_in_u(rule_, look.standard_uncertainty, lower_, upper_);
    const auto band = [&](double total, double so_far, double of_rule, auto beyond) {
      const double early = std::min(total, early_risk);
      // What no quadrature can follow is not carried from look to look: far out, certainty costs next to no distance.
      if (total < least_resolved)
        return last(i) ? of_rule : std::max(of_rule, shared_boundary_z(early_share * early, looks_.size() - 1));
      // Looks that know very little have nothing to spend by O'Brien and Fleming; with next to nothing of the risk
      // they stop what is certain to everybody.
      const double certain = std::min(certain_risk, early_share * early);
      const double least = certain * static_cast<double>(i + 1) / static_cast<double>(looks_.size());
      const double by_now = last(i) ? total : early > 0 ? std::max(spent_like_obrien_fleming(early, known), least) : 0;
      const double z = boundary_z(beyond, by_now - so_far);
      return z <= of_rule + same_boundary ? of_rule : z;
    };
    const auto below = [&](double z) { return walk.below(there, -z * root); };
    const double going_on = walk.going_on();
    const auto above = [&](double z) { return going_on - walk.below(there, z * root); };
    look.pass_at = band(accept, accepted, rule.accept, below);
    look.fail_at = band(reject, rejected, rule.reject, above);
    accepted += accept < least_resolved ? normal_below(-look.pass_at) : below(look.pass_at);
    rejected += reject < least_resolved ? normal_below(-look.fail_at) : above(look.fail_at);
    look.false_accept = accepted;
    look.false_reject = rejected;
    const double next_gain = last(i) ? 0 : information_[i + 1] - there;
    if (!last(i)) walk.look(there, {{-look.pass_at * root, look.fail_at * root}}, next_gain);
  }
}

SequentialPlan::Stop SequentialPlan::decide_at(std::size_t look, double value, double standard_uncertainty,
                                               double degrees_of_freedom) const {
  const auto open = last(look) ? Stop::inconclusive : Stop::go_on;
  const double u = standard_uncertainty;
  if (!std::isfinite(value) || !std::isfinite(u) || u < 0 || std::isnan(degrees_of_freedom)) return open;
  const double dof = std::max(1.0, degrees_of_freedom);
  const auto verdict = decide(value, coverage_factor(dof, two_sigma_probability()) * u, lower_, upper_, rule_);
  const auto& bounds = looks_[look];
  // Where the boundary is the rule's own, its verdict is all there is to ask for.
  const auto beyond = [&](double away, double z, double of_rule) {
    return z == of_rule || (u == 0 ? std::isfinite(z) : as_far_as(z, away / u, dof));
  };
  const auto rule = bands_in_u(rule_, bounds.standard_uncertainty, lower_, upper_);
  if (verdict == Verdict::pass && beyond(std::min(upper_ - value, value - lower_), bounds.pass_at, rule.accept))
    return Stop::pass;
  if (verdict == Verdict::fail && beyond(std::max(value - upper_, lower_ - value), bounds.fail_at, rule.reject))
    return Stop::fail;
  return open;
}

SequentialPlan::Operating SequentialPlan::operating(double true_error) const {
  SequentialWalk walk;
  Operating ends;
  double going_on = 1;
  for (std::size_t i = 0; i < looks_.size(); ++i) {
    const auto& look = looks_[i];
    const double there = information_[i], u = look.standard_uncertainty;
    const auto at = [&](double value) { return (value - true_error) / u * std::sqrt(there); };
    const double pass_from = at(lower_ + look.pass_at * u), pass_to = at(upper_ - look.pass_at * u);
    const double fail_under = at(lower_ - look.fail_at * u), fail_over = at(upper_ + look.fail_at * u);
    const double pass = pass_from < pass_to ? walk.below(there, pass_to) - walk.below(there, pass_from) : 0;
    const double fail = going_on - walk.below(there, fail_over) + walk.below(there, fail_under);
    ends.pass += pass;
    ends.fail += fail;
    const double stopping = last(i) ? going_on : pass + fail;
    ends.mean_seconds += stopping * look.seconds;
    if (last(i)) {
      ends.inconclusive = going_on - pass - fail;
      break;
    }
    const double next_gain = information_[i + 1] - there;
    if (pass_from < pass_to)
      walk.look(there, {{fail_under, pass_from}, {pass_to, fail_over}}, next_gain);
    else
      walk.look(there, {{fail_under, fail_over}}, next_gain);
    going_on = walk.going_on();
  }
  return ends;
}

Result<double> time_for(double wanted, const TimeDependence& u) {
  const double room = wanted * wanted - u.systematic * u.systematic;
  if (!(wanted > 0) || !(room > 0))
    return fail(Fault::incapable, "measuring time",
                fmt::format("a standard uncertainty of {:.3g} is wanted, and {:.3g} does not fall with time", wanted,
                            u.systematic));
  // room·t² - noise²·t - quantisation² = 0
  const double n2 = u.noise * u.noise, q2 = u.quantisation * u.quantisation;
  return (n2 + std::sqrt(n2 * n2 + 4 * room * q2)) / (2 * room);
}

}  // namespace blondel
