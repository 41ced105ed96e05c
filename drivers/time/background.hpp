#pragma once

#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Tasks that serve beside the run (a simulated instrument, a server) for as long as this object lives. The destructor
/// cancels them and drives them to their end, so that what they refer to may be destroyed after it. Declare it last
/// among the members of whatever its tasks refer to. A task's exception other than its cancellation is kept.
class Background {
 public:
  explicit Background(Clock& clock);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void spawn(Task<void> task);
  /// The first exception that ended a task, if any.
  std::exception_ptr failure() const { return failure_; }
  std::size_t running() const { return tasks_.size(); }

 private:
  struct Running;
  Clock& clock_;
  std::list<std::unique_ptr<Running>> tasks_;
  std::exception_ptr failure_;
};

}  // namespace blondel
