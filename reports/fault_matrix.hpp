#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "references/verdict.hpp"

namespace blondel {

/// What became of a known fault.
enum class FaultOutcome {
  caught,    ///< as it should be: the meter's fail, or for a fault of the bench a run that stopped and blamed no meter
  absorbed,  ///< a fault of the link that cost nothing: the run passed, with the verdicts and numbers of a sound link
  noticed,   ///< not passed, but not proved either: a meter's fault that ended as the bench's, or inconclusive
  blamed,    ///< a fault of the bench that was laid to the meter
  survived,  ///< passed
  died       ///< the run's process died: nothing is known
};
std::string_view name(FaultOutcome outcome);
/// Whether it is the answer that a rig owes: caught or absorbed.
bool is_right(FaultOutcome outcome);

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
  bool died = false;     ///< the run's process died: nothing is known of the meter
  bool false_alarm() const { return !died && verdict >= Verdict::fail; }
};

/// What a plan is asked to reach.
struct FaultThresholds {
  double at_least = 0.8;  ///< share of faults caught
  int false_alarms = 0;
  bool names_survivors = false;  ///< whether a survivor that the plan does not name is too many
};

/// How many of the runs of one sort there are in the matrix, of how many that a whole proof has.
struct PortionRun {
  std::size_t run = 0, of = 0;
  bool whole() const { return run == of; }
};

/// How much of a whole proof was run: everything at every seed that was asked for.
struct FaultScope {
  PortionRun good, faults, variants, twins;
  std::size_t seeds = 1;
  bool stopped = false;  ///< by a signal, before it was done

  /// "12 of 131 faults, no variants, 3 of 9 twins", or nothing when all of it was run.
  std::string missing() const;
};

/// Which step of a plan caught which known fault, and whom it wronged.
struct FaultMatrix {
  std::string plan, bench, plan_hash, bench_hash, program_hash;
  std::vector<std::string> steps;
  std::vector<FaultRow> faults;
  std::vector<HarmlessRow> harmless;
  FaultThresholds thresholds;
  FaultScope scope;
  std::vector<std::string> died;   ///< runs whose process died, with the reason
  std::vector<std::string> notes;  ///< what is no shortfall and should be known

  int count(FaultOutcome outcome) const;
  /// Share of the faults that had the right answer, caught or absorbed; 0 without any.
  double score() const;
  int false_alarms() const;
  /// Whether the good meter was run, and passed at every seed: without it no other row means anything.
  bool good_passed() const;
  /// How many different sets of verdicts the good meter had.
  int good_verdicts() const;
  /// The faults that this step alone catches.
  std::vector<std::string> only_by(const std::string& step) const;
  /// How many faults a step catches.
  int caught_by(const std::string& step) const;
  /// Survivors and the like that the plan does not name.
  std::vector<std::string> unnamed() const;
  /// Why the thresholds are not met by what was run, each a sentence; empty when they are.
  std::vector<std::string> shortfalls() const;
  /// Whether all of it was run, and all thresholds are met.
  bool qualified() const { return !scope.stopped && scope.missing().empty() && shortfalls().empty(); }
  /// "qualified", "not qualified", "partial", "stopped".
  std::string_view result() const;
  /// The last line for a person: "QUALIFIED", "PARTIAL: thresholds met for what was run", ...
  std::string word() const;
};

nlohmann::ordered_json to_json(const FaultMatrix& matrix);
/// A page of its own, with nothing outside it.
std::string fault_matrix_html(const FaultMatrix& matrix);
/// For the terminal.
std::string fault_matrix_text(const FaultMatrix& matrix);

}  // namespace blondel
