#include "drivers/time/wall_clock.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace blondel {

namespace asio = boost::asio;

WallClock::WallClock() : epoch_{std::chrono::steady_clock::now()} {}

WallClock::~WallClock() {
  // Whoever posted last may still be inside end_work, although the executive has run what was posted.
  { const std::lock_guard lock{mutex_}; }
  timers_.clear();
  destroy_tasks();
}

Time WallClock::now() const {
  return Time{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - epoch_)};
}

Work WallClock::begin_work(Order, std::string) {
  return Work{*this, 0};
}

void WallClock::end_work(std::uint64_t, std::function<void()> deliver) {
  const std::lock_guard lock{mutex_};
  if (deliver && !closing()) asio::post(io(), std::move(deliver));
}

std::uint64_t WallClock::arm(Time due, Order, std::string_view, Wake wake) {
  const auto id = next_id_++;
  auto timer = std::make_unique<asio::steady_timer>(io());
  if (due == never)
    timer->expires_at(asio::steady_timer::time_point::max());
  else
    timer->expires_at(epoch_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(due.time_since_epoch()));
  timer->async_wait([this, id, wake = std::move(wake)](const boost::system::error_code& error) {
    if (error || timers_.erase(id) == 0) return;
    wake();
  });
  timers_.emplace(id, std::move(timer));
  return id;
}

void WallClock::disarm(std::uint64_t id) {
  timers_.erase(id);
}

void WallClock::drive(const bool& done) {
  const auto guard = asio::make_work_guard(io());
  io().restart();
  while (!done) io().run_one();
}

}  // namespace blondel
