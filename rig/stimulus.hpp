#pragma once

#include <functional>
#include <optional>
#include <string>

#include "rig/bench.hpp"
#include "rig/run_journal.hpp"
#include "rig/waveform_witness.hpp"

namespace blondel {

/// The bench's output, and the only way to it. Whatever ends a run, the executive calls off(); nobody energises
/// without a lease, above the check voltage before phase order and signs are proved, or outside the envelope.
class Stimulus {
 public:
  Stimulus(Clock& clock, Bench& bench, RunJournal& record)
      : clock_{clock}, bench_{bench}, record_{record}, forecast_{bench.source().forecast()} {}

  /// A step may energise from here on...
  void lease(std::string step) {
    holder_ = std::move(step);
    ++lease_;
  }
  /// ... until here: a late command of a step that is over is refused.
  void end_lease() { holder_.clear(); }

  /// Prepares the reference meter, applies the point and returns when the source has taken it; it still has to settle
  /// for source().settling(). @throws Failure(refused, incapable, ...).
  Task<void> apply(LoadPoint point, Duration integration);
  /// Returns when three readings of the reference in a row agree within `within`, and the last of them with what the
  /// reference model makes of its spectrum. @throws Failure(instrument) at `deadline`, and when the two disagree.
  /// @returns the last of the three.
  Task<ReferenceReading> steady(Ratio within, Time deadline);
  /// Bench time from the call of apply(point) to a settled output, as foretold from what was applied before: by plan
  /// and bench alone. To be asked once for every apply(), before it.
  Duration foretell(const LoadPoint& point) { return forecast_->apply(point); }
  /// Where the foretelling stands.
  const SourceForecast& forecast() const { return *forecast_; }
  const std::optional<LoadPoint>& present() const { return present_; }

  /// Every steady point is recorded from here on, and computed again from its samples.
  void watched_by(std::unique_ptr<WaveformWitness> witness) { witness_ = std::move(witness); }

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
  Task<void> ask_second_oracle(const ReferenceReading& reading);
  Task<void> ask_witnesses(const ReferenceReading& reading);
  Task<void> settle_difference(std::string told, bool apart);

  Clock& clock_;
  Bench& bench_;
  RunJournal& record_;
  std::unique_ptr<SourceForecast> forecast_;
  std::unique_ptr<WaveformWitness> witness_;
  std::string holder_;
  std::uint64_t lease_ = 0;
  std::optional<LoadPoint> present_;
  bool wiring_proved_ = false;
  bool live_ = false;
  bool proved_off_ = false;
};

}  // namespace blondel
