#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rig/run.hpp"

namespace blondel {

/// How a run ended.
struct Ending {
  Verdict verdict = Verdict::error;
  std::string why;  ///< "all steps done", "stopped by the operator", "source/fluke-6105a: ..."
  int exit_code = 3;
  bool touched = false;     ///< whether anybody spoke to the source
  bool proved_off = false;  ///< by the source's own answer and by a reading of the reference meter
};

/// Takes a plan through a bench: opens the instruments, runs the steps, and leaves the bench safe however that ends.
///
/// The way down is always the same: all outputs off and proved off, a last look by the steps, meters put back as the
/// plan says, control power off, verdicts recorded. Nothing in it can be cancelled, and every wait in it has a
/// deadline. A failure on the way down never hides the first reason, and never skips what comes after it.
class Executive {
 public:
  /// Bench time between the last step and the end: proving that all is off, and putting the meters back.
  static constexpr Duration way_down_estimate{5'000'000'000};

  Executive(Clock& clock, const Plan& plan, Bench& bench, Journal& journal, Progress& progress,
            std::vector<Position> judged);

  /// Keeps what the bench's recorder takes of every steady point in this folder. Without a recorder nothing is kept.
  void keep_waveforms(const std::filesystem::path& folder);
  /// Runs to the end. Does not throw for what happens on the bench: that is what Ending is for.
  Task<void> run();
  /// The operator wants to stop: cancels what is going on and takes the way down. The executive's thread only.
  void stop(std::string reason);

  const Ending& ending() const { return ending_; }
  const std::vector<Position>& positions() const { return run_.positions; }

 private:
  void trace();
  Task<void> open();
  Task<void> open_reference();
  void note_instrument(const char* role, const std::string& driver, const Settings& at, const Identity& identity);
  Task<void> steps();
  Task<void> way_down(std::exception_ptr ended_by);
  Task<void> put_back();
  Task<void> put_back_one(Position& position);
  Task<void> put_back_lost();
  void judge_promises(const Step& step, const std::vector<int>& before);
  Task<void> dark();
  void fault(const std::exception_ptr& e, const std::string& when);
  void settle_verdicts();

  Clock& clock_;
  RunJournal record_;
  Stimulus stimulus_;
  Run run_;
  Ending ending_;
  bool source_open_ = false;
  bool reference_open_ = false;
  Identity reference_identity_;  // once it is open
  bool control_power_open_ = false;
  bool stopped_early_ = false;
  std::optional<Error> fault_;       // the first thing that was the bench's fault
  std::optional<std::string> stop_;  // why somebody wants to stop
  Time stop_since_{};
};

/// The exit code that a verdict has when nothing else decides.
int exit_code_of(Verdict verdict);
/// The exit code of a fault that ended a run or kept it from beginning.
int exit_code_of(Fault fault);

}  // namespace blondel
