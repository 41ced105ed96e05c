#pragma once

#include <limits>
#include <optional>

#include "references/error.hpp"

namespace blondel {

/// The probability that the true value lies between two limits (either may be infinite), given a measured value and its
/// standard uncertainty, all in one unit: Φ((upper - y)/u) - Φ((lower - y)/u), or the same with Student's t where the
/// uncertainty has few degrees of freedom. With u = 0 it is 1 or 0; a limit belongs to the inside. NaN where something
/// is not a number or u is negative.
/// @pre lower <= upper, at least one degree of freedom; std::logic_error otherwise
/// Source: JCGM 106:2012, clause 7.
double conformance_probability(double value, double standard_uncertainty, double lower, double upper,
                               double degrees_of_freedom = std::numeric_limits<double>::infinity());

/// What can go wrong with one measured value, whichever way it is decided.
struct SpecificRisk {
  double conformance{};   ///< the probability that the item conforms
  double false_accept{};  ///< PFA, if it is accepted: 1 - conformance, without its loss of digits
  double false_reject{};  ///< PFR, if it is rejected: the conformance probability
  std::optional<double> test_uncertainty_ratio;  ///< nothing for a limit on one side only
  bool operator==(const SpecificRisk&) const = default;
};

/// @param coverage_factor  k of the expanded uncertainty, U = k·u; above 0
/// Source: JCGM 106:2012, clause 9 (specific risks).
SpecificRisk specific_risk(double value, double expanded_uncertainty, double coverage_factor, double lower,
                           double upper, double degrees_of_freedom = std::numeric_limits<double>::infinity());

/// TUR: the span of the limits over that of the 95 % interval, (upper - lower) / 2U; infinite where U is 0. Nothing
/// where a limit is infinite. Source: ANSI/NCSL Z540.3:2006, definitions.
std::optional<double> test_uncertainty_ratio(double expanded_uncertainty, double lower, double upper);

/// A production whose true values are normally distributed.
struct Production {
  double mean{};
  double standard_deviation{};  ///< not negative
};

/// Of all items of a production: accepted though they do not conform, and rejected though they do.
struct GlobalRisk {
  double consumer{};
  double producer{};
};

/// The risks of accepting what is measured between `accept_from` and `accept_to` (nothing where they are crossed: a
/// guard band that leaves no room), by quadrature over the production, to 1e-9. Limits may be infinite.
/// @returns an Error (malformed) where a figure is not a number, a standard deviation or uncertainty is negative or
///          infinite, or the lower limit lies above the upper one.
/// Source: JCGM 106:2012, clause 9 (global risks), with a normal prior.
Result<GlobalRisk> global_risk(const Production& production, double standard_uncertainty, double lower, double upper,
                               double accept_from, double accept_to);

}  // namespace blondel
