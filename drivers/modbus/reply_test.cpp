#include "drivers/modbus/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drivers/modbus/printed_frames.hpp"

namespace blondel {
namespace {

using Kind = Reply::Kind;
using testing::HasSubstr;

// More frames printed for the Series 4000-K.
const std::string clear_energy = bytes({0x01, 0x06, 0x00, 0x80, 0x75, 0x7E, 0x2E, 0x92});
const std::string write_two = bytes({0x01, 0x10, 0x00, 0x84, 0x00, 0x02, 0x04, 0x00, 0x64, 0x01, 0xE0, 0xBB, 0xFB});
const std::string two_written = bytes({0x01, 0x10, 0x00, 0x84, 0x00, 0x02, 0x01, 0xE1});

std::string framed(int unit, int function, const ModbusBytes& data) {
  const auto frame = rtu_frame(unit, function, data);
  return {frame.begin(), frame.end()};
}

TEST(Reply, FramesAreThePrintedOnes) {
  EXPECT_EQ(framed(1, 0x03, {0x00, 0x91, 0x00, 0x01}), ask_alerts);
  EXPECT_EQ(framed(1, 0x11, {}), bytes({0x01, 0x11, 0xC0, 0x2C}));
  EXPECT_EQ(framed(1, 0x2B, {0x0E, 0x01, 0x00}), bytes({0x01, 0x2B, 0x0E, 0x01, 0x00, 0x70, 0x77}));
  EXPECT_EQ(framed(1, 0x10, {0x00, 0x84, 0x00, 0x02, 0x04, 0x00, 0x64, 0x01, 0xE0}), write_two);
}

TEST(Reply, PrintedAnswersAreAnswers) {
  const auto alerts = judge_rtu(ask_alerts, phase_a_lost);
  EXPECT_EQ(alerts.kind, Kind::answer);
  EXPECT_EQ(alerts.data, (ModbusBytes{0x02, 0x01, 0x00}));
  EXPECT_EQ(alerts.what, "");
  EXPECT_EQ(judge_rtu(clear_energy, clear_energy).kind, Kind::answer);
  EXPECT_EQ(judge_rtu(write_two, two_written).kind, Kind::answer);
  const auto refused = judge_rtu(ask_alerts, no_such_register);
  EXPECT_EQ(refused.kind, Kind::exception);
  EXPECT_EQ(refused.exception, 2);
  EXPECT_EQ(refused.what, "exception 02 (illegal data address)");
  EXPECT_EQ(judge_rtu(ask_alerts, "").kind, Kind::silence);
}

TEST(Reply, WhatIsNoAnswerIsNamed) {
  auto spoiled = phase_a_lost;
  spoiled[3] = 'x';
  const std::vector<std::tuple<std::string, Kind, std::string>> cases = {
      {ask_alerts, Kind::foreign, "an echo of the request came back"},
      {ask_alerts + phase_a_lost, Kind::foreign, "an echo of the request came back before the answer"},
      {ask_alerts.substr(0, 5), Kind::foreign, "an echo of the request came back, 5 of 8 bytes"},
      {phase_a_lost.substr(0, 5), Kind::malformed, "the answer ended after 5 of 7 bytes"},
      {phase_a_lost.substr(0, 1), Kind::malformed, "the answer ended after 1 of 7 bytes"},
      {phase_a_lost + phase_a_lost, Kind::malformed, "the answer came twice"},
      {phase_a_lost + "ab", Kind::malformed, "2 bytes behind the answer"},
      {"\x5A" + phase_a_lost, Kind::malformed, "1 bytes of noise before the answer: is the idle line biased?"},
      {spoiled, Kind::malformed, "the answer's checksum is wrong"},
      {std::string(32, '\0'), Kind::malformed, "the line is stuck: 32 bytes of 00 and nothing else"},
      {framed(7, 3, {2, 1, 0}), Kind::foreign, "an answer from address 7 to a request to address 1"},
      {framed(1, 4, {2, 1, 0}), Kind::foreign, "an answer to function 04 came to a request of function 03"},
      {framed(1, 0x86, {3}), Kind::foreign, "an answer to function 06 came to a request of function 03"},
      {framed(1, 3, {4, 0, 0, 0, 0}), Kind::malformed,
       "the answer does not fit the request: it brings 4 bytes of registers and counts 4, asked for were 2"},
  };
  for (const auto& [heard, kind, what] : cases) {
    const auto reply = judge_rtu(ask_alerts, heard);
    EXPECT_EQ(reply.kind, kind) << what;
    EXPECT_EQ(reply.what, what);
    EXPECT_TRUE(reply.data.empty());
    EXPECT_EQ(std::string(reply.heard.begin(), reply.heard.end()), heard);
  }
}

TEST(Reply, ConfirmationOfAnotherWriteIsNone) {
  EXPECT_EQ(judge_rtu(write_two, framed(1, 0x10, {0x00, 0x85, 0x00, 0x02})).kind, Kind::malformed);
  EXPECT_EQ(judge_rtu(clear_energy, framed(1, 0x06, {0x00, 0x80, 0x00, 0x00})).kind, Kind::malformed);
}

TEST(Reply, WhateverAnswersABroadcastIsForeign) {
  const auto reply = judge_rtu(framed(0, 6, {0, 0x80, 0x75, 0x7E}), framed(1, 6, {0, 0x80, 0x75, 0x7E}));
  EXPECT_EQ(reply.kind, Kind::foreign);
  EXPECT_THAT(reply.what, HasSubstr("from address 1 to a broadcast"));
}

TEST(Reply, OneToThreeWrongBitsAreNeverAnAnswer) {
  // The checksum has a Hamming distance of 4 at these lengths (Koopman and Chakravarty, DSN 2004, CRC-16-IBM).
  const auto bits = phase_a_lost.size() * 8;
  const auto flip = [](std::string& frame, std::size_t bit) {
    frame[bit / 8] = static_cast<char>(static_cast<unsigned char>(frame[bit / 8]) ^ (1u << bit % 8));
  };
  for (std::size_t a = 0; a < bits; ++a)
    for (std::size_t b = a; b < bits; ++b)
      for (std::size_t c = b; c < bits; ++c) {
        auto frame = phase_a_lost;
        flip(frame, a);
        if (b != a) flip(frame, b);
        if (c != b) flip(frame, c);
        const auto kind = judge_rtu(ask_alerts, frame).kind;
        ASSERT_TRUE(kind == Kind::malformed || kind == Kind::foreign) << a << ' ' << b << ' ' << c;
      }
}

}  // namespace
}  // namespace blondel
