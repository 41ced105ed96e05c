#include "drivers/reference_meters/zera_answer.hpp"

#include <gmock/gmock.h>

namespace blondel {
namespace {

const Asked asked{"reference/x", "FETC:POW1?"};

TEST(ZeraAnswer, ARecordedAnswerIsReadByName) {
  const auto values = parse_zera_values("POW1:P1:[W]:2301;POW1:P2:[W]:2301;POW1:PS:[W]:6903;", "POW1", {"W"}, asked);
  ASSERT_TRUE(values);
  EXPECT_THAT(values->at("P2"), testing::ElementsAre(2301));
  EXPECT_THAT(values->at("PS"), testing::ElementsAre(6903));
  EXPECT_EQ(values->size(), 3u);
}

TEST(ZeraAnswer, AFundamentalHasThreeNumbers) {
  const auto values = parse_zera_values("DFT1:UL1:[V]:325.26913,0,0;", "DFT1", {"V", "A"}, asked);
  ASSERT_TRUE(values);
  EXPECT_THAT(values->at("UL1"), testing::ElementsAre(325.26913, 0, 0));
}

TEST(ZeraAnswer, WhatIsNotThatIsRefused) {
  for (const char* text :
       {"", ";;;;", "POW1:P1:[W]:2301;;POW1:P3:[W]:1;", "POW2:P1:[W]:1;", "POW1:P1:[VA]:1;", "POW1:P1:W:1;",
        "POW1:P1:[W]:9.91E37;", "POW1:P1:[W]:x;", "POW1:P1:[W]:1;POW1:P1:[W]:1;", "2301"}) {
    const auto values = parse_zera_values(text, "POW1", {"W"}, asked);
    ASSERT_FALSE(values) << text;
    EXPECT_EQ(values.error().fault, Fault::protocol) << text;
  }
}

TEST(ZeraAnswer, ACatalogueBecomesRangesTheSmallestFirst) {
  const auto volts = parse_zera_catalogue("250V;8V;100mV", 'V', asked);
  ASSERT_TRUE(volts);
  EXPECT_THAT(*volts, testing::ElementsAre(ZeraRange{"100mV", 0.1}, ZeraRange{"8V", 8}, ZeraRange{"250V", 250}));
  const auto amperes = parse_zera_catalogue("10A;5A;2.5A;1.0A;500mA;250mA;100mA;50mA;25mA", 'A', asked);
  ASSERT_TRUE(amperes);
  EXPECT_EQ(amperes->size(), 9u);
  EXPECT_DOUBLE_EQ(amperes->front().full_scale, 0.025);
  for (const char* text : {"", "10", "10V;x", "V", "10 Ohm"})
    EXPECT_FALSE(parse_zera_catalogue(text, 'A', asked)) << text;
}

}  // namespace
}  // namespace blondel
