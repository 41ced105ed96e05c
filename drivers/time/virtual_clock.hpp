#pragma once

#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Bench time that stands still while anyone works and jumps when nobody does.
///
/// What counts as work: every ready handler of the io_context, and every Work that is not yet finished. With neither,
/// time jumps to the earliest due instant. Deliveries of finished work and wake-ups of equal due time run one after
/// the other in their Order, each until nothing is ready any more: so the order of events does not depend on the load
/// of the machine or on its number of cores.
class VirtualClock final : public Clock {
 public:
  /// `guard`: wall time after which work that never finishes is named in a Failure. It counts while nothing at all
  /// comes from outside, so that a hundred workers that share one core are not mistaken for one that hangs.
  explicit VirtualClock(std::chrono::seconds guard = std::chrono::seconds{30});
  ~VirtualClock() override;

  Time now() const override { return now_; }
  bool is_virtual() const override { return true; }
  Work begin_work(Order order, std::string what) override;

  /// How often time has jumped.
  std::uint64_t jumps() const { return jumps_; }

 protected:
  std::uint64_t arm(Time due, Order order, std::string_view what, Wake wake) override;
  void disarm(std::uint64_t id) override;
  void end_work(std::uint64_t id, std::function<void()> deliver) override;
  void drive(const bool& done) override;

 private:
  struct Waiter {
    std::string what;
    Wake wake;
  };
  using Key = std::tuple<Time, Order, std::uint64_t>;
  struct Outside {
    Order order;
    std::string what;
  };

  void run_ready();
  void await_outside();
  [[noreturn]] void report_deadlock() const;

  Time now_{};
  std::chrono::seconds guard_;
  std::uint64_t next_id_ = 1;
  std::uint64_t jumps_ = 0;
  std::map<Key, Waiter> waiters_;
  std::map<std::uint64_t, Key> armed_;

  std::mutex mutex_;  // guards the two below: work ends on any thread
  std::map<std::uint64_t, Outside> outside_;
  std::map<std::pair<Order, std::uint64_t>, std::function<void()>> deliveries_;
};

}  // namespace blondel
