#include "drivers/time/together.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <memory>

#include "drivers/time/event.hpp"

namespace blondel {

namespace asio = boost::asio;

namespace {

struct Child {
  asio::cancellation_signal stop;
  std::exception_ptr failed;
  bool ended = false;
};

bool is_cancellation(const std::exception_ptr& e) {
  try {
    std::rethrow_exception(e);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

Task<void> together(Clock& clock, std::vector<Task<void>> tasks) {
  std::vector<std::unique_ptr<Child>> children;
  Event changed{clock, "tasks that run side by side"};
  std::size_t left = tasks.size();
  for (auto& task : tasks) {
    children.push_back(std::make_unique<Child>());
    auto* child = children.back().get();
    auto on_end = [child, &changed, &left](std::exception_ptr e) {
      child->failed = std::move(e);
      child->ended = true;
      --left;
      changed.set();
    };
    asio::co_spawn(clock.io(), std::move(task),
                   asio::bind_cancellation_slot(child->stop.slot(), std::move(on_end)));
  }

  bool cancelled = false;
  bool stopping = false;
  while (left > 0) {
    try {
      co_await changed.wait();
    } catch (const boost::system::system_error&) {
      cancelled = true;
    }
    bool stop = cancelled;
    for (const auto& child : children) stop = stop || child->failed;
    if (stop && !stopping) {
      stopping = true;
      // From here on nobody leaves before the children have.
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      for (const auto& child : children)
        if (!child->ended) child->stop.emit(asio::cancellation_type::terminal);
    }
  }
  if (stopping) co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());

  std::exception_ptr first;
  for (const auto& child : children) {
    if (!child->failed) continue;
    if (!first || (is_cancellation(first) && !is_cancellation(child->failed))) first = child->failed;
  }
  if (cancelled) throw boost::system::system_error{asio::error::operation_aborted};
  if (first) std::rethrow_exception(first);
}

}  // namespace blondel
