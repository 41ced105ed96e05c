#include "drivers/sim/bus/uart.hpp"

#include <gtest/gtest.h>

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

std::vector<StampedByte> said(std::initializer_list<int> bytes, const SerialSettings& port) {
  std::vector<StampedByte> stamped;
  for (const int byte : bytes)
    stamped.push_back({Time{} + characters(port, stamped.size() + 1), static_cast<std::uint8_t>(byte)});
  return stamped;
}

std::vector<int> heard(const std::vector<Space>& spaces, const SerialSettings& port) {
  std::vector<int> bytes;
  for (const auto& b : heard_on_line(spaces, port, Time{})) bytes.push_back(b.byte);
  return bytes;
}

constexpr std::initializer_list<int> all_sorts{0x00, 0xFF, 0x55, 0xAA, 0x01, 0x80, 0x7E, 0x00, 0x00, 0x33};

TEST(Uart, WhoeverIsSetLikeTheSpeakerHearsWhatWasSaid) {
  for (const int baud : {1200, 2400, 4800, 9600, 19200, 38400})
    for (const char parity : {'N', 'E', 'O'})
      for (const int stop_bits : {1, 2}) {
        const SerialSettings port{baud, parity, stop_bits};
        EXPECT_EQ(heard(spaces_of(said(all_sorts, port), port), port), std::vector<int>(all_sorts))
            << baud << parity << stop_bits;
      }
}

TEST(Uart, StampsAreTheEndsOfStopBits) {
  const SerialSettings port{.baud = 9600, .parity = 'E'};
  const auto bytes = heard_on_line(spaces_of(said({0x42, 0x99}, port), port), port, Time{});
  ASSERT_EQ(bytes.size(), 2u);
  EXPECT_NEAR(in_seconds(bytes[0].at) * 1e6, 11e6 / 9600, 0.01);
  EXPECT_NEAR(in_seconds(bytes[1].at) * 1e6, 22e6 / 9600, 0.01);
}

TEST(Uart, ALineOfSpacesAndMarksIsWhatTheStandardDraws) {
  // 0x01 at 1000 baud, 8N1: start bit, one mark, seven spaces, stop bit.
  const SerialSettings slow{.baud = 1000};
  const std::vector<Space> drawn{{Time{}, Time{1ms}}, {Time{2ms}, Time{9ms}}};
  EXPECT_EQ(spaces_of(said({0x01}, slow), slow), drawn);
}

TEST(Uart, AQuarterOfTheSpeedHearsOneCharacterOfFour) {
  // 0x00 at 19200 baud is nine spaces, 2.25 bits of 4800 baud: a start bit, one space, and marks.
  const SerialSettings fast{}, slow{.baud = 4800};
  EXPECT_EQ(heard(spaces_of(said({0x00}, fast), fast), slow), std::vector<int>{0xFE});
}

TEST(Uart, TwiceTheSpeedHearsAWrongStopBitAsZero) {
  // Nine spaces at 9600 baud are eighteen at 19200: a character without a stop bit, and then the line must first rest.
  const SerialSettings fast{}, slow{.baud = 9600};
  EXPECT_EQ(heard(spaces_of(said({0x00}, slow), slow), fast), std::vector<int>{0x00});
}

TEST(Uart, WrongParityIsHeardAsZeroAndOnlyWhereItIsWrong) {
  // Even parity of 0x01 is 1, of 0x03 is 0. Read as odd, both are wrong.
  const SerialSettings even{.parity = 'E'}, odd{.parity = 'O'};
  EXPECT_EQ(heard(spaces_of(said({0x01, 0x03}, even), even), odd), (std::vector<int>{0, 0}));
  // Without parity the parity bit stands where the stop bit is looked for.
  const SerialSettings none{};
  const auto as_none = heard(spaces_of(said({0x01}, even), even), none);
  EXPECT_EQ(as_none, std::vector<int>{0x01});
  EXPECT_EQ(heard(spaces_of(said({0x03}, even), even), none), std::vector<int>{0x00});
}

TEST(Uart, OfTwoSpeakersSpaceWins) {
  const SerialSettings port{};
  auto both = spaces_of(said({0x0F}, port), port);
  const auto other = spaces_of(said({0x3C}, port), port);
  both.insert(both.end(), other.begin(), other.end());
  EXPECT_EQ(heard(together_on_line(both), port), std::vector<int>{0x0C});
}

TEST(Uart, ReceiverThatComesInLateWaitsForAnEdge) {
  const SerialSettings port{};
  const auto spaces = spaces_of(said({0x00, 0x41}, port), port);
  const auto late = heard_on_line(spaces, port, Time{100us});
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].byte, 0x41);
}

}  // namespace
}  // namespace blondel::sim
