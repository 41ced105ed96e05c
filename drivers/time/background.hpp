#pragma once

#include <cstddef>
#include <exception>
#include <memory>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Tasks that serve beside the run (a simulated instrument, a server) for as long as this object lives. The destructor
/// cancels them and drives them to their end, so that what they refer to may be destroyed after it. Declare it last
/// among the members of whatever its tasks refer to. A task's exception other than its cancellation is kept.
///
/// On their way down the tasks cannot wait for bench time: time stands still in a destructor.
class Background {
 public:
  explicit Background(Clock& clock);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void spawn(Task<void> task);
  /// The first exception that ended a task, if any.
  std::exception_ptr failure() const;
  std::size_t running() const;

 private:
  struct Running;
  Clock& clock_;
  std::shared_ptr<Running> running_;
};

}  // namespace blondel
