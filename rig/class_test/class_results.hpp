#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/class_test/claimed_class.hpp"
#include "rig/class_test/point_measurement.hpp"

namespace blondel {

/// The errors that a step has found which belong together: those of one element alone and of a balanced load at the
/// point at which a standard limits their difference.
class ClassResults {
 public:
  /// That a point will be measured.
  void promise(const PointClaim& claim, const ClassPoint& point);
  /// What will be compared: a class and an element.
  std::vector<std::pair<ClaimedClass, int>> differences() const;

  void found(const PointClaim& claim, const ClassPoint& point, int position, const PointError& error);
  /// That the meter of a position registered nothing at a point, and why.
  void missed(const PointClaim& claim, const ClassPoint& point, int position, const std::string& why);
  /// Judges the differences of every position.
  void judge_differences(Run& run) const;

 private:
  struct AtPoint {
    bool promised = false;
    std::map<int, PointError> by_position;
    std::map<int, std::string> missed;  // why, by position
  };
  struct OfClass {
    ClaimedClass claimed;
    Difference limit;
    std::map<int, AtPoint> by_element;  // 0: balanced
  };
  OfClass* of(const PointClaim& claim, const ClassPoint& point);
  void judge_one(Run& run, Position& position, const OfClass& one, int element) const;

  std::vector<OfClass> classes_;
};

/// A measurement as all parts of a class test record it: whose limit, how it is decided.
Measurement class_measurement(const ClaimedClass& claimed, const std::string& requirement, const Provenance& from,
                              DecisionRule rule);

/// Lets a measurement judge its position, or only be told where its limit decides nothing.
void judge_or_inform(Run& run, Position& position, const Measurement& measurement);

/// The same where nothing was registered at a point that was planned: it does not conform there, and the record says
/// why. `measurement` says which point, by which method and against whose limit; it needs no value.
void judge_no_measurement(Run& run, Position& position, Measurement measurement, const std::string& why);

}  // namespace blondel
