#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "references/uncertainty/budget.hpp"
#include "rig/class_test/claimed_class.hpp"
#include "rig/class_test/reference_watch.hpp"
#include "rig/class_test/schedule.hpp"

namespace blondel {

/// The percentage error of one position at one point, as one limit saw it when it was decided.
struct PointError {
  double raw_percent{};    ///< before corrections
  double value_percent{};  ///< after them
  Budget budget{"%"};
  Verdict verdict{};
  double seconds{};  ///< of measuring: what was watched, or less where the value comes from less
  int looks{};
  std::string stopped;  ///< "decided", "time is up", "fixed"
};

/// Measures one point at all positions, side by side: looks when the schedule says, decides every limit at every
/// position by itself, and goes on until all of them are decided or the time is up.
class PointMeasurement {
 public:
  /// What comes from elsewhere and outlives the measurement.
  struct Assignment {
    const Traceability& traceability;
    const PlannedPoint& point;
    const std::vector<PointClaim>& claims;
    const Schedule& schedule;
    DecisionRule rule;
  };
  PointMeasurement(Run& run, Assignment wanted);

  /// The last answers and the decision, after each look.
  static constexpr Duration judging_slot{4'000'000'000};
  /// Bench time until a point is done that needs so many looks.
  static Duration duration(const Schedule& schedule, std::size_t looks);

  /// Measures from `begin` on, which is about now. @returns the end of its slot.
  /// @throws Failure of the bench: a source that tripped, a reference that falls silent.
  Task<Time> measure(Time begin);

  /// What was found; nothing at a position that was lost, or that registered nothing: then why_not() says why.
  const std::optional<PointError>& error(std::size_t position, std::size_t claim) const {
    return positions_[position].errors[claim];
  }
  /// Why a position has no value; empty when it has one, or was lost.
  const std::string& why_not(std::size_t position) const { return positions_[position].why_not; }
  /// Mean of the reference's readings, W or var, and how many they were.
  double reference_mean() const;
  const std::vector<double>& reference_readings() const { return reference_.readings(); }

 private:
  struct AtPosition {
    std::unique_ptr<Registration> registration;
    std::vector<std::optional<PointError>> errors;  // by claim
    std::string why_not;
    bool done = false, refused = false;
  };
  Task<void> watch(Time end);
  Task<void> watch_all(Run::Body body, Time by, Run::Troubles& troubles);
  Task<void> watch_position(Position& position, Time end);
  Task<void> arm_all(Time end);
  Task<void> collect_all();
  Task<void> close_all();
  void look(std::size_t look);
  void decide(AtPosition& at, int position, std::size_t look);
  std::optional<Verdict> verdict_at(std::size_t claim, std::size_t look, const PointError& found,
                                    double open_percent) const;
  bool all_done() const;
  bool live(std::size_t i) const;

  Run& run_;
  Assignment wanted_;
  ReferenceWatch reference_;
  std::vector<AtPosition> positions_;
};

}  // namespace blondel
