#include "references/standards/power_factor.hpp"

#include <gtest/gtest.h>

namespace blondel {
namespace {

TEST(PowerFactorTest, ReadsWhatPlansWriteAndShowsItAgain) {
  for (const char* text : {"1", "0.5 ind", "0.8 cap", "0.25 ind"})
    EXPECT_EQ(show(*parse_power_factor(text, "here")), text);
}

TEST(PowerFactorTest, AnInductiveLoadLags) {
  EXPECT_NEAR(in_degrees(parse_power_factor("0.5 ind", "")->lag()), 60.0, 1e-12);
  EXPECT_NEAR(in_degrees(parse_power_factor("0.8 cap", "")->lag()), -36.8698976458, 1e-9);
  EXPECT_EQ(parse_power_factor("1", "")->lag(), Angle{0});
}

TEST(PowerFactorTest, WhatDoesNotTellItsSideIsRefused) {
  for (const char* text : {"0.5", "0.5ind", "1 ind", "1.0 cap", "0 ind", "-0.5 ind", "1.2 ind", "0.5 lag", "ind", "",
                           "nan", "2", "0.5 ind "})
    EXPECT_FALSE(parse_power_factor(text, "here")) << text;
}

TEST(PowerFactorTest, TheLagOfAPlanFindsItsPowerFactor) {
  EXPECT_TRUE(PowerFactor::of_lag(degrees(60))->same_as(*parse_power_factor("0.5 ind", "")));
  EXPECT_TRUE(PowerFactor::of_lag(degrees(-60))->same_as(*parse_power_factor("0.5 cap", "")));
  EXPECT_EQ(*PowerFactor::of_lag(degrees(0)), PowerFactor{});
  EXPECT_FALSE(PowerFactor::of_lag(degrees(90)));
  EXPECT_FALSE(PowerFactor::of_lag(degrees(180)));
  EXPECT_FALSE(PowerFactor::of_lag(degrees(-350)));
}

}  // namespace
}  // namespace blondel
