#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/time/task.hpp"

namespace blondel {

using Duration = std::chrono::nanoseconds;

/// Bench time: counted from the start of the run, and the only time that anything here knows.
struct BenchEpoch {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<BenchEpoch>;
};
using Time = std::chrono::time_point<BenchEpoch, Duration>;
inline constexpr Time never = Time::max();

constexpr double in_seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}
constexpr double in_seconds(Time t) {
  return in_seconds(t.time_since_epoch());
}
constexpr Duration seconds(double s) {
  return Duration{static_cast<Duration::rep>(s * 1e9 + (s < 0 ? -0.5 : 0.5))};
}

/// Who comes first when two things are due at the same instant: the lower position, then the lower channel, then
/// whoever asked first on that channel. Never the order of arrival, which depends on the machine's load.
struct Order {
  int position = 0;  ///< 0 is the bench itself, 1.. are the meters' positions
  int channel = 0;   ///< which of its wires; see drivers/time/README.md
  auto operator<=>(const Order&) const = default;
};

class Clock;

/// Work that goes on outside the executive's thread: a library call on a worker, a grant to a process. Virtual time
/// stands still while anybody holds one. It must be finished exactly once; dropping it unfinished gives it back.
/// It must not outlive its clock: whoever started the thread ends it first.
class Work {
 public:
  Work() = default;
  Work(Clock& clock, std::uint64_t id) : clock_{&clock}, id_{id} {}
  Work(Work&& other) noexcept : clock_{std::exchange(other.clock_, nullptr)}, id_{other.id_} {}
  Work& operator=(Work&& other) noexcept;
  ~Work();

  /// Ends the work. `deliver` runs on the executive's thread, after all work that is under way at this instant has
  /// ended, in the order of the Order given at begin_work. May be called from any thread.
  void finish(std::function<void()> deliver = {});
  explicit operator bool() const { return clock_ != nullptr; }

 private:
  Clock* clock_ = nullptr;
  std::uint64_t id_ = 0;
};

/// The only source of "now" and the only way to wait. Two kinds: WallClock and VirtualClock.
class Clock {
 public:
  Clock();
  virtual ~Clock();
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  virtual Time now() const = 0;
  /// Whether time jumps when nobody works.
  virtual bool is_virtual() const = 0;

  /// Waits. Ends early, with boost::system::system_error(operation_aborted), when the task is cancelled.
  Task<void> pause(Duration d, Order order = {}, std::string what = "pause");
  Task<void> pause_until(Time due, Order order = {}, std::string what = "pause");

  /// Announces work outside the executive's thread. `what` names it when it is never finished. To be called on the
  /// executive's thread, so that the sequence of two works of one Order does not depend on the machine's load.
  [[nodiscard]] virtual Work begin_work(Order order, std::string what) = 0;

  /// Runs `main` to its end, and everything that was spawned beside it for as long. Rethrows what main throws.
  /// VirtualClock: @throws std::logic_error naming all waiters when nobody can ever wake again; Failure (timeout)
  /// naming the work when foreign code does not end within the wall-time guard. The main task is then cancelled and
  /// given the chance to take its way down; one that refuses even that is destroyed with the clock.
  void run(Task<void> main);

  /// Cancels the main task of the run in progress; the executive's thread only.
  void cancel();

  boost::asio::io_context& io() { return *io_; }

 protected:
  friend class Event;
  friend class Work;
  using Wake = std::function<void()>;

  /// Lets `wake` run at `due`, unless disarmed before. `never` is allowed: the entry then only has a name.
  virtual std::uint64_t arm(Time due, Order order, std::string_view what, Wake wake) = 0;
  virtual void disarm(std::uint64_t id) = 0;
  virtual void end_work(std::uint64_t id, std::function<void()> deliver) = 0;
  /// Runs handlers and moves time until `done`.
  virtual void drive(const bool& done) = 0;
  /// Destroys the tasks that never ended. For destructors of the kinds of clock: on their way the tasks disarm what
  /// they waited for, which must still be there.
  void destroy_tasks();
  /// Whether destroy_tasks has begun: nothing can be run any more.
  bool closing() const { return closing_; }

 private:
  friend class Background;
  struct Main;
  std::unique_ptr<boost::asio::io_context> io_;
  std::shared_ptr<Main> main_;
  bool closing_ = false;
};

}  // namespace blondel
