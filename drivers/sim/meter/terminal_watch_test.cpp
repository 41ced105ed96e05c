#include "drivers/sim/meter/terminal_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Duration character = 520833ns;

/// `count` bytes whose first begins at `begin`.
std::vector<StampedByte> frame(Time begin, int count) {
  std::vector<StampedByte> bytes;
  for (int n = 1; n <= count; ++n) bytes.push_back({begin + n * character, 0x55});
  return bytes;
}

/// A meter that hears a request of eight bytes from 1 s on, all of it handed over.
class TerminalWatchTest : public testing::Test {
 public:
  TerminalWatchTest() {
    watch.power_up();
    hear(frame(Time{1s}, 8));
  }
  void hear(const std::vector<StampedByte>& bytes) {
    heard.insert(heard.end(), bytes.begin(), bytes.end());
    trouble = watch.hears(bytes).value_or("");
  }
  /// The firmware uses `used` bytes and then sends a frame.
  std::string sends(unsigned used, Time begin, int count) {
    Done done;
    done.bytes = used;
    done.sent = frame(begin, count);
    done.reached = begin;
    const auto wrong = watch.sees(done, heard);
    heard.erase(heard.begin(), heard.begin() + used);
    return wrong.value_or("");
  }

  TerminalWatch watch;
  std::deque<StampedByte> heard;
  std::string trouble;
  Time end = Time{1s} + 8 * character;
};

TEST_F(TerminalWatchTest, AnAnswerAfterTheRequestIsRight) {
  EXPECT_EQ(sends(8, end + 10ms, 7), "");
}

TEST_F(TerminalWatchTest, AnAnswerInPiecesIsRight) {
  EXPECT_EQ(sends(8, end + 10ms, 7), "");
  EXPECT_EQ(sends(0, end + 10ms + 7 * character, 7), "");
}

TEST_F(TerminalWatchTest, AFrameThatBeginsBeforeTheRequestHasEndedIsTold) {
  EXPECT_THAT(sends(4, Time{1s} + 4 * character, 7), HasSubstr("before it was asked: its frame begins"));
}

TEST_F(TerminalWatchTest, DecidingEarlyAndSendingInTimeIsRight) {
  EXPECT_EQ(sends(4, end + 2ms, 7), "");
}

TEST_F(TerminalWatchTest, AFrameIsToldWhenTheRestOfItsRequestComesLater) {
  EXPECT_EQ(sends(8, end, 7), "");
  hear(frame(end, 4));
  EXPECT_THAT(trouble, HasSubstr("before it was asked"));
}

TEST_F(TerminalWatchTest, ALateAnswerIntoTheNextRequestIsTheMeetingOfTwoAndNobodysMisdeed) {
  hear(frame(end + 20ms, 8));
  EXPECT_EQ(sends(8, end + 21ms, 7), "");
}

TEST_F(TerminalWatchTest, ALateAnswerIntoWhatAnotherMeterSendsIsNobodysMisdeed) {
  hear(frame(end + 8ms, 20));
  EXPECT_EQ(sends(12, end + 8ms + 4 * character, 7), "");
}

TEST_F(TerminalWatchTest, ARequestAfterAPauseIsAnotherOne) {
  EXPECT_EQ(sends(8, end + 4ms, 7), "");
  hear(frame(end + 5ms, 8));
  EXPECT_EQ(trouble, "");
}

TEST_F(TerminalWatchTest, ASecondFrameThatNobodyAskedForIsTold) {
  EXPECT_EQ(sends(8, end + 10ms, 7), "");
  EXPECT_THAT(sends(0, end + 1s, 7), HasSubstr("nobody had said anything since its last frame"));
}

TEST_F(TerminalWatchTest, AFrameBeforeAnythingWasHeardIsTold) {
  EXPECT_THAT(sends(0, Time{1s}, 7), HasSubstr("nobody had said anything since power-up"));
}

TEST_F(TerminalWatchTest, AFrameOnTopOfItsOwnIsAFlood) {
  EXPECT_EQ(sends(8, end + 10ms, 100), "");
  EXPECT_THAT(sends(0, end + 11ms, 7), HasSubstr("floods its port"));
}

TEST_F(TerminalWatchTest, PiecesThatNeverEndAreAFlood) {
  EXPECT_EQ(sends(8, end + 10ms, 400), "");
  EXPECT_THAT(sends(0, end + 10ms + 400 * character, 113), HasSubstr("it sent 513 bytes"));
}

TEST_F(TerminalWatchTest, AFrameThatWouldNeverEndIsTold) {
  Done done;
  done.bytes = 8;
  done.reached = end;
  done.sent = {{end + 1s, 1}, {end + 61s, 2}};
  EXPECT_THAT(watch.sees(done, heard).value_or(""), HasSubstr("ends 61 s after"));
}

TEST_F(TerminalWatchTest, AContactMaySwitchAThousandTimesASecondAndNotOftener) {
  Done done;
  for (int n = 0; n < 1000; ++n) done.edges.push_back({Time{3s}, SimulatedMeter::Contact::pulse, n % 2 == 0});
  EXPECT_EQ(watch.sees(done, heard).value_or(""), "");
  for (auto& edge : done.edges) edge.at += 1s;
  EXPECT_EQ(watch.sees(done, heard).value_or(""), "");
  done.edges.push_back({Time{4s + 1ms}, SimulatedMeter::Contact::pulse, true});
  EXPECT_THAT(watch.sees(done, heard).value_or(""), HasSubstr("switches its pulse contact"));
}

}  // namespace
}  // namespace blondel::sim
