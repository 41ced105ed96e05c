#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/uncertainty/decision.hpp"
#include "references/uncertainty/sequential.hpp"
#include "rig/class_test/claimed_class.hpp"
#include "rig/class_test/energy_method.hpp"
#include "rig/traceability.hpp"

namespace blondel {

/// What a plan says of how long and how well its points are to be measured.
struct TimeSettings {
  enum class Kind {
    given,     ///< a window by the plan or the method
    fixed,     ///< as long as it takes to reach the uncertainty wanted
    adaptive,  ///< until the decision is certain
  };
  Kind kind{};
  /// Expanded uncertainty wanted, as a share of the limit or in %; nothing in Kind::given.
  std::optional<double> share_of_limit, percent;
  double early_risk = 0.05;              ///< see SequentialDesign
  std::optional<double> expected_error;  ///< in %, for the prediction of time; else a quarter of the limit

  /// Reads a step's `time` (given, fixed, adaptive), `uncertainty` ("1/5 of the limit", "0.05 %"), `early_risk` and
  /// `expected_error`. Without `time`: given where there is a `window`, else adaptive. @throws Failure(malformed).
  static TimeSettings of(const Settings& step);
  /// Expanded, in %, for a limit in %.
  std::optional<double> wanted(double limit_percent) const;
};

/// How one point is measured: by which method, when it is looked at, and when it may stop.
struct Schedule {
  EnergyMethod* method{};
  std::string why;              ///< the method, for people; empty where the plan named it
  std::vector<double> looks_s;  ///< measuring times, rising; the last is the longest
  /// One for each claim that decides, in the order of the claims; nothing for the others and where there is one look.
  std::vector<std::optional<SequentialPlan>> boundaries;
  std::size_t expected_looks{};  ///< how many a meter with the expected error needs, from 1
};

/// What a schedule rests on.
struct ScheduleNeeds {
  const Bench& bench;
  const Traceability& traceability;
  const TimeSettings& time;
  DecisionRule rule;
};

/// The quickest of the methods that reaches the uncertainty wanted; of equally quick ones the first.
/// @param claims  at least one
/// @returns an Error: incapable where no method can measure the point, or none within its time, or none to the
///          uncertainty wanted; it names the largest term of the budget.
Result<Schedule> make_schedule(const ScheduleNeeds& needs, const PlannedPoint& point,
                               const std::vector<PointClaim>& claims, const std::vector<EnergyMethod*>& methods);

}  // namespace blondel
