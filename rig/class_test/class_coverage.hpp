#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "rig/class_test/claimed_class.hpp"

namespace blondel {

/// The requirements of a class, as steps and reports name them.
namespace requirement {
inline constexpr const char* balanced = "limits of error, balanced load";
inline constexpr const char* single_phase = "limits of error, single-phase load";
inline constexpr const char* difference = "difference between single-phase and balanced load";
inline constexpr const char* starting = "starting current";
inline constexpr const char* no_load = "no-load condition";
inline constexpr const char* constant = "meter constant";
inline constexpr const char* repeatability = "repeatability";
/// The one of the two tables of limits that a point belongs to.
const char* of(const ClassPoint& point);
}  // namespace requirement

/// Why a step is refused that could not test anything: what it was written for must not pass for want of a test.
std::string nothing_left(const std::string& first_reason);

/// What a plan on a bench covers of one class, requirement by requirement: everything a full verification asks for, and
/// for each point that is left out the reason. What is not covered never counts as passed.
class ClassCoverage {
 public:
  /// At first nothing is covered, because nothing is in the plan.
  ClassCoverage(const ClaimedClass& claimed, SystemType system);

  const ClaimedClass& of() const { return claimed_; }
  /// A step tests this. What a full verification does not ask for counts among the points, too.
  void covers(const std::string& requirement, const std::string& point);
  /// A step would test this, but the bench cannot.
  void cannot(const std::string& requirement, const std::string& point, const std::string& why);

  /// A line for every requirement and reason: "IEC 62053-22 class 0.5S, Table 4, limits of error, balanced load: 0.01
  /// In, PF 1: not in the plan".
  std::vector<std::string> not_covered() const;
  /// The fields of a record `class_coverage`; reports/README.md has them.
  nlohmann::ordered_json record() const;

 private:
  struct Point {
    std::string text, why;  ///< an empty reason: covered
  };
  struct Requirement {
    std::string name, clause;
    std::vector<Point> points;
  };
  Requirement& named(const std::string& name);
  void wants(const std::string& requirement, const std::string& clause, const std::string& point);
  void set(const std::string& requirement, const std::string& point, const std::string& why);

  ClaimedClass claimed_;
  std::vector<Requirement> requirements_;
};

}  // namespace blondel
