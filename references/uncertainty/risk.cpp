#include "references/uncertainty/risk.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "references/uncertainty/normal_distribution.hpp"

namespace blondel {
namespace {

double t_below(double x, double degrees_of_freedom) {
  // Where t and normal agree to a part in 10⁸.
  if (degrees_of_freedom > 1e9 || std::isinf(x)) return normal_below(x);
  return boost::math::cdf(boost::math::students_t_distribution<double>{degrees_of_freedom}, x);
}

struct RiskSides {
  double inside, outside;
};

/// `to_lower`, `to_upper`: from the value to the limits, in standard uncertainties.
RiskSides risk_sides(double to_lower, double to_upper, double degrees_of_freedom) {
  const double under = t_below(to_lower, degrees_of_freedom), over = t_below(-to_upper, degrees_of_freedom);
  // A difference of two probabilities near 1 would lose the tail: take it on the side where both are small.
  const double inside =
      to_lower > 0 ? t_below(-to_lower, degrees_of_freedom) - over : t_below(to_upper, degrees_of_freedom) - under;
  return {inside, under + over};
}

RiskSides risk_sides_of(double value, double u, double lower, double upper, double degrees_of_freedom) {
  if (lower > upper) throw std::logic_error{"the lower limit is above the upper one"};
  if (!(degrees_of_freedom >= 1)) throw std::logic_error{"less than one degree of freedom"};
  if (!std::isfinite(value) || !std::isfinite(u) || u < 0 || std::isnan(lower) || std::isnan(upper))
    return {std::nan(""), std::nan("")};
  if (u == 0) return value >= lower && value <= upper ? RiskSides{1, 0} : RiskSides{0, 1};
  return risk_sides((lower - value) / u, (upper - value) / u, degrees_of_freedom);
}

/// The integral of a normal density times `weight` from `from` to `to`, split where either may bend.
template <class Weight>
double over_production(const Production& of, double from, double to, std::vector<double> bends, Weight weight) {
  constexpr double reach = 9;  // 2e-19 of a normal distribution lies outside
  from = std::max(from, of.mean - reach * of.standard_deviation);
  to = std::min(to, of.mean + reach * of.standard_deviation);
  if (!(from < to)) return 0;
  std::erase_if(bends, [&](double b) { return !(b > from && b < to); });
  bends.push_back(from);
  bends.push_back(to);
  std::ranges::sort(bends);
  const double scale = 1 / (of.standard_deviation * std::sqrt(2 * std::numbers::pi));
  const auto integrand = [&](double x) {
    const double z = (x - of.mean) / of.standard_deviation;
    return scale * std::exp(-0.5 * z * z) * weight(x);
  };
  double sum = 0;
  for (std::size_t i = 1; i < bends.size(); ++i)
    if (bends[i - 1] < bends[i])
      sum +=
          boost::math::quadrature::gauss_kronrod<double, 31>::integrate(integrand, bends[i - 1], bends[i], 12, 1e-12);
  return sum;
}

}  // namespace

double conformance_probability(double value, double standard_uncertainty, double lower, double upper,
                               double degrees_of_freedom) {
  return risk_sides_of(value, standard_uncertainty, lower, upper, degrees_of_freedom).inside;
}

SpecificRisk specific_risk(double value, double expanded_uncertainty, double coverage_factor, double lower,
                           double upper, double degrees_of_freedom) {
  if (!(coverage_factor > 0)) throw std::logic_error{"a coverage factor that is not above 0"};
  const auto s = risk_sides_of(value, expanded_uncertainty / coverage_factor, lower, upper, degrees_of_freedom);
  return {s.inside, s.outside, s.inside, test_uncertainty_ratio(expanded_uncertainty, lower, upper)};
}

std::optional<double> test_uncertainty_ratio(double expanded_uncertainty, double lower, double upper) {
  if (std::isinf(lower) || std::isinf(upper)) return std::nullopt;
  if (expanded_uncertainty == 0) return std::numeric_limits<double>::infinity();
  return (upper - lower) / (2 * expanded_uncertainty);
}

Result<GlobalRisk> global_risk(const Production& production, double standard_uncertainty, double lower, double upper,
                               double accept_from, double accept_to) {
  const auto refused = [](const char* what) { return fail(Fault::malformed, "global risk", what); };
  const double s = production.standard_deviation, u = standard_uncertainty, m = production.mean;
  if (!std::isfinite(m) || !std::isfinite(s) || s < 0)
    return refused("a production needs a finite mean and a standard deviation that is not negative");
  if (!std::isfinite(u) || u < 0) return refused("expected a standard uncertainty that is finite and not negative");
  if (std::isnan(accept_from) || std::isnan(accept_to)) return refused("an acceptance limit is not a number");
  if (!(lower <= upper)) return refused("expected a lower limit that is not above the upper one");

  const auto accepted = [&](double truth) {
    if (accept_from > accept_to) return RiskSides{0, 1};
    if (u == 0) return truth >= accept_from && truth <= accept_to ? RiskSides{1, 0} : RiskSides{0, 1};
    return risk_sides((accept_from - truth) / u, (accept_to - truth) / u, std::numeric_limits<double>::infinity());
  };
  if (s == 0) {
    const auto one = accepted(m);
    return m >= lower && m <= upper ? GlobalRisk{0, one.outside} : GlobalRisk{one.inside, 0};
  }
  std::vector<double> bends{m};
  for (const double limit : {accept_from, accept_to})
    for (const double away : {-8.0, -2.0, 0.0, 2.0, 8.0}) bends.push_back(limit + away * u);
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const auto inside = [&](double x) { return accepted(x).inside; };
  const auto outside = [&](double x) { return accepted(x).outside; };
  return GlobalRisk{over_production(production, -infinite, lower, bends, inside) +
                        over_production(production, upper, infinite, bends, inside),
                    over_production(production, lower, upper, bends, outside)};
}

}  // namespace blondel
