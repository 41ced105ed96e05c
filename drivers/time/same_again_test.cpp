#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>

#include "drivers/time/crowd.hpp"
#include "drivers/time/outside_hands.hpp"

namespace blondel {
namespace {

/// Keeps this thread, and all that it starts, on one processor for as long as it lives.
class OneCore {
 public:
  OneCore() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int n = 0; n < CPU_SETSIZE; ++n)
      if (CPU_ISSET(n, &before_)) {
        CPU_SET(n, &one);
        break;
      }
    pinned_ = ::sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~OneCore() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;
  bool pinned() const { return pinned_; }

 private:
  cpu_set_t before_{};
  bool pinned_ = false;
};

constexpr CrowdSize mixed{.sleepers = 200, .wires = 40, .workers = 8, .processes = 4, .rounds = 6};

TEST(SameAgain, ThousandsOfSleepersWakeExactlyWhenTheyShould) {
  const auto log = run_crowd(1, {.sleepers = 4000, .rounds = 3});
  EXPECT_EQ(std::ranges::count(log, '\n'), 12'000);
  EXPECT_EQ(log, run_crowd(1, {.sleepers = 4000, .rounds = 3}));
}

TEST(SameAgain, HundredsOfWiresDeliverAtTheirLatencyAndGiveUpAtTheirDeadline) {
  const auto log = run_crowd(2, {.wires = 500, .rounds = 8});
  EXPECT_EQ(std::ranges::count(log, '\n'), 4000);
  EXPECT_NE(log.find("silent"), std::string::npos);
  EXPECT_EQ(log, run_crowd(2, {.wires = 500, .rounds = 8}));
}

TEST(SameAgain, WorkersAndProcessesDoNotDisturbTheOrderOfEvents) {
  for (std::uint64_t seed = 10; seed < 14; ++seed) {
    const auto log = run_crowd(seed, mixed);
    EXPECT_EQ(std::ranges::count(log, '\n'), (200 + 40 + 8 + 4) * 6);
    EXPECT_EQ(log, run_crowd(seed, mixed)) << "seed " << seed;
  }
}

TEST(SameAgain, TheOrderOfEventsDoesNotDependOnTheLoadOfTheMachine) {
  const auto alone = run_crowd(20, mixed);
  const Spinners busy{3};
  EXPECT_EQ(alone, run_crowd(20, mixed));
}

TEST(SameAgain, TheOrderOfEventsDoesNotDependOnTheNumberOfCores) {
  const auto on_all = run_crowd(30, mixed);
  const OneCore one;
  if (!one.pinned()) GTEST_SKIP() << "this machine does not let a thread choose its processor";
  EXPECT_EQ(on_all, run_crowd(30, mixed));
  const Spinners busy{1};
  EXPECT_EQ(on_all, run_crowd(30, mixed));
}

TEST(SameAgain, AnotherSeedIsAnotherRun) {
  EXPECT_NE(run_crowd(40, mixed), run_crowd(41, mixed));
}

}  // namespace
}  // namespace blondel
