#include "drivers/time/virtual_clock.hpp"

#include <fmt/format.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <thread>
#include <utility>

#include "references/error.hpp"

namespace blondel {

namespace asio = boost::asio;

VirtualClock::VirtualClock(std::chrono::seconds guard) : guard_{guard} {}

VirtualClock::~VirtualClock() {
  // What was never delivered may own events, which need the tasks' io_context to end.
  std::exchange(deliveries_, {}).clear();
  destroy_tasks();
}

Work VirtualClock::begin_work(Order order, std::string what) {
  const std::lock_guard lock{mutex_};
  const auto id = next_id_++;
  outside_.emplace(id, Outside{order, std::move(what)});
  return Work{*this, id};
}

void VirtualClock::end_work(std::uint64_t id, std::function<void()> deliver) {
  const std::lock_guard lock{mutex_};
  const auto found = outside_.find(id);
  if (found == outside_.end() || closing()) return;
  if (deliver) deliveries_.emplace(std::pair{found->second.order, id}, std::move(deliver));
  outside_.erase(found);
  // Wakes the executive from await_outside, whose wait is for handlers as much as for this. Under the lock: once the
  // executive has seen that the work is over, it may destroy the clock.
  asio::post(io(), [] {});
}

std::uint64_t VirtualClock::arm(Time due, Order order, std::string_view what, Wake wake) {
  std::uint64_t id{};
  {
    const std::lock_guard lock{mutex_};
    id = next_id_++;
  }
  const Key key{std::max(due, now_), order, id};
  waiters_.emplace(key, Waiter{std::string{what}, std::move(wake)});
  armed_.emplace(id, key);
  return id;
}

void VirtualClock::disarm(std::uint64_t id) {
  if (const auto found = armed_.find(id); found != armed_.end()) {
    waiters_.erase(found->second);
    armed_.erase(found);
  }
}

void VirtualClock::run_ready() {
  io().poll();  // until nothing is ready, what was made ready meanwhile included
}

void VirtualClock::await_outside() {
  // Most work outside ends within microseconds, and to be woken from sleep takes much longer.
  constexpr int looks_before_sleep = 64;
  for (int n = 0; n < looks_before_sleep; ++n) {
    if (io().poll_one() != 0) return;
    std::this_thread::yield();
  }
  if (io().run_one_for(guard_) != 0) return;
  const std::lock_guard lock{mutex_};
  if (outside_.empty()) return;  // it ended at the last moment
  std::string names;
  for (const auto& [id, work] : outside_) names += (names.empty() ? "" : "; ") + work.what;
  // Whoever holds it may still end it later: that must find nothing here.
  outside_.clear();
  throw Failure{Fault::timeout, "clock",
                fmt::format("work outside did not end within {} s of wall time: {}", guard_.count(), names)};
}

void VirtualClock::report_deadlock() const {
  std::string names;
  for (const auto& [key, waiter] : waiters_) names += (names.empty() ? "" : "; ") + waiter.what;
  throw std::logic_error{fmt::format("deadlock at {:.6f} s of bench time: nobody can wake any of: {}", in_seconds(now_),
                                     names.empty() ? "(nobody waits)" : names)};
}

void VirtualClock::drive(const bool& done) {
  // Without it the wait for work outside would end at once when no handler of the executive's own is pending.
  const auto guard = asio::make_work_guard(io());
  io().restart();
  for (;;) {
    run_ready();
    if (done) return;
    std::function<void()> deliver;
    bool busy = false;
    {
      const std::lock_guard lock{mutex_};
      busy = !outside_.empty();
      if (!busy && !deliveries_.empty()) {
        deliver = std::move(deliveries_.begin()->second);
        deliveries_.erase(deliveries_.begin());
      }
    }
    if (busy) {
      await_outside();
    } else if (deliver) {
      deliver();
    } else if (waiters_.empty() || std::get<Time>(waiters_.begin()->first) == never) {
      report_deadlock();
    } else {
      auto first = waiters_.extract(waiters_.begin());
      armed_.erase(std::get<std::uint64_t>(first.key()));
      if (const auto due = std::get<Time>(first.key()); due > now_) {
        now_ = due;
        ++jumps_;
      }
      first.mapped().wake();
    }
  }
}

}  // namespace blondel
