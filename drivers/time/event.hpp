#pragma once

#include <boost/asio/steady_timer.hpp>

#include <string>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Something that one task waits for and another brings about. Stays set until somebody waits for it. One waiter at a
/// time, and it must outlive that wait; the executive's thread only.
class Event {
 public:
  /// `what` names the wait when nobody is left to bring it about.
  explicit Event(Clock& clock, std::string what, Order order = {});
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void set();
  /// Waits until set() or until `deadline`. @returns whether it was set (and unsets it).
  /// @throws boost::system::system_error(operation_aborted) when the waiting task is cancelled; std::logic_error when
  ///         another task waits already.
  Task<bool> wait_until(Time deadline);
  /// Waits without a deadline: for servers, whose clients have the deadlines.
  Task<void> wait();
  bool is_set() const { return set_; }

 private:
  Clock& clock_;
  std::string what_;
  Order order_;
  boost::asio::steady_timer timer_;
  std::uint64_t armed_ = 0;
  bool set_ = false;
  bool due_ = false;
  bool waited_for_ = false;
};

}  // namespace blondel
