#include "drivers/time/event.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

#include <stdexcept>
#include <utility>

namespace blondel {

namespace asio = boost::asio;

// The timer never expires by itself: the clock or set() cancels it, and asio's own cancellation does the rest.
Event::Event(Clock& clock, std::string what, Order order)
    : clock_{clock}, what_{std::move(what)}, order_{order}, timer_{clock.io(), asio::steady_timer::time_point::max()} {}

Event::~Event() {
  if (armed_) clock_.disarm(armed_);
}

void Event::set() {
  if (set_) return;
  set_ = true;
  timer_.cancel();
}

Task<bool> Event::wait_until(Time deadline) {
  // A second waiter would be woken with the first and find nothing, which looks as if it had been cancelled.
  if (waited_for_) throw std::logic_error{"two tasks wait for one event: " + what_};
  due_ = false;
  if (!set_) {
    waited_for_ = true;
    armed_ = clock_.arm(deadline, order_, what_, [this] {
      due_ = true;
      armed_ = 0;
      timer_.cancel();
    });
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    waited_for_ = false;
    if (armed_) clock_.disarm(std::exchange(armed_, 0));
    if (!set_ && !due_) throw boost::system::system_error{asio::error::operation_aborted};
  }
  co_return std::exchange(set_, false);
}

Task<void> Event::wait() {
  co_await wait_until(never);
}

}  // namespace blondel
