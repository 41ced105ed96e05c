#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>

namespace blondel {

/// Processes that this one forks, each for a piece of work, and the signals that stop them all: Ctrl-C, a polite kill
/// and a closed terminal.
///
/// While this lives the signals end nothing by themselves; further ones change nothing. Each child leads a group of its
/// own, so that the terminal's Ctrl-C reaches only this process, and ends with it however it ends.
/// @pre this process has one thread
class ChildProcesses {
 public:
  struct Ended {
    std::size_t job;
    int status;  ///< as waitpid() has it
  };

  ChildProcesses();
  /// Ends what still runs.
  ~ChildProcesses();
  ChildProcesses(const ChildProcesses&) = delete;
  ChildProcesses& operator=(const ChildProcesses&) = delete;

  /// Forks a child that does the work and never returns from it. @throws Failure when there can be no process.
  void start(std::size_t job, const std::function<void()>& work);
  std::size_t running() const { return running_.size(); }
  /// Waits until a child has ended. @returns nothing when none runs, or when stop_asked().
  std::optional<Ended> next();
  /// Whether a signal has asked to stop; then all children have been ended.
  bool stop_asked();

 private:
  std::optional<Ended> ended_already();
  void end_all();

  std::map<pid_t, std::size_t> running_;
  sigset_t stops_{}, signals_{}, before_{};  ///< what stops us, that and a child's end, what was blocked before
  bool stopped_ = false;
};

}  // namespace blondel
