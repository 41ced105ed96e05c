#pragma once

#include <algorithm>
#include <deque>
#include <string>

#include "drivers/time/event.hpp"

namespace blondel {

/// Whose turn it is on a line. A line has one call at a time, whichever of its users makes it; they take turns in the
/// order in which they asked, which in virtual time is the same in every run.
class LineTurns {
 public:
  /// `line` names the line in messages.
  LineTurns(Clock& clock, std::string line) : clock_{clock}, line_{std::move(line)} {}
  LineTurns(const LineTurns&) = delete;
  LineTurns& operator=(const LineTurns&) = delete;

  /// Gives the turn on when it goes out of scope.
  class Turn {
   public:
    explicit Turn(LineTurns& turns) : turns_{turns} {}
    ~Turn() { turns_.pass(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    LineTurns& turns_;
  };

  /// Waits for the turn and then until the line has rested. Whoever returns from here makes a Turn at once.
  /// There is no deadline: all who come before have theirs. @throws operation_aborted when cancelled.
  Task<void> take(Order order);

  /// Nothing is to be asked before this instant, by nobody: something may still be on its way.
  void rest_until(Time until) { quiet_until_ = std::max(quiet_until_, until); }
  /// The answer that was still on its way has come.
  void rest_no_longer() { quiet_until_ = Time{}; }
  Time quiet_until() const { return quiet_until_; }

 private:
  Task<void> wait_for_turn(Order order);
  void pass();

  Clock& clock_;
  std::string line_;
  Time quiet_until_{};
  bool taken_ = false;
  std::deque<Event*> queue_;
};

}  // namespace blondel
