#include "drivers/scpi/scpi_numbers.hpp"

#include <gmock/gmock.h>

#include <clocale>

namespace blondel {
namespace {

const Asked asked{"source/x", "VOLT?"};

TEST(ScpiNumbers, EveryFormThatTheStandardKnowsIsRead) {
  EXPECT_DOUBLE_EQ(*parse_number("230", asked), 230);
  EXPECT_DOUBLE_EQ(*parse_number("+230.5", asked), 230.5);
  EXPECT_DOUBLE_EQ(*parse_number("-0.333", asked), -0.333);
  EXPECT_DOUBLE_EQ(*parse_number("2.43E4", asked), 24300);
  EXPECT_DOUBLE_EQ(*parse_number(" 104.75E+00\r", asked), 104.75);
  EXPECT_DOUBLE_EQ(*parse_number(".5e-3", asked), 0.0005);
  EXPECT_DOUBLE_EQ(*parse_number("5.", asked), 5);
}

TEST(ScpiNumbers, TheNumberForNoValueIsRefusedInWords) {
  const auto value = parse_number("9.91E37", asked);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().fault, Fault::protocol);
  EXPECT_EQ(value.error().where, "source/x");
  EXPECT_THAT(value.error().what, testing::HasSubstr("the instrument says: no value"));
  EXPECT_THAT(value.error().what, testing::HasSubstr("VOLT?"));
  EXPECT_FALSE(parse_number("9.9100003E+37", asked)) << "as single precision prints it";
  EXPECT_FALSE(parse_number("NAN", asked));
}

TEST(ScpiNumbers, TheNumbersForInfinityAreRefused) {
  for (const char* text : {"9.9E37", "-9.9E37", "9.90E+37", "INF", "-INF", "inf", "1e999"})
    EXPECT_FALSE(parse_number(text, asked)) << text;
  EXPECT_TRUE(parse_number("9.8E37", asked)) << "large, but a number";
}

TEST(ScpiNumbers, TextWhereANumberBelongsNamesInstrumentCommandAndText) {
  for (const char* text : {"", " ", "ON", "1,5", "230V", "0x10", "1e", "e5", "--1", "1.2.3", "+-1", ".", "nan(1)"}) {
    const auto value = parse_number(text, asked);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().fault, Fault::protocol);
  }
  EXPECT_THAT(parse_number("23\x01V", asked).error().what, testing::HasSubstr("'23\\x01V'"));
}

TEST(ScpiNumbers, ALocaleWithDecimalCommasChangesNothing) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  if (!std::setlocale(LC_ALL, "de_DE.UTF-8")) std::setlocale(LC_ALL, "C.UTF-8");
  EXPECT_DOUBLE_EQ(*parse_number("230.5", asked), 230.5);
  EXPECT_FALSE(parse_number("230,5", asked));
  std::setlocale(LC_ALL, before.c_str());
}

TEST(ScpiNumbers, WholeNumbersMayCarryAPlusSign) {
  EXPECT_EQ(*parse_integer("+1", asked), 1);
  EXPECT_EQ(*parse_integer("-113", asked), -113);
  EXPECT_EQ(*parse_integer(" 0 ", asked), 0);
  for (const char* text : {"", "1.0", "1E0", "+-1", "+", "1 2", "99999999999999999999"})
    EXPECT_FALSE(parse_integer(text, asked)) << text;
}

TEST(ScpiNumbers, ListsAreReadWholeOrNotAtAll) {
  EXPECT_THAT(*parse_numbers("1, 2.5E0,-3", asked), testing::ElementsAre(1, 2.5, -3));
  EXPECT_FALSE(parse_numbers("1,,2", asked));
  EXPECT_FALSE(parse_numbers("1,9.91E37", asked));
}

TEST(ScpiNumbers, StringsLoseTheirQuotesAndKeepWhatIsInside) {
  EXPECT_EQ(*parse_string("\"6105A\"", asked), "6105A");
  EXPECT_EQ(*parse_string("'it''s'", asked), "it's");
  EXPECT_EQ(*parse_string("\"a\"\"b\"", asked), "a\"b");
  EXPECT_EQ(*parse_string("bare", asked), "bare");
  EXPECT_FALSE(parse_string("\"open", asked));
  EXPECT_FALSE(parse_string("\"a\"b", asked));
}

}  // namespace
}  // namespace blondel
