#include "rig/unit.hpp"

#include <gtest/gtest.h>

#include "rig/named_values.hpp"

namespace blondel {
namespace {

UnitValue value(const char* text) {
  return value_or_throw(parse_unit_value(text, "plan.yaml:1:1"));
}

TEST(UnitTest, NumbersOfOneKindAreBroughtToEachOthersUnit) {
  EXPECT_DOUBLE_EQ(value("12500 W").in(value("1 kW").unit), 12.5);
  EXPECT_DOUBLE_EQ(value("15 min").in(value("1 s").unit), 900);
  EXPECT_DOUBLE_EQ(value("250 ms").in(value("1 s").unit), 0.25);
  EXPECT_DOUBLE_EQ(value("25 %").in(value("1").unit), 0.25);
  EXPECT_DOUBLE_EQ(value("-0.7 kWh").in(value("1 Wh").unit), -700);
}

TEST(UnitTest, WattVarAndVoltAmpereAreThreeThings) {
  EXPECT_FALSE(same_dimension(value("1 W").unit, value("1 var").unit));
  EXPECT_FALSE(same_dimension(value("1 W").unit, value("1 VA").unit));
  EXPECT_FALSE(same_dimension(value("1 kVA").unit, value("1 kVAR").unit));
  EXPECT_FALSE(same_dimension(value("1 Wh").unit, value("1 W").unit));
  EXPECT_TRUE(same_dimension(value("1 kVAR").unit, value("1 var").unit));
  EXPECT_TRUE(same_dimension(value("0.5").unit, value("50 %").unit));
  EXPECT_FALSE(same_dimension(value("5").unit, value("5 pulses").unit));
}

TEST(UnitTest, WhatIsNoNumberWithAUnitIsRefused) {
  for (const char* text :
       {"", "V", "480 Volt", "nan V", "inf", "1e999 V", "0x10 V", "480  V", "4 80 V", "--1 V", "1 XV"}) {
    const auto read = parse_unit_value(text, "plan.yaml:3:9");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().where, "plan.yaml:3:9");
    EXPECT_EQ(read.error().fault, Fault::malformed);
  }
}

TEST(NamedValuesTest, ARoomKnowsWhatWasNamedInItAndAroundItAndNothingElse) {
  NamedValues<int> values;
  EXPECT_TRUE(values.add("outer", 1));
  values.enter("2.0/");
  EXPECT_TRUE(values.add("inner", 2));
  EXPECT_FALSE(values.add("outer", 3)) << "a name stands for one thing";
  EXPECT_EQ(*values.find("outer"), 1);
  values.enter("2.1/");
  EXPECT_EQ(values.find("inner"), nullptr);
  EXPECT_TRUE(values.add("inner", 4));
  values.enter("");
  EXPECT_EQ(values.find("inner"), nullptr);
  EXPECT_EQ(values.names(), std::vector<std::string>{"outer"});
}

}  // namespace
}  // namespace blondel
