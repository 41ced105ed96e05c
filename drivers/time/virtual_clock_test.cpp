#include "drivers/time/virtual_clock.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <future>
#include <thread>

#include "drivers/time/background.hpp"
#include "drivers/time/event.hpp"
#include "drivers/time/outside_hands.hpp"
#include "drivers/time/together.hpp"
#include "references/error.hpp"

namespace blondel {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::HasSubstr;

using Log = std::vector<std::string>;

Task<void> note_at(Clock& clock, Time due, Order order, std::string what, Log& log) {
  co_await clock.pause_until(due, order, what);
  log.push_back(what);
}

/// The message of what `run` throws as an E; empty when it throws nothing.
template <class E, class Run>
std::string message_of(Run run) {
  try {
    run();
  } catch (const E& e) {
    return e.what();
  }
  return {};
}

TEST(VirtualClock, AnHourOfBenchTimePassesInOneJump) {
  VirtualClock clock;
  clock.run(clock.pause(1h));
  EXPECT_EQ(clock.now(), Time{1h});
  EXPECT_EQ(clock.jumps(), 1U);
}

TEST(VirtualClock, EqualDueTimesRunByPositionThenChannelThenWhoAskedFirst) {
  SeededNumbers numbers{7};
  for (int trial = 0; trial < 50; ++trial) {
    VirtualClock clock;
    Log log;
    std::vector<Task<void>> tasks;
    std::vector<std::pair<Order, int>> asked;
    for (int n = 0; n < 60; ++n) {
      const Order order{static_cast<int>(numbers.below(5)), static_cast<int>(numbers.below(3))};
      asked.emplace_back(order, n);
      tasks.push_back(note_at(clock, Time{5s}, order, std::to_string(n), log));
    }
    clock.run(together(clock, std::move(tasks)));
    std::ranges::stable_sort(asked, {}, &std::pair<Order, int>::first);
    Log expected;
    for (const auto& [order, n] : asked) expected.push_back(std::to_string(n));
    EXPECT_EQ(log, expected) << "trial " << trial;
  }
}

Task<void> note_worker(Worker& worker, int who, std::uint64_t rounds, Log& log) {
  co_await worker.compute(1, rounds);
  log.push_back(std::to_string(who));
}

TEST(VirtualClock, WorkThatEndsInAnyOrderIsDeliveredInItsOwn) {
  SeededNumbers numbers{8};
  for (int trial = 0; trial < 20; ++trial) {
    VirtualClock clock;
    Log log;
    std::vector<std::unique_ptr<Worker>> workers;
    std::vector<Task<void>> tasks;
    // Whoever comes first in order has most to do.
    for (int n = 0; n < 6; ++n)
      workers.push_back(std::make_unique<Worker>(clock, Order{5 - n, 0}, fmt::format("worker {}", n)));
    for (int n = 0; n < 6; ++n) {
      const auto rounds = numbers.below(static_cast<std::uint64_t>(n + 1) * 20'000);
      tasks.push_back(note_worker(*workers[static_cast<std::size_t>(n)], n, rounds, log));
    }
    clock.run(together(clock, std::move(tasks)));
    EXPECT_EQ(log, (Log{"5", "4", "3", "2", "1", "0"})) << "trial " << trial;
  }
}

Task<void> begin_more(Event& go, Worker& again, Log& log) {
  co_await go.wait();
  log.push_back("first delivery");
  co_await again.compute(1, 50'000);
  log.push_back("work that the first delivery began");
}

Task<void> drop_work(Clock& clock, Log& log) {
  { const auto work = clock.begin_work({}, "dropped"); }
  co_await clock.pause(1s);
  log.push_back("went on");
}

TEST(VirtualClock, ADeliveryWaitsForTheWorkThatAnEarlierOneBegan) {
  VirtualClock clock;
  Log log;
  Worker again{clock, Order{1, 0}, "again"};
  Event go{clock, "go"};
  auto first = clock.begin_work(Order{0, 0}, "first");
  auto last = clock.begin_work(Order{2, 0}, "last");
  last.finish([&] { log.push_back("last delivery"); });
  first.finish([&] { go.set(); });
  clock.run(begin_more(go, again, log));
  // Of the two that are then at hand the lower position comes first; with it the run is over.
  EXPECT_EQ(log, (Log{"first delivery", "work that the first delivery began"}));
}

TEST(VirtualClock, WorkThatIsDroppedUnfinishedHoldsNothingBack) {
  VirtualClock clock;
  Log log;
  clock.run(drop_work(clock, log));
  EXPECT_EQ(log, Log{"went on"});
}

Task<void> overwhelm(Clock& clock) {
  co_await clock.pause(Duration::max());
}

Task<void> look_back(Clock& clock) {
  co_await clock.pause(10s);
  co_await clock.pause_until(Time{3s});
  EXPECT_EQ(clock.now(), Time{10s}) << "a due time in the past is due now";
  co_await clock.pause(-5s);
  EXPECT_EQ(clock.now(), Time{10s});
}

TEST(VirtualClock, TimeNeverGoesBack) {
  VirtualClock clock;
  clock.run(look_back(clock));
}

TEST(VirtualClock, APauseOfUnboundedLengthNeverEnds) {
  VirtualClock clock;
  EXPECT_THROW(clock.run(overwhelm(clock)), std::logic_error);
}

Task<void> wait_by_name(Clock& clock, std::string what) {
  Event nobody{clock, what};
  co_await nobody.wait();
}

TEST(VirtualClock, ADeadlockEndsTheRunAndNamesAllWhoWait) {
  VirtualClock clock;
  std::vector<Task<void>> tasks;
  tasks.push_back(clock.pause(3s));
  tasks.push_back(wait_by_name(clock, "bytes on wire/source"));
  tasks.push_back(wait_by_name(clock, "a pulse of position 4"));
  const auto message = message_of<std::logic_error>([&] { clock.run(together(clock, std::move(tasks))); });
  EXPECT_THAT(message, HasSubstr("deadlock at 3.000000 s"));
  EXPECT_THAT(message, HasSubstr("bytes on wire/source"));
  EXPECT_THAT(message, HasSubstr("a pulse of position 4"));
}

/// Writes down that it took its way down.
struct WayDown {
  bool& taken;
  ~WayDown() { taken = true; }
};

Task<void> work_forever(std::shared_ptr<Event> answer, bool& down) {
  const WayDown safe{down};
  co_await answer->wait();
}

TEST(VirtualClock, ForeignCodeThatNeverEndsIsNamedAndTheRunEnds) {
  VirtualClock clock{1s};
  bool down = false;
  std::promise<void> release;
  auto work = clock.begin_work({3, 2}, "meter process of position 3");
  std::thread foreign{[&work, wait = release.get_future()]() mutable {
    wait.wait();
    work.finish([] { ADD_FAILURE() << "delivered after the run had given it up"; });
  }};
  const auto answer = std::make_shared<Event>(clock, "answer of position 3");
  const auto message = message_of<Failure>([&] { clock.run(work_forever(answer, down)); });
  EXPECT_THAT(message, HasSubstr("meter process of position 3"));
  EXPECT_THAT(message, HasSubstr("1 s of wall time"));
  EXPECT_TRUE(down) << "the main task did not take its way down";
  release.set_value();
  foreign.join();
  clock.run(clock.pause(1s));  // what came too late finds nobody, and the clock goes on
}

Task<void> throw_after(Clock& clock, Duration d) {
  co_await clock.pause(d);
  throw Failure{Fault::instrument, "source/example", "tripped"};
}

TEST(VirtualClock, WhatTheMainTaskThrowsComesOutOfTheRun) {
  VirtualClock clock;
  EXPECT_THAT(message_of<Failure>([&] { clock.run(throw_after(clock, 2s)); }), HasSubstr("tripped"));
  EXPECT_EQ(clock.now(), Time{2s});
}

TEST(VirtualClock, WhatADeliveryThrowsEndsTheRun) {
  VirtualClock clock;
  auto work = clock.begin_work({}, "w");
  work.finish([] { throw Failure{Fault::protocol, "link", "nonsense"}; });
  bool down = false;
  const auto answer = std::make_shared<Event>(clock, "answer");
  EXPECT_THAT(message_of<Failure>([&] { clock.run(work_forever(answer, down)); }), HasSubstr("nonsense"));
  EXPECT_TRUE(down);
}

Task<void> refuse_to_end(Event& event, bool& destroyed) {
  const WayDown seen{destroyed};
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await event.wait();
}

TEST(VirtualClock, ATaskThatRefusesToEndIsDestroyedWithItsClock) {
  bool destroyed = false;
  {
    VirtualClock clock;
    const auto event = std::make_unique<Event>(clock, "nothing that comes");
    EXPECT_THROW(clock.run(refuse_to_end(*event, destroyed)), std::logic_error);
    EXPECT_FALSE(destroyed);
    // It can still be brought to its end by a later run.
    event->set();
    clock.run(clock.pause(1s));
    EXPECT_TRUE(destroyed);
    destroyed = false;
    EXPECT_THROW(clock.run(wait_by_name(clock, "n")), std::logic_error);
  }
  {
    bool also = false;
    auto clock = std::make_unique<VirtualClock>();
    auto owned = [](Clock& on, bool& flag) -> Task<void> {
      Event event{on, "nothing that comes"};
      co_await refuse_to_end(event, flag);
    };
    EXPECT_THROW(clock->run(owned(*clock, also)), std::logic_error);
    EXPECT_FALSE(also);
    clock.reset();
    EXPECT_TRUE(also);
  }
}

Task<void> run_inside(Clock& clock) {
  EXPECT_THROW(clock.run(clock.pause(1s)), std::logic_error);
  co_return;
}

TEST(VirtualClock, ARunInsideARunIsAMistake) {
  VirtualClock clock;
  clock.run(run_inside(clock));
}

}  // namespace
}  // namespace blondel
