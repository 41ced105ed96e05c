#include "references/quantity_text.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <limits>

namespace blondel {
namespace {

using namespace std::chrono_literals;

TEST(QuantityTextTest, ShowsFourSignificantDigitsWithAPrefix) {
  EXPECT_EQ(show(Voltage{277.128}), "277.1 V");
  EXPECT_EQ(show(Voltage{0.333}), "333 mV");
  EXPECT_EQ(show(Voltage{480}), "480 V");
  EXPECT_EQ(show(Voltage{0}), "0 V");
  EXPECT_EQ(show(Current{0.05}), "50 mA");
  EXPECT_EQ(show(Current{-12.008886}, 6), "-12.0089 A");
  EXPECT_EQ(show(ActivePower{103923}), "103.9 kW");
  EXPECT_EQ(show(ReactivePower{5000}), "5 kvar");
  EXPECT_EQ(show(ApparentPower{1.7736e9}), "1774 MVA");
  EXPECT_EQ(show(watt_hours(1000)), "1 kWh");
  EXPECT_EQ(show(Frequency{59.9981}), "59.998 Hz");
  EXPECT_EQ(show(degrees(-60)), "-60 deg");
  EXPECT_EQ(show(Resistance{10600}), "10.6 kohm");
  EXPECT_EQ(show(percent(0.5)), "0.5 %");
  EXPECT_EQ(show(Ratio{20e-6}), "20 ppm");
  EXPECT_EQ(show(Seconds{0.25}), "250 ms");
  EXPECT_EQ(show(Temperature{25}), "25 degC");
  EXPECT_EQ(show(1500ms), "1500 ms");
  EXPECT_EQ(show(std::chrono::nanoseconds{15min}), "900 s");
  EXPECT_EQ(show(Voltage{std::numeric_limits<double>::quiet_NaN()}), "no value");
}

TEST(QuantityTextTest, WhatIsShownCanBeReadAgain) {
  for (const double volts : {0.0125, 0.333, 1.0, 277.1, 480.0, 32000.0})
    EXPECT_EQ(parse_voltage(show(Voltage{volts}, 17), "here"), Voltage{volts});
}

TEST(QuantityTextTest, TheLocaleDoesNotMatter) {
  // With a decimal comma in force strtod would read 1; where that locale is absent the test still reads a point.
  const char* before = std::setlocale(LC_NUMERIC, nullptr);
  const std::string keep = before ? before : "C";
  std::setlocale(LC_NUMERIC, "de_DE.UTF-8");
  EXPECT_EQ(parse_voltage("1.5 V", "here"), Voltage{1.5});
  EXPECT_EQ(show(Voltage{1.5}), "1.5 V");
  std::setlocale(LC_NUMERIC, keep.c_str());
}

TEST(QuantityTextTest, AnErrorSaysWhereItStands) {
  const auto bad = parse_current("5", "bench.yaml:3:9");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), (Error{Fault::malformed, "bench.yaml:3:9", "expected a current such as '5 A', found '5'"}));
}

}  // namespace
}  // namespace blondel
