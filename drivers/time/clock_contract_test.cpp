// What both kinds of clock promise. The real waits are a few milliseconds, and nothing is said about how late a machine
// under load may be.
#include <gtest/gtest.h>

#include <boost/system/system_error.hpp>
#include <thread>

#include "drivers/time/background.hpp"
#include "drivers/time/cancellation.hpp"
#include "drivers/time/event.hpp"
#include "drivers/time/outside_hands.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/time/wall_clock.hpp"
#include "references/error.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

template <class Kind>
class ClockContract : public testing::Test {
 protected:
  Kind clock;
};
using Kinds = testing::Types<VirtualClock, WallClock>;

class KindNames {
 public:
  template <class Kind>
  static std::string GetName(int) {
    return std::is_same_v<Kind, VirtualClock> ? "Virtual" : "Wall";
  }
};
TYPED_TEST_SUITE(ClockContract, Kinds, KindNames);

Task<void> pause_and_look(Clock& clock) {
  const auto start = clock.now();
  co_await clock.pause(3ms);
  EXPECT_GE(clock.now() - start, 3ms);
}

TYPED_TEST(ClockContract, APauseLastsAtLeastAsLongAsAsked) {
  this->clock.run(pause_and_look(this->clock));
}

Task<void> note_after(Clock& clock, Duration d, int what, std::vector<int>& log) {
  co_await clock.pause(d);
  log.push_back(what);
}

TYPED_TEST(ClockContract, PausesEndInTheOrderOfTheirDueTimes) {
  std::vector<int> log;
  std::vector<Task<void>> tasks;
  tasks.push_back(note_after(this->clock, 9ms, 3, log));
  tasks.push_back(note_after(this->clock, 3ms, 1, log));
  tasks.push_back(note_after(this->clock, 6ms, 2, log));
  this->clock.run(together(this->clock, std::move(tasks)));
  EXPECT_EQ(log, (std::vector<int>{1, 2, 3}));
}

Task<void> meet_deadline(Clock& clock) {
  Event event{clock, "nobody"};
  const auto deadline = clock.now() + 3ms;
  const bool came = co_await event.wait_until(deadline);
  EXPECT_FALSE(came);
  EXPECT_GE(clock.now(), deadline);
  event.set();
  const bool came_now = co_await event.wait_until(never);
  EXPECT_TRUE(came_now);
  EXPECT_FALSE(event.is_set());
}

TYPED_TEST(ClockContract, AnEventThatDoesNotComeEndsAtItsDeadline) {
  this->clock.run(meet_deadline(this->clock));
}

Task<void> set_after(Clock& clock, Duration d, Event& event) {
  co_await clock.pause(d);
  event.set();
}

Task<void> expect_event(Clock& clock, Event& event) {
  const bool came = co_await event.wait_until(clock.now() + 1h);
  EXPECT_TRUE(came);
}

TYPED_TEST(ClockContract, AnEventThatComesEndsTheWaitBeforeItsDeadline) {
  Event event{this->clock, "event"};
  std::vector<Task<void>> tasks;
  tasks.push_back(expect_event(this->clock, event));
  tasks.push_back(set_after(this->clock, 2ms, event));
  this->clock.run(together(this->clock, std::move(tasks)));
  EXPECT_LT(this->clock.now(), Time{1h});
}

Task<void> use_worker(Worker& worker) {
  const auto here = std::this_thread::get_id();
  for (std::uint64_t n = 0; n < 20; ++n) {
    const auto sum = co_await worker.compute(n, 1000);
    EXPECT_EQ(sum, Worker::outcome(n, 1000));
    EXPECT_EQ(here, std::this_thread::get_id()) << "delivered on the worker's thread";
  }
}

TYPED_TEST(ClockContract, WorkIsDeliveredOnTheExecutivesThread) {
  Worker worker{this->clock, {}, "worker"};
  this->clock.run(use_worker(worker));
}

Task<void> use_process(Process& process) {
  const auto sum = co_await process.compute(3, 1000);
  EXPECT_EQ(sum, Worker::outcome(3, 1000));
}

TYPED_TEST(ClockContract, AProcessAnswersOverItsDescriptor) {
  Process process{this->clock, {}, "process"};
  this->clock.run(use_process(process));
}

Task<void> fail_at_once() {
  throw Failure{Fault::refused, "who", "why"};
  co_return;
}

TYPED_TEST(ClockContract, AnExceptionComesOutOfTheRunAndTheNextRunWorks) {
  EXPECT_THROW(this->clock.run(fail_at_once()), Failure);
  this->clock.run(pause_and_look(this->clock));
}

Task<void> cancel_after(Clock& clock, Duration d) {
  co_await clock.pause(d);
  clock.cancel();
}

TYPED_TEST(ClockContract, CancelEndsTheMainTaskAtItsWait) {
  Background background{this->clock};
  background.spawn(cancel_after(this->clock, 2ms));
  try {
    this->clock.run(this->clock.pause(1h));
    FAIL() << "not cancelled";
  } catch (const boost::system::system_error&) {
    EXPECT_TRUE(is_cancellation(std::current_exception()));
  }
  EXPECT_LT(this->clock.now(), Time{1h});
}

TYPED_TEST(ClockContract, ACancelWithoutARunDoesNothing) {
  this->clock.cancel();
  this->clock.run(pause_and_look(this->clock));
}

TYPED_TEST(ClockContract, WhatIsLeftIsDestroyedWithTheClock) {
  auto owned = std::make_unique<TypeParam>();
  {
    auto work = owned->begin_work({}, "moved about");
    auto moved = std::move(work);
    moved = owned->begin_work({}, "another");
    moved.finish();
    moved.finish();  // a second time does nothing
    EXPECT_FALSE(moved);
  }
  owned->run(pause_and_look(*owned));
  owned.reset();
}

}  // namespace
}  // namespace blondel
