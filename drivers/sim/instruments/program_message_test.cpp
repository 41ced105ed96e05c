#include "drivers/sim/instruments/program_message.hpp"

#include <gmock/gmock.h>

#include <random>

#include "drivers/sim/instruments/command_table.hpp"

namespace blondel::sim {
namespace {

using testing::ElementsAre;

TEST(ProgramMessage, ASemicolonStaysAtTheLevelOfTheHeaderBefore) {
  const auto units = parse_message("SOUR:PHAS1:VOLT:STAT 1;RANG 0,230;:OUTP:STAT?;*OPC?;SENS 1");
  ASSERT_EQ(units.size(), 5u);
  EXPECT_THAT(units[0].nodes, ElementsAre("SOUR", "PHAS1", "VOLT", "STAT"));
  EXPECT_THAT(units[1].nodes, ElementsAre("SOUR", "PHAS1", "VOLT", "RANG"));
  EXPECT_THAT(units[2].nodes, ElementsAre("OUTP", "STAT"));
  EXPECT_TRUE(units[2].query);
  EXPECT_THAT(units[3].nodes, ElementsAre("*OPC"));
  EXPECT_THAT(units[4].nodes, ElementsAre("OUTP", "SENS")) << "a common command leaves the level alone";
}

TEST(ProgramMessage, ParametersAreNumbersWordsStringsAndExpressions) {
  const auto units = parse_message("X:Y 1.5E1 , ON,'a;b,''c', (@1,3:5)");
  ASSERT_EQ(units.size(), 1u);
  const auto& p = units[0].parameters;
  ASSERT_EQ(p.size(), 4u);
  EXPECT_DOUBLE_EQ(p[0].number, 15);
  EXPECT_EQ(p[1].text, "ON");
  EXPECT_EQ(p[2].text, "a;b,'c");
  EXPECT_EQ(p[3].text, "@1,3:5");
}

TEST(ProgramMessage, ABlockIsOneParameterWhateverItsBytes) {
  const auto units = parse_message("X #16\n;\"'#,,5 ; Y #210;;;;;;;;;;;Z #0a;b\n");
  ASSERT_EQ(units.size(), 3u);
  ASSERT_EQ(units[0].parameters.size(), 2u);
  EXPECT_EQ(units[0].parameters[0].kind, Parameter::Kind::block);
  EXPECT_EQ(units[0].parameters[0].text, "\n;\"'#,");
  EXPECT_EQ(units[0].parameters[1].number, 5);
  EXPECT_EQ(units[1].parameters.at(0).text, ";;;;;;;;;;");
  EXPECT_EQ(units[2].parameters.at(0).text, "a;b\n") << "without a length, all that follows";
}

TEST(ProgramMessage, ATrailingSemicolonAndBlanksMeanNothing) {
  EXPECT_EQ(parse_message("SENS:RNG1:UL1:RANG 250V;").size(), 1u);
  EXPECT_TRUE(parse_message("  \r").empty());
  EXPECT_TRUE(parse_message(";;").empty());
}

TEST(ProgramMessage, BrokenUnitsCarryTheStandardsErrorNumber) {
  const auto error = [](const char* text) { return parse_message(text).at(0).error; };
  EXPECT_EQ(error("\x01"), -101);
  EXPECT_EQ(error("SOUR::FREQ 50"), -102);
  EXPECT_EQ(error("FREQ,50"), -103);
  EXPECT_EQ(error("FREQ 50 60"), -103);
  EXPECT_EQ(error("FREQ 5.0.0"), 0) << "a range name, for the command to judge";
  EXPECT_EQ(error("FREQ -5x"), -120);
  EXPECT_EQ(error("X 'open"), -151);
  EXPECT_EQ(error("X #15abcd"), -161) << "a byte is missing";
  EXPECT_EQ(error("X #2"), -161);
  EXPECT_EQ(error("X #2x1"), -161);
  EXPECT_EQ(error("X #HFF"), -101) << "no other base is known here";
  EXPECT_EQ(error("X (@1"), -170);
  EXPECT_EQ(parse_message("X 'a;b;*IDN?").size(), 1u) << "semicolons in a string do not separate";
}

TEST(ProgramMessage, WhateverBytesComeInAListOfUnitsComesOut) {
  std::minstd_rand bytes{7};
  const std::string likely = ":;?*,'\"()@# \tSOUR1PHAS2.eE+-0\\x";
  for (int n = 0; n < 20'000; ++n) {
    std::string message;
    for (auto length = bytes() % 60; length > 0; --length)
      message += bytes() % 4 ? likely[bytes() % likely.size()] : static_cast<char>(bytes() % 256);
    for (const auto& unit : parse_message(message))
      if (unit.error == 0) {
        EXPECT_FALSE(unit.nodes.empty());
      } else {
        EXPECT_LE(unit.error, -100);
      }
  }
}

class CommandTableTest : public testing::Test {
 protected:
  CommandTableTest() {
    const auto nothing = [](const Call&) { return std::string{}; };
    table.add({.pattern = "SOURce:PHASe#:VOLTage:RANGe", .fewest = 2, .most = 2, .execute = nothing});
    table.add({.pattern = "SOURce:PHASe#:VOLTage:HARMonic#?", .most = 1, .execute = nothing});
  }
  std::vector<int> suffixes(const char* text) { return table.find(parse_message(text).at(0)).call.suffixes; }
  int refusal(const char* text) {
    try {
      table.find(parse_message(text).at(0));
    } catch (const Refusal& refused) {
      return refused.code;
    }
    return 0;
  }
  CommandTable table;
};

TEST_F(CommandTableTest, HeadersAreLongOrShortInAnyCaseAndNothingBetween) {
  EXPECT_EQ(refusal("SOUR:PHAS1:VOLT:RANG 0,1"), 0);
  EXPECT_EQ(refusal("source:phase1:voltage:range 0,1"), 0);
  EXPECT_EQ(refusal(":Sour:PHASe:volt:RANGe 0,1"), 0);
  EXPECT_EQ(refusal("SOURC:PHAS1:VOLT:RANG 0,1"), -113);
  EXPECT_EQ(refusal("SO:PHAS1:VOLT:RANG 0,1"), -113);
  EXPECT_EQ(refusal("SOUR:PHAS1:VOLT 0,1"), -113);
  EXPECT_EQ(refusal("SOUR1:PHAS1:VOLT:RANG 0,1"), -113) << "a number where none belongs";
  EXPECT_EQ(refusal("SOUR:PHAS1:VOLT:RANG? 0,1"), -113) << "there is no such query";
}

TEST_F(CommandTableTest, AMissingSuffixIsOne) {
  EXPECT_THAT(suffixes("SOUR:PHAS:VOLT:HARM?"), ElementsAre(1, 1));
  EXPECT_THAT(suffixes("SOUR:PHAS3:VOLT:HARM50? AMPL"), ElementsAre(3, 50));
  EXPECT_EQ(refusal("SOUR:PHAS99999999999999999999:VOLT:HARM?"), -114);
}

TEST_F(CommandTableTest, TooManyAndTooFewParametersAreToldApart) {
  EXPECT_EQ(refusal("SOUR:PHAS1:VOLT:RANG 1"), -109);
  EXPECT_EQ(refusal("SOUR:PHAS1:VOLT:RANG 1,2,3"), -108);
}

}  // namespace
}  // namespace blondel::sim
