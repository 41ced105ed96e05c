#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rig/bench.hpp"
#include "rig/plan.hpp"
#include "rig/position.hpp"
#include "rig/progress.hpp"
#include "rig/run_journal.hpp"
#include "rig/stimulus.hpp"

namespace blondel {

/// What a step works with: the bench, the judged positions, the record.
class Run {
 public:
  Run(Clock& time, const Plan& what, Bench& with_what, RunJournal& into, Stimulus& output, Progress& shown,
      std::vector<Position> judged)
      : clock{time},
        plan{what},
        bench{with_what},
        record{into},
        stimulus{output},
        progress{shown},
        positions{std::move(judged)} {}

  Clock& clock;
  const Plan& plan;
  Bench& bench;
  RunJournal& record;
  Stimulus& stimulus;
  Progress& progress;
  std::vector<Position> positions;  ///< the judged ones, by number
  NamedReadings readings;           ///< what the steps so far gave names to

  using Body = std::function<Task<void>(Position&)>;
  /// Does the same at every position that is not lost, side by side. What a position's own meter or line does wrong is
  /// that position's: silence is `fail` (cause: communication) when the bench's self-check passes; where answers come
  /// spoiled or late, or the line is gone, it is `error` (link), for nobody can tell what the meter said; and the
  /// position is lost. A refusal by the meter is `fail`. Anything else that fails is the bench's, and is thrown.
  /// @param slot_end  of the slot it stands in: a body that is not done `settling` before it is ended, which counts as
  ///                  silence, so that no meter moves the timetable of the others
  Task<void> each(std::string what, Body body, Time slot_end = never);

  /// What settle() takes at most: the answers of source and control power, and a reading of the reference.
  static constexpr Duration settling{2'000'000'000};

  /// The first half of each(): what went wrong at which position, by index. Touches no instrument of the bench, so
  /// that somebody else may use them meanwhile. A body that is not done at `by` is ended.
  using Troubles = std::vector<std::exception_ptr>;
  Task<Troubles> side_by_side(Body body, Time by = never);
  /// The second half: the bench's self-check, then the verdicts.
  Task<void> settle(std::string what, Troubles troubles);

  /// Reads points of a position's meter; a disturbed answer is asked for again, at most twice, and recorded.
  Task<std::map<std::string, double>> read(Position& position, std::vector<std::string> points);

  /// Reads one point once. @returns nothing when the answer was disturbed or did not come before `by`; the third loss
  /// in a row is thrown.
  Task<std::optional<double>> glance(Position& position, std::string point, Time by = never);

  /// Asks a position's meter who it is, again after a disturbance, until `limit`.
  Task<Identity> identify(Position& position, Time limit);

  /// Writes points, again after a disturbance, at most twice: to write the same twice does no harm. A meter may refuse
  /// a value for what stands in another register that is to change as well: what was refused is written again behind
  /// the others, one by one, as long as any is taken.
  Task<void> write(Position& position, std::vector<std::pair<std::string, double>> points);

  /// Brings configuration points of a position's meter to these values. Only those that differ are written: the old
  /// value is on disk before the new one is written, and the new one is read back.
  /// @throws Failure(rejected) when the meter holds something else afterwards.
  Task<void> configure(Position& position, std::vector<std::pair<std::string, double>> wanted);

  /// Adds a verdict without a number to a position: the worst one and its cause stand.
  void judge(Position& position, Verdict verdict, const std::string& cause);
  /// What came spoiled or late over a position's line since the last side_by_side() began, in words; empty where its
  /// silence has nothing to do with the line.
  std::string link_fault(const Position& position) const;
  /// Records a measurement and lets it judge its position.
  void judge(Position& position, const Measurement& measurement);
  /// Records a measurement whose limit decides nothing for the position.
  void inform(Position& position, const Measurement& measurement);

  /// Whether any judged position is already worse than inconclusive.
  bool any_failed() const;

  /// Waits for the end of a slot of the timetable; an overrun is recorded.
  Task<void> until(Time slot_end, std::string what);

 private:
  Task<void> attempt(Position& position, Body body, Time by, std::exception_ptr& failed);
  Task<void> look(Position& position, std::string point, double& value);
  Task<void> self_check(const std::vector<int>& silent);

  std::map<int, LinkRecord> links_;                  // as they were when the positions were set going
  std::map<int, std::vector<std::string>> remarks_;  // made side by side, written in order of position
};

}  // namespace blondel
