#include "rig/class_test/update_phase.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace blondel {
namespace {

using namespace std::chrono_literals;

/// A change that was seen between two answers.
RegisterChange change_at(Duration middle, Duration width = 30ms) {
  return {1, Time{middle - width / 2}, Time{middle + width / 2}, Time{middle}};
}

TEST(UpdatePhase, SaysNothingBeforeASecondRenewalHasProvedThePeriod) {
  UpdatePhase phase;
  EXPECT_EQ(phase.first_after(Time{5s}), std::nullopt);
  phase.saw(change_at(3250ms));
  EXPECT_EQ(phase.first_after(Time{5s}), std::nullopt);
  EXPECT_EQ(phase.last_before(Time{50s}), std::nullopt);
  phase.saw(change_at(9260ms));
  EXPECT_NE(phase.first_after(Time{10s}), std::nullopt);
  phase.forget();
  EXPECT_EQ(phase.first_after(Time{10s}), std::nullopt);
}

TEST(UpdatePhase, BeginsToAskShortlyBeforeTheNextRenewal) {
  UpdatePhase phase;
  phase.saw(change_at(3250ms));
  phase.saw(change_at(13250ms));
  for (const Duration now : {13300ms, 14000ms, 20100ms, 43000ms}) {
    const Time begin = *phase.first_after(Time{now});
    EXPECT_GE(begin, Time{now});
    EXPECT_LT(begin, Time{now} + 1s);
    const Duration before_renewal = 1s - (begin - Time{13250ms}) % 1s;
    EXPECT_GE(before_renewal, 15ms + 40ms) << "half of what was open, and two requests";
    EXPECT_LE(before_renewal, 30ms + 40ms + 7ms + 15ms) << "no more than all of it, 200 ppm of 30 s, and a request";
  }
}

TEST(UpdatePhase, LeavesAPeriodForAMeterThatComesOtherwise) {
  UpdatePhase phase;
  phase.saw(change_at(3250ms));
  phase.saw(change_at(13250ms));
  const Time begin = *phase.last_before(Time{30s});
  EXPECT_LE(begin, Time{28250ms});
  EXPECT_GT(begin, Time{28130ms});
  EXPECT_LE(*phase.last_before(Time{30440ms}), Time{28250ms}) << "29.25 s leaves 1.19 s only";
  EXPECT_GT(*phase.last_before(Time{30460ms}), Time{29130ms});
}

// Where between two requests a renewal falls must be as likely to be anywhere.
TEST(UpdatePhase, NeverAsksInStepWithTheRenewals) {
  UpdatePhase phase;
  phase.saw(change_at(3250ms));
  phase.saw(change_at(13250ms));
  double sum = 0, squares = 0;
  constexpr int looks = 1000;
  for (int n = 0; n < looks; ++n) {
    const double ahead = in_seconds(Time{20250ms} - *phase.first_after(Time{20s}));
    sum += ahead;
    squares += ahead * ahead;
  }
  const double mean = sum / looks;
  EXPECT_NEAR(std::sqrt(squares / looks - mean * mean), 0.015 / std::sqrt(12.0), 0.0002) << "evenly over 15 ms";
}

// By its clock 3 % fast: nothing that anybody may rely on.
TEST(UpdatePhase, DoesNotTrustARhythmThatIsNoSecond) {
  UpdatePhase phase;
  phase.saw(change_at(3250ms));
  phase.saw(change_at(3250ms + 10 * 970ms));
  EXPECT_EQ(phase.first_after(Time{20s}), std::nullopt);
}

TEST(UpdatePhase, FollowsAClockThatIsOffByAsMuchAsCrystalsAre) {
  UpdatePhase phase;
  for (int point = 0; point < 50; ++point) {
    const Duration middle = point * 37s + Duration{point * 37 * 100'000};  // 100 ppm slow
    phase.saw(change_at(middle));
    if (point == 0) continue;
    const Time begin = *phase.first_after(Time{middle + 30s});
    const Time renewal = Time{middle} + 31s + Duration{31 * 100'000};
    EXPECT_LT(begin, renewal - 30ms) << point;
  }
}

}  // namespace
}  // namespace blondel
