// Cancelling: at any instant, whatever the tasks are doing, all of them end and none outlives what it refers to.
#include "drivers/time/cancellation.hpp"

#include <gtest/gtest.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include "drivers/time/background.hpp"
#include "drivers/time/event.hpp"
#include "drivers/time/outside_hands.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/transport/memory_wire.hpp"
#include "references/error.hpp"

namespace blondel {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Counts the tasks that are alive.
class Alive {
 public:
  explicit Alive(int& count) : count_{count} { ++count_; }
  ~Alive() { --count_; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;

 private:
  int& count_;
};

Task<void> sleep_on(Clock& clock, std::uint64_t seed, int& alive) {
  const Alive here{alive};
  SeededNumbers numbers{seed};
  for (;;) co_await clock.pause(Duration{numbers.below(5'000'000)}, Order{static_cast<int>(seed % 5), 0});
}

Task<void> send_on(Clock& clock, std::unique_ptr<ByteStream> stream, std::uint64_t seed, int& alive) {
  const Alive here{alive};
  SeededNumbers numbers{seed};
  for (;;) {
    co_await stream->write("some bytes", never);
    co_await clock.pause(Duration{numbers.below(5'000'000)});
  }
}

Task<void> receive_on(std::unique_ptr<ByteStream> stream, int& alive) {
  const Alive here{alive};
  for (;;) co_await stream->read_some(never);
}

Task<void> compute_on(Clock& clock, Worker& worker, std::uint64_t seed, int& alive) {
  const Alive here{alive};
  SeededNumbers numbers{seed};
  for (;;) {
    co_await worker.compute(seed, numbers.below(2000));
    co_await clock.pause(Duration{numbers.below(5'000'000)});
  }
}

Task<void> family(Clock& clock, Worker& worker, std::uint64_t seed, int depth, int& alive) {
  const Alive here{alive};
  std::vector<Task<void>> tasks;
  for (std::uint64_t n = 0; n < 4; ++n) tasks.push_back(sleep_on(clock, seed + n, alive));
  auto [near, far] = memory_wire(clock, "wire", seed, {}, Duration{seed % 1000});
  tasks.push_back(send_on(clock, std::move(near), seed, alive));
  tasks.push_back(receive_on(std::move(far), alive));
  tasks.push_back(compute_on(clock, worker, seed, alive));
  if (depth > 0) tasks.push_back(family(clock, worker, seed + 100, depth - 1, alive));
  co_await together(clock, std::move(tasks));
}

Task<void> cancel_at(Clock& clock, Time due) {
  co_await clock.pause_until(due);
  clock.cancel();
}

TEST(Cancellation, AtARandomInstantEndsEveryTaskThatRunsSideBySide) {
  SeededNumbers numbers{3};
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    VirtualClock clock;
    int alive = 0;
    Worker worker{clock, Order{1, 1}, "worker"};
    Background background{clock};
    background.spawn(cancel_at(clock, Time{Duration{numbers.below(20'000'000)}}));
    EXPECT_THROW(clock.run(family(clock, worker, trial, 2, alive)), boost::system::system_error);
    EXPECT_EQ(alive, 0) << "trial " << trial;
  }
}

Task<void> fail_at(Clock& clock, Time due, std::string what) {
  co_await clock.pause_until(due);
  throw Failure{Fault::instrument, what, "failed"};
}

Task<void> fail_beside_family(Clock& clock, Worker& worker, std::uint64_t seed, Time due, int& alive) {
  std::vector<Task<void>> tasks;
  tasks.push_back(family(clock, worker, seed, 1, alive));
  tasks.push_back(fail_at(clock, due, "the one that failed"));
  co_await together(clock, std::move(tasks));
}

TEST(Cancellation, TheFailureOfOneTaskEndsTheOthersAndIsTheOneThatIsTold) {
  SeededNumbers numbers{4};
  for (std::uint64_t trial = 0; trial < 100; ++trial) {
    VirtualClock clock;
    int alive = 0;
    Worker worker{clock, Order{1, 1}, "worker"};
    const Time due{Duration{numbers.below(20'000'000)}};
    try {
      clock.run(fail_beside_family(clock, worker, trial, due, alive));
      FAIL() << "the failure is lost";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.where, "the one that failed");
    }
    EXPECT_EQ(clock.now(), due) << "ending the others takes no time";
    EXPECT_EQ(alive, 0);
  }
}

TEST(Cancellation, OfTwoFailuresAtOneInstantTheLowerIndexIsTold) {
  VirtualClock clock;
  std::vector<Task<void>> tasks;
  tasks.push_back(clock.pause(1h));
  tasks.push_back(fail_at(clock, Time{1s}, "lower"));
  tasks.push_back(fail_at(clock, Time{1s}, "higher"));
  try {
    clock.run(together(clock, std::move(tasks)));
    FAIL() << "the failure is lost";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.where, "lower");
  }
}

TEST(Cancellation, NothingSideBySideIsDoneAtOnce) {
  VirtualClock clock;
  clock.run(together(clock, {}));
  EXPECT_EQ(clock.now(), Time{});
}

/// A task whose way down takes bench time, as an output that has to be proved off.
Task<void> way_down(Clock& clock, Duration takes, bool fails, int& alive) {
  const Alive here{alive};
  bool cancelled = false;
  try {
    co_await clock.pause(1h);
  } catch (const boost::system::system_error&) {
    cancelled = true;
  }
  EXPECT_TRUE(cancelled);
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await clock.pause(takes);
  if (fails) throw Failure{Fault::instrument, "output", "not off"};
}

TEST(Cancellation, WaitsForTheWaysDownOfAll) {
  VirtualClock clock;
  int alive = 0;
  Background background{clock};
  background.spawn(cancel_at(clock, Time{1s}));
  std::vector<Task<void>> tasks;
  tasks.push_back(way_down(clock, 2s, false, alive));
  tasks.push_back(way_down(clock, 5s, false, alive));
  EXPECT_THROW(clock.run(together(clock, std::move(tasks))), boost::system::system_error);
  EXPECT_EQ(clock.now(), Time{6s});
  EXPECT_EQ(alive, 0);
}

TEST(Cancellation, WhatFailsOnlyBecauseTheOthersAreGoneIsNotTold) {
  VirtualClock clock;
  int alive = 0;
  Background background{clock};
  background.spawn(cancel_at(clock, Time{1s}));
  std::vector<Task<void>> tasks;
  tasks.push_back(clock.pause(1h));
  tasks.push_back(way_down(clock, 2s, true, alive));
  EXPECT_THROW(clock.run(together(clock, std::move(tasks))), boost::system::system_error);
  EXPECT_EQ(clock.now(), Time{3s});
}

Task<void> two_more_on_the_way_down(Clock& clock, bool& ended) {
  try {
    co_await clock.pause(1h);
  } catch (const boost::system::system_error&) {
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  std::vector<Task<void>> tasks;
  tasks.push_back(fail_at(clock, clock.now() + 1s, "instrument"));
  tasks.push_back(clock.pause(1h));
  try {
    co_await together(clock, std::move(tasks));
  } catch (const Failure&) {
  }
  clock.cancel();  // must not reach a caller that has disabled its cancellation
  co_await clock.pause(1s);
  ended = true;
}

TEST(Cancellation, SideBySideLeavesTheCancellationOfItsCallerAsItWas) {
  VirtualClock clock;
  bool ended = false;
  Background background{clock};
  background.spawn(cancel_at(clock, Time{1s}));
  clock.run(two_more_on_the_way_down(clock, ended));
  EXPECT_TRUE(ended);
  EXPECT_EQ(clock.now(), Time{3s});
}

Task<void> still_cancelled(Clock& clock, int& alive) {
  const Alive here{alive};
  std::vector<Task<void>> tasks;
  tasks.push_back(clock.pause(1h));
  try {
    co_await together(clock, std::move(tasks));
  } catch (const boost::system::system_error&) {
  }
  co_await clock.pause(1h);
  ADD_FAILURE() << "a cancelled task went on";
}

TEST(Cancellation, ACancelledTaskThrowsAtItsNextWaitToo) {
  VirtualClock clock;
  int alive = 0;
  Background background{clock};
  background.spawn(cancel_at(clock, Time{1s}));
  EXPECT_THROW(clock.run(still_cancelled(clock, alive)), boost::system::system_error);
  EXPECT_EQ(clock.now(), Time{1s});
  EXPECT_EQ(alive, 0);
}

Task<void> serve(Clock& clock, Event& request, int& served, int& alive) {
  const Alive here{alive};
  for (;;) {
    co_await request.wait();
    co_await clock.pause(1ms);
    ++served;
  }
}

Task<void> ask(Clock& clock, Event& request, int times) {
  for (int n = 0; n < times; ++n) {
    request.set();
    co_await clock.pause(2ms);
  }
}

TEST(Cancellation, TheEndOfABackgroundEndsItsTasks) {
  VirtualClock clock;
  int alive = 0;
  int served = 0;
  Event request{clock, "request"};
  {
    Background background{clock};
    background.spawn(serve(clock, request, served, alive));
    clock.run(ask(clock, request, 10));
    EXPECT_EQ(served, 10);
    EXPECT_EQ(alive, 1);
    EXPECT_EQ(background.running(), 1U);
    EXPECT_FALSE(background.failure());
  }
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(clock.now(), Time{20ms}) << "and time stands still for it";
}

TEST(Cancellation, ABackgroundThatNeverRanEndsToo) {
  VirtualClock clock;
  int alive = 0;
  int served = 0;
  Event request{clock, "request"};
  {
    Background background{clock};
    background.spawn(serve(clock, request, served, alive));
  }
  EXPECT_EQ(alive, 0);
}

Task<void> host(Clock& clock, int& alive) {
  // Ends inside a task, as the simulated bench of one run does.
  Background background{clock};
  for (std::uint64_t n = 0; n < 10; ++n) background.spawn(sleep_on(clock, n, alive));
  co_await clock.pause(20ms);
}

TEST(Cancellation, ABackgroundMayEndInsideATask) {
  VirtualClock clock;
  int alive = 0;
  std::vector<Task<void>> tasks;
  tasks.push_back(host(clock, alive));
  tasks.push_back(clock.pause(1s));
  clock.run(together(clock, std::move(tasks)));
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(clock.now(), Time{1s});
}

TEST(Cancellation, TheFirstFailureOfABackgroundIsKept) {
  VirtualClock clock;
  Background background{clock};
  background.spawn(fail_at(clock, Time{2s}, "second"));
  background.spawn(fail_at(clock, Time{1s}, "first"));
  clock.run(clock.pause(3s));
  ASSERT_TRUE(background.failure());
  EXPECT_EQ(background.running(), 0U);
  try {
    std::rethrow_exception(background.failure());
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.where, "first");
  }
}

Task<void> wait_for(Event& event) {
  co_await event.wait();
}

TEST(Cancellation, TwoTasksMayNotWaitForOneEvent) {
  VirtualClock clock;
  Event event{clock, "one event"};
  std::vector<Task<void>> tasks;
  tasks.push_back(wait_for(event));
  tasks.push_back(wait_for(event));
  EXPECT_THROW(clock.run(together(clock, std::move(tasks))), std::logic_error);
}

}  // namespace
}  // namespace blondel
