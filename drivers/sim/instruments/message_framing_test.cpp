#include "drivers/sim/instruments/message_framing.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace blondel::sim {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;

/// The messages of a stream; "!" where one was too long.
std::vector<std::string> messages(const std::string& stream, std::size_t longest = 64) {
  MessageFraming framing{longest};
  std::vector<std::string> found;
  for (const char byte : stream) {
    const auto step = framing.take(byte);
    if (step == MessageFraming::Step::complete) found.push_back(framing.message());
    if (step == MessageFraming::Step::too_long) found.push_back("!");
  }
  return found;
}

TEST(MessageFraming, ANewlineEndsAMessage) {
  EXPECT_THAT(messages("A\n\nB 1\nrest"), ElementsAre("A", "", "B 1"));
}

TEST(MessageFraming, ADefiniteBlockMayHoldAnyByte) {
  EXPECT_THAT(messages("A #14\n;\0\"\nB\n"s), ElementsAre("A #14\n;\0\""s, "B"));
  EXPECT_THAT(messages("A 1,#212\n\n\n\n\n\n\n\n\n\n\n\n;B\nC\n"),
              ElementsAre("A 1,#212\n\n\n\n\n\n\n\n\n\n\n\n;B", "C"));
  EXPECT_THAT(messages("A #10\nB\n"), ElementsAre("A #10", "B")) << "a block without a byte";
}

TEST(MessageFraming, AnIndefiniteBlockEndsWithTheMessage) {
  EXPECT_THAT(messages("A #0xyz\nB\n"), ElementsAre("A #0xyz", "B"));
}

TEST(MessageFraming, OnlyAParameterIsABlock) {
  EXPECT_THAT(messages("A#15\nB\n"), ElementsAre("A#15", "B"));
  EXPECT_THAT(messages("A 'x #15\nB\n"), ElementsAre("A 'x #15", "B")) << "inside quotes";
  EXPECT_THAT(messages("A 'x', #11\n\nB\n"), ElementsAre("A 'x', #11\n", "B")) << "behind quotes";
  EXPECT_THAT(messages("A #3x\nB\n"), ElementsAre("A #3x", "B")) << "no length";
  EXPECT_THAT(messages("A #31\nB\n"), ElementsAre("A #31", "B")) << "a length that breaks off";
}

TEST(MessageFraming, WhatDoesNotFitIsThrownAwayUpToTheNextNewline) {
  EXPECT_THAT(messages("0123456789abcdef\nB\n", 10), ElementsAre("!", "B"));
  EXPECT_THAT(messages("0123456789\nB\n", 10), ElementsAre("0123456789", "B"));
  EXPECT_THAT(messages("A #9999999999\nB\n"), ElementsAre("!", "B")) << "a length that could never fit";
  EXPECT_THAT(messages("A #14xxxx\nB\n", 9), ElementsAre("A #14xxxx", "B"));
  EXPECT_THAT(messages("A #15xxxxx\nB\n", 9), ElementsAre("!", "B"));
}

}  // namespace
}  // namespace blondel::sim
