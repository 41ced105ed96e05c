#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "references/error.hpp"
#include "references/uncertainty/decision.hpp"
#include "references/uncertainty/point_budget.hpp"

namespace blondel {

/// A measurement that may end before its time, as soon as its decision is certain enough. Values, limits and
/// uncertainties are in one unit.
struct SequentialDesign {
  double lower{}, upper{};  ///< either may be infinite
  DecisionRule rule{};
  TimeDependence uncertainty;   ///< standard uncertainty by measuring time, as planned
  std::vector<double> looks_s;  ///< measuring times at which may be decided, rising; the last is the longest time
  /// The most that looks before the last may add up to of false accepts of an item exactly at its limit, and of false
  /// rejects. Never more than the rule itself has: the total stays within that, whatever stands here.
  double early_risk = 0.05;
};

/// When to stop measuring: boundaries for every look, so that looking repeatedly does not raise the probability of a
/// false accept (and of a false reject) of an item exactly at its limit above that of one look by the same rule.
///
/// A rule that asks for a guard band of w = z·u has, with one look, the risk α = Φ(-z) at the limit. Early looks spend
/// of min(α, early_risk) what O'Brien and Fleming's boundaries would, by the information that there is at each (Lan and
/// DeMets): next to nothing at first, when a value says little. The last look has what remains of α; so its band is a
/// little wider than the rule's, and never narrower. A stop needs the rule's own verdict besides, with the expanded
/// uncertainty of its time.
///
/// The first looks of many know so little that they could not stop what is certain to everybody, so all looks before
/// the last have at least 1e-9 of the risk to share (a thousandth of a small one): far inside or outside a limit, by
/// more than six standard uncertainties, the first look decides. The last look has so much less to spend.
///
/// A risk below 1e-9 (guard bands from 3 U on) is less than the computation resolves. There the last look has the
/// rule's own band, and all looks before it together spend no more than a thousandth of α besides: they pass and fail
/// only one to two standard uncertainties farther out.
///
/// An error that all readings share does not fall with time; it is part of the variance and makes the information
/// saturate. Looks that add less than 0.05 % of the information, and those after 99.9 %, are left out: they could
/// decide nothing that the look before could not.
///
/// Quantisation at both ends of a window is drawn anew at every look but for the common beginning: looks then tell more
/// apart than their variances say. The walk takes the true correlation of neighbouring looks, which bounds the risk
/// from above (Slepian's inequality).
///
/// Assumed: normal errors, and information as planned. An uncertainty with few degrees of freedom is compared at the
/// same probability with Student's t.
/// Source: Lan and DeMets, Biometrika 70 (1983) 659; Jennison and Turnbull (2000), chapter 7.
class SequentialPlan {
 public:
  struct Look {
    double seconds{};
    double standard_uncertainty{};  ///< as planned
    double pass_at{};               ///< pass only so many standard uncertainties inside both limits; infinite: never
    double fail_at{};               ///< fail only so many outside of one
    double false_accept{};          ///< spent up to here, at exactly the limit; no less than that, where below 1e-9
    double false_reject{};
    bool operator==(const Look&) const = default;
  };
  enum class Stop { go_on, pass, fail, inconclusive };  ///< the last look never goes on

  /// @returns an Error (malformed) for crossed limits, looks that do not rise from above 0, uncertainties that are
  ///          negative or all nothing, an early risk outside 0 to 0.5.
  static Result<SequentialPlan> make(const SequentialDesign& design);

  /// Those that can decide something, in order.
  const std::vector<Look>& looks() const { return looks_; }

  /// What to do at a look with the value found and its own standard uncertainty, type A included. A value or an
  /// uncertainty that is not a number goes on, and is inconclusive at last.
  /// @param look  index in looks()
  Stop decide_at(std::size_t look, double value, double standard_uncertainty,
                 double degrees_of_freedom = std::numeric_limits<double>::infinity()) const;

  /// How such a measurement ends, by computation, for an item with this true error.
  struct Operating {
    double pass{}, fail{}, inconclusive{};  ///< probabilities
    double mean_seconds{};
  };
  Operating operating(double true_error) const;
  /// The measuring time to expect at an assumed error, in s.
  double predict_time(double assumed_error) const { return operating(assumed_error).mean_seconds; }

 private:
  SequentialPlan() = default;
  void keep_useful_looks(const SequentialDesign& design);
  void correlate(const TimeDependence& uncertainty);
  void spend(double early_risk);
  bool last(std::size_t look) const { return look + 1 == looks_.size(); }

  double lower_{}, upper_{};
  DecisionRule rule_;
  std::vector<Look> looks_;
  std::vector<double> information_;  ///< of the walk at each look; 1 at the last
};

/// The shortest time after which the standard uncertainty is `wanted` or less, in s: a fixed measuring time.
/// @returns an Error (incapable) where what does not fall with time is already as much.
Result<double> time_for(double wanted_standard_uncertainty, const TimeDependence& uncertainty);

}  // namespace blondel
