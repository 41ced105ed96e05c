#pragma once

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace blondel {

/// One line of an uncertainty budget, already multiplied with its sensitivity: in the unit of the result.
struct Contribution {
  std::string source{};           ///< "reference meter, certificate 4711"
  double standard_uncertainty{};  ///< u(x)·|c|, not negative
  double degrees_of_freedom =
      std::numeric_limits<double>::infinity();  ///< at least 1; infinite is right for most of type B
  std::string evaluation{};                     ///< "A" (from repeated readings) or "B" (from anything else)
  std::string distribution{};                   ///< "normal", "rectangular", "triangular", "U-shaped", "two U-shaped"

  // Where it comes from, for people; what is not stated is nothing.
  std::optional<double> value{};        ///< of the input, x
  std::string unit{};                   ///< of the input and of its uncertainty before the sensitivity
  std::optional<double> sensitivity{};  ///< c = ∂y/∂x with its sign, in the unit of the result by `unit`
  std::string group{};                  ///< lines of one group are fully correlated; empty: with no other

  /// The line of an input whose uncertainty was stated in the input's unit: u(x) becomes u(x)·|c|.
  Contribution of_input(double input, std::string input_unit, double by) &&;
  bool operator==(const Contribution&) const = default;
};

/// A rectangular distribution of that half-width: a/√3, type B.
Contribution rectangular(std::string source, double half_width);
/// A triangular distribution: a/√6, type B.
Contribution triangular(std::string source, double half_width);
/// A U-shaped (arcsine) distribution: a/√2, type B.
Contribution u_shaped(std::string source, double half_width);
/// An expanded uncertainty with its coverage factor, as certificates state it: U/k, type B.
Contribution certificate(std::string source, double expanded, double coverage_factor = 2);

/// What a measurement's uncertainty is made of, all in one unit. Lines are uncorrelated, but for those of one group
/// (the same certificate used twice): their correlation is 1, so they add with the signs of their sensitivities before
/// they are squared (a line without a stated sensitivity counts as positive).
///
/// A contribution that is not a number makes the result not a number, and decide() then says inconclusive.
/// Source: JCGM 100 (GUM), 5.1.2, 5.2.2 (note 1) and annex G.
class Budget {
 public:
  explicit Budget(std::string unit) : unit_{std::move(unit)} {}

  /// @throws std::logic_error for a negative uncertainty, less than one degree of freedom, or an evaluation that is
  ///         neither "A" nor "B".
  void add(Contribution contribution);

  const std::string& unit() const { return unit_; }
  const std::vector<Contribution>& contributions() const { return contributions_; }

  /// Root of the sum of squares, a group being one term.
  double combined() const;
  /// Welch-Satterthwaite: u_c⁴ / Σ(u_i⁴/ν_i); infinite where nothing was found by repetition. The
  /// guide's formula wants independent terms: a group is one, with the fewest degrees of freedom among its lines.
  double effective_degrees_of_freedom() const;
  /// Excess kurtosis of the result: 0 of a normal distribution, -1.2 of a rectangle; κ = Σ(κ_i·u_i⁴)/u_c⁴, a group
  /// taken for its most normal line. Of what was found by repetition it is 0: degrees of freedom speak for that.
  double excess_kurtosis() const;
  /// k for 95.45 %: Student's t at the effective degrees of freedom, truncated downwards, which is 2 where they are
  /// infinite; less where rectangles or the like prevail: see shape_factor. Source: JCGM 100, G.1.4 to G.2.3; EA-4/02,
  /// S9.
  double coverage_factor() const;
  /// k·u_c
  double expanded() const { return coverage_factor() * combined(); }

 private:
  std::string unit_;
  std::vector<Contribution> contributions_;
};

/// The two-sided coverage factor for a probability (of 0 to 1, ends excluded) with so many degrees of freedom, at
/// least 1 and possibly infinite.
double coverage_factor(double degrees_of_freedom, double probability);

/// By what the factor of a normal distribution shrinks for 95.45 % at an excess kurtosis of -1.2 to 0: straight lines
/// between a normal distribution (2), a triangle (1.927) and a rectangle (1.653), which are exact; a rectangle and a
/// normal distribution together would do with up to 2 % less. Outside, at the nearer end.
double shape_factor(double excess_kurtosis);

/// The probability of ±2 standard deviations of a normal distribution, 95.45 %.
double two_sigma_probability();

}  // namespace blondel
