#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "references/error.hpp"
#include "references/verdict.hpp"
#include "reports/class_view.hpp"
#include "reports/journal_reader.hpp"
#include "reports/record_fields.hpp"

namespace blondel {

/// A file that a run was made from.
struct HashedFile {
  std::string name;  ///< what the file calls itself; empty where nobody asked it
  std::string file;
  std::string sha256;  ///< hexadecimal
};

struct InstrumentView {
  std::string role, driver, address, maker, model, serial, firmware;
};

struct BudgetLine {
  std::string source;
  double standard_uncertainty{};               ///< in the unit of the measurement
  std::string evaluation;                      ///< "A" or "B" (JCGM 100, 4.2 and 4.3)
  std::string distribution{};                  ///< "normal", "rectangular", "triangular"; empty: not stated
  std::optional<double> degrees_of_freedom{};  ///< nothing: infinitely many, or not stated
  std::optional<double> value{};               ///< of the input
  std::string unit{};                          ///< of the input
  std::optional<double> sensitivity{};         ///< in the unit of the measurement by `unit`, with its sign
  std::string group{};                         ///< lines of one group are fully correlated

  bool operator==(const BudgetLine&) const = default;
};

/// How long a measurement took, and why no longer.
struct MeasuringView {
  double seconds{};
  int looks{}, most_looks{};  ///< how often the rule was asked, and might have been
  std::string stopped;        ///< "decided", "time is up", "fixed"
};

/// A number, what it is compared with, and what came of it.
struct MeasurementView {
  int step{};
  std::int64_t bench_time_ns{};
  std::string name;          ///< "percentage_error"
  std::string point;         ///< "0.05 In, PF 0.5 ind"
  std::string power_factor;  ///< "1", "0.5 ind", "0.8 cap"; empty where it has no meaning
  std::string load;          ///< which phases carry current: "balanced", "element 2 alone"
  std::string energy;        ///< "active energy", "reactive energy", or empty
  std::string requirement;   ///< of the standard: "limits of error, balanced load", or empty
  std::string method;        ///< "registers", "pulses"
  std::string method_why;    ///< why this one, where the plan left it open
  std::optional<MeasuringView> measuring;
  std::optional<double> current_ratio;  ///< I / In
  std::optional<double> value;          ///< nothing when it was not a number
  std::optional<double> raw;            ///< before corrections
  std::string unit;
  std::optional<double> expanded_uncertainty, coverage_factor;
  std::vector<BudgetLine> budget;
  std::optional<double> lower, upper;
  std::optional<double> resolution;  ///< of the register that was read; it stands in both limits
  std::string rule;
  std::optional<double> guard_accept, guard_reject;  ///< guard bands inside and outside the limits
  std::optional<double> pfa, pfr;                    ///< probability of being outside its limits, and inside
  std::optional<double> tur;                         ///< test uncertainty ratio; nothing for a limit on one side only
  std::string statement;                             ///< "conditional pass", "conditional fail", or empty
  std::string informative;                           ///< why the limit decides nothing; empty: it decides
  std::string no_measurement{};                      ///< why nothing was registered where it should have been, or empty
  Verdict verdict{};
  std::string standard, edition, clause, mark;
  std::uint64_t record = 0;  ///< number of its record in the journal

  /// Whether the limit was never compared with the published text of the standard.
  bool limit_unverified() const { return mark == "M" || mark == "m"; }
  /// How much of the way from the middle of its limits the value has gone: above 1 it is outside. A register's
  /// resolution is no part of the way: within it nobody knows where the value is. Nothing without value or limit,
  /// inside a single one, and where the limits are nothing but resolution.
  std::optional<double> share_of_limit() const;
};

/// A verdict without a number.
struct FindingView {
  int step{};
  std::int64_t bench_time_ns{};
  Verdict verdict{};
  std::string cause, text;
  std::uint64_t record = 0;  ///< number of its record in the journal
};

/// What a run wrote into a meter.
struct ChangeView {
  int step{};
  std::string point, before, after;
  std::optional<std::string> put_back;  ///< what it was set to at the end; nothing if nobody did
  std::uint64_t record = 0;             ///< number of its record in the journal
};

/// A counter or an energy that read differently when the run ended.
struct CounterDifference {
  std::string point, at_start, at_end;
};

struct PositionView {
  int position{};
  bool judged = true;  ///< false: it loads the circuit and nothing more
  std::string serial, firmware_version, port;
  std::optional<HashedFile> build;  ///< the firmware build of a simulated meter; its name as it tells it
  Pairs identity;
  Verdict verdict = Verdict::skipped;
  std::string cause;
  std::vector<MeasurementView> measurements;  ///< in the order they were made
  std::vector<FindingView> findings;
  std::vector<ChangeView> changes;
  bool fingerprinted = false;  ///< read at the start and at the end
  std::vector<CounterDifference> differences;

  /// The measurement that decides, or came nearest to it: worst verdict first, then the largest share of its limit.
  /// Null where nothing decides.
  const MeasurementView* worst() const;
};

struct StepView {
  int number{};
  std::string name, kind;
  std::optional<double> predicted_s;
  std::int64_t begin_ns{};
  std::optional<std::int64_t> end_ns;  ///< nothing when the step never ended
  std::map<int, Verdict> verdicts;     ///< by position
  std::vector<Pairs> loads;            ///< what was applied, in order
  std::size_t readings = 0;            ///< raw readings in the record
};

struct EventView {
  std::int64_t bench_time_ns{};
  std::string level, text;
  std::uint64_t record = 0;  ///< number of its record in the journal
};

/// How the outputs were brought to off, and what proved it.
struct SafeView {
  std::int64_t bench_time_ns{};
  std::string reason;
  bool off = false;
  Pairs proof;
  std::optional<double> stop_to_off_ms;
  std::uint64_t record = 0;  ///< number of its record in the journal
};

/// A run as it is shown: made from the record and from nothing else.
struct RunView {
  HashedFile plan, bench;
  std::optional<HashedFile> firmware;
  std::string meter, seed, version, decision_rule, on_fail;
  std::vector<std::string> not_covered;
  std::vector<InstrumentView> instruments;
  TraceabilityView traceability;
  std::vector<ClassView> classes;       ///< in the order the record names them
  std::vector<PositionView> positions;  ///< by number
  std::vector<StepView> steps;          ///< in the order they were begun
  std::vector<EventView> events;
  std::vector<SafeView> safe;
  Verdict verdict = Verdict::error;
  std::string why;  ///< why the run ended
  int exit_code = 3;
  bool complete = false;           ///< the record was closed
  std::vector<std::string> notes;  ///< about the record itself
  std::uint64_t records = 0;
  std::string last_hash;
  std::int64_t end_ns = 0;             ///< bench time of the last record
  std::string began_wall, ended_wall;  ///< from run.meta.jsonl; empty without it

  const StepView* step(int number) const;
  bool has_unverified_limits() const;
};

/// What a record says, put in order.
///
/// A record that was never closed gives a run that is `error` at least, and so does every position whose verdict
/// nobody wrote down: a run that was cut off never passes. What was measured before stays in it.
/// @returns Fault::malformed ("…/journal.jsonl:17") when a record is not as README.md says
Result<RunView> view_of(const RunRecord& run);

}  // namespace blondel
