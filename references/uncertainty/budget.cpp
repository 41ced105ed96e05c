#include "references/uncertainty/budget.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace blondel {
namespace {

Contribution type_b(std::string source, double u, std::string distribution) {
  Contribution c;
  c.source = std::move(source);
  c.standard_uncertainty = u;
  c.evaluation = "B";
  c.distribution = std::move(distribution);
  return c;
}

/// What adds as squares: a line of its own, or a group.
struct BudgetTerm {
  double u{};
  double excess_kurtosis{};
  double degrees_of_freedom = std::numeric_limits<double>::infinity();
};

double kurtosis_of(const Contribution& c) {
  if (c.evaluation == "A") return 0;
  if (c.distribution == "rectangular") return -1.2;
  if (c.distribution == "triangular") return -0.6;
  if (c.distribution == "U-shaped") return -1.5;
  return c.distribution == "two U-shaped" ? -0.75 : 0;
}

std::vector<BudgetTerm> budget_terms(const std::vector<Contribution>& contributions) {
  std::vector<BudgetTerm> all;
  std::map<std::string, std::size_t> group_at;
  for (const auto& c : contributions) {
    if (c.group.empty()) {
      all.push_back({c.standard_uncertainty, kurtosis_of(c), c.degrees_of_freedom});
      continue;
    }
    const auto at = group_at.try_emplace(c.group, all.size()).first->second;
    if (at == all.size()) all.push_back({0, kurtosis_of(c)});
    all[at].excess_kurtosis = std::max(all[at].excess_kurtosis, kurtosis_of(c));
    all[at].u += c.sensitivity.value_or(1) < 0 ? -c.standard_uncertainty : c.standard_uncertainty;
    all[at].degrees_of_freedom = std::min(all[at].degrees_of_freedom, c.degrees_of_freedom);
  }
  return all;
}

}  // namespace

Contribution Contribution::of_input(double input, std::string input_unit, double by) && {
  value = input;
  unit = std::move(input_unit);
  sensitivity = by;
  standard_uncertainty *= std::abs(by);
  return std::move(*this);
}

Contribution rectangular(std::string source, double half_width) {
  return type_b(std::move(source), half_width / std::sqrt(3.0), "rectangular");
}
Contribution triangular(std::string source, double half_width) {
  return type_b(std::move(source), half_width / std::sqrt(6.0), "triangular");
}
Contribution u_shaped(std::string source, double half_width) {
  return type_b(std::move(source), half_width / std::sqrt(2.0), "U-shaped");
}
Contribution certificate(std::string source, double expanded, double coverage_factor) {
  return type_b(std::move(source), expanded / coverage_factor, "normal");
}

void Budget::add(Contribution contribution) {
  if (contribution.standard_uncertainty < 0) throw std::logic_error{"negative uncertainty: " + contribution.source};
  if (!(contribution.degrees_of_freedom >= 1))
    throw std::logic_error{"less than one degree of freedom: " + contribution.source};
  if (contribution.evaluation != "A" && contribution.evaluation != "B")
    throw std::logic_error{"neither type A nor type B: " + contribution.source};
  contributions_.push_back(std::move(contribution));
}

double Budget::combined() const {
  double sum = 0;
  for (const auto& term : budget_terms(contributions_)) sum = std::hypot(sum, term.u);
  return sum;
}

double Budget::effective_degrees_of_freedom() const {
  const double u = combined();
  double sum = 0;
  // Divided by u first, so that small units do not underflow in the fourth power.
  if (u > 0)
    for (const auto& term : budget_terms(contributions_)) sum += std::pow(term.u / u, 4) / term.degrees_of_freedom;
  return 1 / sum;  // infinite where the sum is zero, not a number where a contribution is not
}

double Budget::excess_kurtosis() const {
  const double u = combined();
  double sum = 0;
  if (u > 0)
    for (const auto& term : budget_terms(contributions_)) sum += term.excess_kurtosis * std::pow(term.u / u, 4);
  return sum;
}

double Budget::coverage_factor() const {
  return shape_factor(excess_kurtosis()) *
         blondel::coverage_factor(effective_degrees_of_freedom(), two_sigma_probability());
}

double shape_factor(double excess_kurtosis) {
  if (!(excess_kurtosis < 0)) return 1;
  constexpr double of_rectangle = -1.2, of_triangle = -0.6;
  const double p = two_sigma_probability();
  const double rectangle = std::sqrt(3.0) * p / 2, triangle = std::sqrt(6.0) * (1 - std::sqrt(1 - p)) / 2;
  if (excess_kurtosis > of_triangle) return 1 - (1 - triangle) * excess_kurtosis / of_triangle;
  const double beyond = std::min((excess_kurtosis - of_triangle) / (of_rectangle - of_triangle), 1.0);
  return triangle + (rectangle - triangle) * beyond;
}

double two_sigma_probability() {
  return std::erf(std::numbers::sqrt2);
}

double coverage_factor(double degrees_of_freedom, double probability) {
  if (std::isnan(degrees_of_freedom)) return degrees_of_freedom;
  const double upper = (1 + probability) / 2;
  // The sum of Welch and Satterthwaite may come out a hair below a whole number that it is.
  const double whole = std::floor(degrees_of_freedom * (1 + 1e-12));
  // Where t and the normal quantile agree to a part in 10⁸, and no library has to count so far.
  if (whole > 1e9) return boost::math::quantile(boost::math::normal_distribution<double>{}, upper);
  return boost::math::quantile(boost::math::students_t_distribution<double>{whole}, upper);
}

}  // namespace blondel
