#include "drivers/sources/fluke_6105a_setting.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace blondel {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

LoadPoint point(double volts, double amperes, double lag_degrees = 0) {
  LoadPoint p;
  p.frequency = Frequency{60};
  for (std::size_t k = 0; k < 3; ++k) {
    p.phases[k].voltage = Voltage{volts};
    p.phases[k].voltage_angle = degrees(k == 0 ? 0 : k == 1 ? -120 : 120);
    p.phases[k].current = Current{amperes};
    p.phases[k].lag = degrees(lag_degrees);
  }
  return p;
}

TEST(FlukeSetting, WithinItsLimitsThereIsNothingItCannotDo) {
  EXPECT_EQ(fluke_cannot(point(277, 5, 60)), std::nullopt);
  EXPECT_EQ(fluke_cannot(point(1008, 21)), std::nullopt);
  EXPECT_EQ(fluke_cannot(point(0, 0)), std::nullopt);
  EXPECT_EQ(fluke_cannot(point(120, 0.05)), std::nullopt);
}

TEST(FlukeSetting, WhatIsOutOfReachIsRefusedInNumbers) {
  EXPECT_THAT(*fluke_cannot(point(1009, 5)), HasSubstr("asked for 1009 V with harmonics, can do 1008 V"));
  EXPECT_THAT(*fluke_cannot(point(230, 21.1)), HasSubstr("21 A"));
  EXPECT_THAT(*fluke_cannot(point(230, 0.049)), HasSubstr("can do 0.05 to 21 A"));
  auto p = point(230, 5);
  p.frequency = Frequency{15.9};
  EXPECT_THAT(*fluke_cannot(p), HasSubstr("16 to 850 Hz"));
  p.frequency = Frequency{std::numeric_limits<double>::quiet_NaN()};
  EXPECT_TRUE(fluke_cannot(p));
  p = point(230, 5);
  p.phases[1].lag = Angle{std::numeric_limits<double>::infinity()};
  EXPECT_THAT(*fluke_cannot(p), HasSubstr("phase 2"));
  EXPECT_TRUE(fluke_cannot(point(-1, 5)));
}

TEST(FlukeSetting, HarmonicsCountIntoTheAmplitudeAndHaveLimitsOfTheirOwn) {
  auto p = point(1000, 5);
  p.phases[2].voltage_harmonics = {{5, percent(1), degrees(0)}};
  EXPECT_THAT(*fluke_cannot(p), HasSubstr("phase 3: asked for 1010 V"));
  p = point(230, 5);
  for (const int order : {1, 51}) {
    p.phases[0].current_harmonics = {{order, percent(1), degrees(0)}};
    EXPECT_THAT(*fluke_cannot(p), HasSubstr("outside 2 to 50"));
  }
  p.phases[0].current_harmonics = {{3, percent(1), degrees(0)}, {3, percent(1), degrees(0)}};
  EXPECT_THAT(*fluke_cannot(p), HasSubstr("twice"));
  p.phases[0].current_harmonics = {{50, percent(1), degrees(0)}};
  p.frequency = Frequency{400};
  EXPECT_THAT(*fluke_cannot(p), HasSubstr("above 6 kHz"));
}

TEST(FlukeSetting, TheFirstPointChoosesTheSmallestRangesThatHoldIt) {
  auto p = point(230, 5, 60);
  p.phases[0].current_harmonics = {{3, percent(10), degrees(180)}};
  const auto change = fluke_change({}, p);
  EXPECT_FALSE(change.switches_off);
  EXPECT_THAT(change.commands, Contains("SOUR:FREQ 60"));
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS1:VOLT:RANG 0,360"));
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS1:CURR:RANG 1,10")) << "5 A and 10 % together are 5.5 A";
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS2:CURR:RANG 0.5,5"));
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS1:VOLT:MHAR:HARM1 230,0"));
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS2:VOLT:MHAR:HARM1 230,-120"));
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS3:VOLT:MHAR:HARM1 230,120"));
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS1:CURR:MHAR:HARM1 5,-60"));
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS1:CURR:MHAR:HARM3 0.5,180"));
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS3:CURR:STAT 1"));
}

TEST(FlukeSetting, AngleAndAmplitudeAloneChangeWithTheOutputOn) {
  const auto first = fluke_change({}, point(230, 5)).after;
  const auto change = fluke_change(first, point(207, 2.5, 60));
  EXPECT_FALSE(change.switches_off);
  EXPECT_THAT(change.commands, ElementsAre("SOUR:PHAS1:VOLT:MHAR:HARM1 207,0", "SOUR:PHAS1:CURR:MHAR:HARM1 2.5,-60",
                                           "SOUR:PHAS2:VOLT:MHAR:HARM1 207,-120", "SOUR:PHAS2:CURR:MHAR:HARM1 2.5,-60",
                                           "SOUR:PHAS3:VOLT:MHAR:HARM1 207,120", "SOUR:PHAS3:CURR:MHAR:HARM1 2.5,-60"));
}

TEST(FlukeSetting, ARangeIsKeptDownToATenthAndThenLeftWithTheOutputOff) {
  const auto first = fluke_change({}, point(230, 5)).after;
  EXPECT_FALSE(fluke_change(first, point(230, 0.5)).switches_off);
  const auto change = fluke_change(first, point(230, 0.49));
  EXPECT_TRUE(change.switches_off);
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS1:CURR:RANG 0.05,0.5"));
}

TEST(FlukeSetting, WithoutCurrentTheChannelIsSwitchedOff) {
  const auto first = fluke_change({}, point(230, 5)).after;
  const auto none = fluke_change(first, point(230, 0));
  EXPECT_TRUE(none.switches_off);
  EXPECT_THAT(none.commands, Contains("SOUR:PHAS2:CURR:STAT 0"));
  EXPECT_THAT(none.commands, Not(Contains(HasSubstr("CURR:MHAR"))));
  const auto again = fluke_change(none.after, point(230, 5));
  EXPECT_THAT(again.commands, Contains("SOUR:PHAS2:CURR:STAT 1"));
}

TEST(FlukeSetting, APhaseWithoutVoltageStaysArmedAtZero) {
  const auto first = fluke_change({}, point(230, 5)).after;
  auto lost = point(230, 5);
  lost.phases[1].voltage = Voltage{0};
  const auto change = fluke_change(first, lost);
  EXPECT_FALSE(change.switches_off);
  EXPECT_THAT(change.commands, Contains("SOUR:PHAS2:VOLT:MHAR:HARM1 0,-120"));
}

TEST(FlukeSetting, OldHarmonicsGoBeforeAnythingElseOfTheirChannel) {
  auto with = point(230, 5);
  with.phases[0].voltage_harmonics = {{5, percent(10), degrees(0)}};
  const auto first = fluke_change({}, with).after;
  const auto commands = fluke_change(first, point(230, 5)).commands;
  EXPECT_EQ(commands.front(), "SOUR:PHAS1:VOLT:MHAR:CLE");
  EXPECT_THAT(fluke_change(first, with).commands, Not(Contains(HasSubstr("CLE"))));
}

TEST(FlukeSetting, AnglesAreFoldedIntoHalfATurnEitherWay) {
  auto p = point(230, 5, -90);
  p.phases[2].voltage_angle = degrees(240);
  p.phases[1].lag = degrees(300);
  const auto commands = fluke_change({}, p).commands;
  EXPECT_THAT(commands, Contains("SOUR:PHAS3:VOLT:MHAR:HARM1 230,-120"));
  EXPECT_THAT(commands, Contains("SOUR:PHAS1:CURR:MHAR:HARM1 5,90"));
  EXPECT_THAT(commands, Contains("SOUR:PHAS2:CURR:MHAR:HARM1 5,60"));
}

}  // namespace
}  // namespace blondel
