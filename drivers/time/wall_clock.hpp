#pragma once

#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <mutex>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Real time, for real instruments and for a simulated bench that other programs talk to.
class WallClock final : public Clock {
 public:
  WallClock();
  ~WallClock() override;

  Time now() const override;
  bool is_virtual() const override { return false; }
  Work begin_work(Order order, std::string what) override;

 protected:
  std::uint64_t arm(Time due, Order order, std::string_view what, Wake wake) override;
  void disarm(std::uint64_t id) override;
  void end_work(std::uint64_t id, std::function<void()> deliver) override;
  void drive(const bool& done) override;

 private:
  std::chrono::steady_clock::time_point epoch_;
  std::mutex mutex_;  // work ends on any thread
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, std::unique_ptr<boost::asio::steady_timer>> timers_;
};

}  // namespace blondel
