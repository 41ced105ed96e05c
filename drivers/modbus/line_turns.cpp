#include "drivers/modbus/line_turns.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

namespace blondel {

namespace asio = boost::asio;

Task<void> LineTurns::wait_for_turn(Order order) {
  if (!std::exchange(taken_, true)) co_return;
  Event turn{clock_, line_ + ": turn on the line", order};
  queue_.push_back(&turn);
  std::exception_ptr cancelled;
  try {
    co_await turn.wait();  // those before have deadlines
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (!cancelled) co_return;
  // Cancelled at the very instant at which its turn came: the turn is somebody else's now.
  if (std::erase(queue_, &turn) == 0) pass();
  std::rethrow_exception(cancelled);
}

Task<void> LineTurns::take(Order order) {
  co_await wait_for_turn(order);
  std::exception_ptr cancelled;
  try {
    if (clock_.now() < quiet_until_) {
      std::string why = line_ + ": silence after a failed call";
      co_await clock_.pause_until(quiet_until_, order, std::move(why));
    }
    // Cancelled just now: nothing more may go out.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error{asio::error::operation_aborted};
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (!cancelled) co_return;
  pass();
  std::rethrow_exception(cancelled);
}

void LineTurns::pass() {
  if (queue_.empty()) {
    taken_ = false;
  } else {
    auto* next = queue_.front();
    queue_.pop_front();
    next->set();
  }
}

}  // namespace blondel
