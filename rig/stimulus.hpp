#pragma once

#include <functional>
#include <optional>
#include <string>

#include "rig/bench.hpp"
#include "rig/run_journal.hpp"

namespace blondel {

/// The bench's output, and the only way to it. Whatever ends a run, with_safe_output takes it down; nobody energises
/// without a lease, above the check voltage before phase order and signs are proved, or outside the envelope.
class Stimulus {
 public:
  Stimulus(Clock& clock, Bench& bench, RunJournal& record) : clock_{clock}, bench_{bench}, record_{record} {}

  /// A step may energise from here on...
  void lease(std::string step) { holder_ = std::move(step); }
  /// ... until here: a late command of a step that is over is refused.
  void end_lease() { holder_.clear(); }

  /// Prepares the reference meter, applies the point and returns when the source has taken it; it still has to settle
  /// for source().settling(). @throws Failure(refused, incapable, ...).
  Task<void> apply(LoadPoint point, Duration integration);
  /// Returns when three readings of the reference in a row agree within `within`. @throws Failure(instrument) at
  /// `deadline`.
  Task<void> steady(Ratio within, Time deadline);
  const std::optional<LoadPoint>& present() const { return present_; }

  /// From here on more than the check voltage may be applied.
  void wiring_proved() { wiring_proved_ = true; }

  /// All outputs off, proved by the source's own answer and by a reading of the reference meter; `since` is when the
  /// wish arose. @throws Failure when it could not be proved.
  Task<void> off(std::string reason, Time since);
  /// Whether the output may be on.
  bool live() const { return live_; }
  bool proved_off() const { return proved_off_; }

 private:
  Task<std::string> prove_dead();

  Clock& clock_;
  Bench& bench_;
  RunJournal& record_;
  std::string holder_;
  std::optional<LoadPoint> present_;
  bool wiring_proved_ = false;
  bool live_ = false;
  bool proved_off_ = false;
};

}  // namespace blondel
