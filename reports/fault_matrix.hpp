#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "references/verdict.hpp"

namespace blondel {

/// What became of a known fault.
enum class FaultOutcome {
  caught,   ///< as it should be: the meter's fail, or for a fault of the bench a run that stopped and blamed no meter
  noticed,  ///< not passed, but not proved either: a meter's fault that ended as the bench's, or inconclusive
  blamed,   ///< a fault of the bench that was laid to the meter
  survived  ///< passed
};
std::string_view name(FaultOutcome outcome);

/// One known fault in one run.
struct FaultRow {
  std::string fault, group;          ///< "stale registers", "firmware"
  std::string statement, reference;  ///< what it breaks, and where that is promised
  std::string size;                  ///< "5214 ppm", or empty
  std::string judged_by;             ///< the measurement that the size was chosen by, or why it has none
  std::uint64_t seed{};
  FaultOutcome outcome{};
  Verdict verdict{};
  std::string why;                     ///< the run's own words
  std::vector<std::string> caught_by;  ///< steps that alone would have caught it
  std::string known;                   ///< why it may survive, as the plan says
  std::string entry;                   ///< what a bench file's `faults` must say to see it again
};

/// A meter that must not fail: the good one, a permitted reading of the data sheet, a fault's harmless twin.
struct HarmlessRow {
  std::string kind, name;  ///< "variant", "refusal: echo"
  std::uint64_t seed{};
  Verdict verdict{};
  std::string why;
  std::string verdicts;  ///< hash over the verdicts of all its measurements
  bool false_alarm() const { return verdict >= Verdict::fail; }
};

/// What a plan is asked to reach.
struct FaultThresholds {
  double at_least = 0.8;  ///< share of faults caught
  int false_alarms = 0;
  bool names_survivors = false;  ///< whether a survivor that the plan does not name is too many
};

/// Which step of a plan caught which known fault, and whom it wronged.
struct FaultMatrix {
  std::string plan, bench, plan_hash, bench_hash, program_hash;
  std::vector<std::string> steps;
  std::vector<FaultRow> faults;
  std::vector<HarmlessRow> harmless;
  FaultThresholds thresholds;

  int count(FaultOutcome outcome) const;
  /// Share of the faults that were caught; 0 without any.
  double score() const;
  int false_alarms() const;
  /// How many different sets of verdicts the good meter had.
  int good_verdicts() const;
  /// The faults that this step alone catches.
  std::vector<std::string> only_by(const std::string& step) const;
  /// How many faults a step catches.
  int caught_by(const std::string& step) const;
  /// Survivors and the like that the plan does not name.
  std::vector<std::string> unnamed() const;
  /// Why the thresholds are not met, each a sentence; empty when they are.
  std::vector<std::string> shortfalls() const;
};

nlohmann::ordered_json to_json(const FaultMatrix& matrix);
/// A page of its own, with nothing outside it.
std::string fault_matrix_html(const FaultMatrix& matrix);
/// For the terminal.
std::string fault_matrix_text(const FaultMatrix& matrix);

}  // namespace blondel
