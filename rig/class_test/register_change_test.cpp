#include "rig/class_test/register_change.hpp"

#include <gtest/gtest.h>

namespace blondel {
namespace {

using namespace std::chrono_literals;

RegisterChange change_at(Duration at, double kilo_hours) {
  return {kilo_hours, Time{at}, Time{at}};
}

// 1 Wh every second: 10 Wh from the first change to the last.
const auto first = change_at(1s, 5), last = change_at(11s, 5.01);

TEST(RegisterChangeTest, ARegisterThatRisesToTheEndHasNotStoodStill) {
  EXPECT_EQ(standstill_s(first, last, 5.01, Time{11s + 900ms}), 0);
  EXPECT_EQ(standstill_s(first, last, 5.023, Time{24s + 500ms}), 0) << "its last change was not seen; it came";
}

TEST(RegisterChangeTest, ARegisterThatStopsRisingIsSeen) {
  EXPECT_NEAR(standstill_s(first, last, 5.01, Time{24s}), 13, 1e-9) << "at once";
  EXPECT_NEAR(standstill_s(first, last, 5.013, Time{24s}), 10, 1e-9) << "after 3 s more";
  EXPECT_NEAR(standstill_s(first, last, 0.001, Time{12s}), 1 + 5009, 1e-6) << "what was cleared did not rise";
}

// A step of 2^-11 kWh between 4096 and 8192 kWh: at 0.1 Wh a second it takes 4.9 s.
TEST(RegisterChangeTest, ARegisterWithFewDigitsMayStandStillForAStep) {
  const auto slow_first = change_at(0s, 5000), slow_last = change_at(50s, 5000 + 10 * 0x1p-11);
  EXPECT_EQ(standstill_s(slow_first, slow_last, slow_last.kilo_hours, Time{57s}), 0);
  EXPECT_NEAR(standstill_s(slow_first, slow_last, slow_last.kilo_hours, Time{58s}), 8, 1e-9);
}

}  // namespace
}  // namespace blondel
