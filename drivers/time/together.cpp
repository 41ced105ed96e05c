#include "drivers/time/together.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <memory>

#include "drivers/time/cancellation.hpp"
#include "drivers/time/event.hpp"

namespace blondel {

namespace asio = boost::asio;

namespace {

struct Child {
  asio::cancellation_signal stop;
  std::exception_ptr failed;
  bool ended = false;
};

/// The failure of the lowest index; one that is more than a cancellation comes first.
std::exception_ptr first_failure(const std::vector<std::unique_ptr<Child>>& children) {
  std::exception_ptr first;
  for (const auto& child : children) {
    if (!child->failed) continue;
    if (!first || (is_cancellation(first) && !is_cancellation(child->failed))) first = child->failed;
  }
  return first;
}

}  // namespace

Task<void> together(Clock& clock, std::vector<Task<void>> tasks) {
  std::vector<std::unique_ptr<Child>> children;
  Event changed{clock, "tasks that run side by side"};
  std::size_t left = tasks.size();
  bool any_failed = false;
  for (auto& task : tasks) {
    children.push_back(std::make_unique<Child>());
    auto* child = children.back().get();
    auto on_end = [child, &changed, &left, &any_failed](std::exception_ptr e) {
      any_failed = any_failed || e;
      child->failed = std::move(e);
      child->ended = true;
      --left;
      changed.set();
    };
    asio::co_spawn(clock.io(), std::move(task), asio::bind_cancellation_slot(child->stop.slot(), std::move(on_end)));
  }

  // A cancelled caller would throw at its next wait, and leave before its children have. Its cancellation state itself
  // stays as it is: it belongs to the caller, who may be on its way down and have disabled it.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  bool cancelled = false;
  bool stopping = false;
  std::exception_ptr reason;
  while (left > 0) {
    try {
      co_await changed.wait();
    } catch (const boost::system::system_error&) {
      cancelled = true;
    }
    // A stop may arrive while this task is ready already, and then ends no wait of its own.
    const auto state = co_await asio::this_coro::cancellation_state;
    cancelled = cancelled || state.cancelled() != asio::cancellation_type::none;
    if (stopping || !(cancelled || any_failed)) continue;
    stopping = true;
    // What fails from here on may do so because the others are gone: a wire whose other end was closed.
    reason = first_failure(children);
    for (const auto& child : children)
      if (!child->ended) child->stop.emit(asio::cancellation_type::terminal);
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (!stopping) reason = first_failure(children);
  if (reason) std::rethrow_exception(reason);
  if (cancelled) throw boost::system::system_error{asio::error::operation_aborted};
}

}  // namespace blondel
