#include "drivers/modbus/modbus_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "drivers/modbus/line_call.hpp"
#include "drivers/modbus/line_turns.hpp"
#include "drivers/modbus/printed_frames.hpp"
#include "drivers/time/background.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "references/error.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A line with a script at its far end: what comes back for which request, and after how long.
class ScriptedLine final : public ModbusLine {
 public:
  struct Answer {
    std::string bytes;
    Duration after{};
  };
  using Script = std::map<std::string, Answer>;

  ScriptedLine(Clock& clock, Script script)
      : clock_{clock},
        script_{std::move(script)},
        turns_{clock, "script"},
        call_{clock, {1, 1}, [this](const std::string& request) { return send(request); }},
        background_{clock} {}
  ~ScriptedLine() override { call_.detach(); }

  std::string device() const override { return "script"; }
  SerialSettings settings() const override { return {}; }
  void configure(SerialSettings) override {}
  Duration longest_gap() const override { return 1ms; }
  LineCall& call() override { return call_; }
  LineTurns& turns() override { return turns_; }

 private:
  Time send(const std::string& request) {
    background_.spawn(play(request));
    return clock_.now();
  }
  Task<void> play(std::string request) {
    const auto found = script_.find(request);
    if (found == script_.end()) co_return;
    co_await clock_.pause(found->second.after);
    call_.answer(found->second.bytes);
  }

  Clock& clock_;
  Script script_;
  LineTurns turns_;
  LineCall call_;
  Background background_;
};

// More frames printed for the Series 4000-K.
const std::string ask_type_12 = bytes({0x01, 0x06, 0x00, 0x81, 0x00, 0x0C, 0xD9, 0xE7});
const std::string value_refused = bytes({0x01, 0x86, 0x03, 0x02, 0x61});

Task<void> read_alerts(ModbusClient& client, std::vector<std::uint16_t>& words, Duration limit = 1s) {
  words = co_await client.read_holding(145, 1, limit);
}
Task<void> set_type(ModbusClient& client) {
  co_await client.write_single(129, 12, 1s);
}

struct ModbusClientTest : testing::Test {
  ModbusClient client(ScriptedLine::Script script) {
    return ModbusClient{clock, std::make_unique<ScriptedLine>(clock, std::move(script)), {1, 1}, "meter 4"};
  }
  std::string failure_of(ModbusClient& master, Fault expected) {
    try {
      clock.run(read_alerts(master, words));
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, expected) << failure.what();
      EXPECT_EQ(failure.error.where, "meter 4");
      return failure.error.what;
    }
    ADD_FAILURE() << "no failure";
    return {};
  }
  VirtualClock clock;
  std::vector<std::uint16_t> words;
};

TEST_F(ModbusClientTest, ReadsThePrintedFrame) {
  auto master = client({{ask_alerts, {phase_a_lost, 20ms}}});
  clock.run(read_alerts(master, words));
  EXPECT_EQ(words, std::vector<std::uint16_t>{0x0100});
  EXPECT_EQ(clock.now(), Time{20ms});
}

TEST_F(ModbusClientTest, AnswerJustBeforeTheLimitCountsAndOneAfterItDoesNot) {
  auto master = client({{ask_alerts, {phase_a_lost, 1s - 1ns}}});
  clock.run(read_alerts(master, words));
  EXPECT_EQ(words.size(), 1u);
  auto late = client({{ask_alerts, {phase_a_lost, 1s + 1ns}}});
  EXPECT_EQ(failure_of(late, Fault::timeout), "function 03, register 146: no answer within 1.000 s");
  EXPECT_EQ(clock.now(), Time{2s - 1ns});
}

TEST_F(ModbusClientTest, ExceptionIsARejectionWithItsName) {
  auto master = client({{ask_alerts, {no_such_register, 5ms}}});
  EXPECT_EQ(failure_of(master, Fault::rejected), "function 03, register 146: exception 02 (illegal data address)");
}

TEST_F(ModbusClientTest, RefusedValueIsARejectionWithItsName) {
  auto master = client({{ask_type_12, {value_refused, 5ms}}});
  try {
    clock.run(set_type(master));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::rejected);
    EXPECT_THAT(failure.error.what, HasSubstr("exception 03 (illegal data value)"));
  }
}

TEST_F(ModbusClientTest, WrongChecksumIsAProtocolFailure) {
  auto wrong = phase_a_lost;
  wrong.back() = static_cast<char>(wrong.back() ^ 1);
  auto master = client({{ask_alerts, {wrong, 5ms}}});
  EXPECT_THAT(failure_of(master, Fault::protocol), HasSubstr("checksum"));
}

TEST_F(ModbusClientTest, AnswerThatBreaksOffIsAProtocolFailureAGapBehindItsLastByte) {
  auto master = client({{ask_alerts, {phase_a_lost.substr(0, 5), 5ms}}});
  EXPECT_THAT(failure_of(master, Fault::protocol), HasSubstr("the answer ended after 5 of 7 bytes"));
  EXPECT_EQ(clock.now(), Time{6ms});
}

TEST_F(ModbusClientTest, BytesBehindAnAnswerAreAProtocolFailure) {
  auto master = client({{ask_alerts, {phase_a_lost + phase_a_lost, 5ms}}});
  EXPECT_THAT(failure_of(master, Fault::protocol), HasSubstr("the answer came twice"));
  auto other = client({{ask_alerts, {phase_a_lost + "xyz", 10s}}});
  EXPECT_THAT(failure_of(other, Fault::timeout), HasSubstr("no answer"));
}

TEST_F(ModbusClientTest, LongerOrShorterAnswerThanAskedForIsAProtocolFailure) {
  // Two registers where one was asked for; its checksum is right (printed frame arithmetic: 01 03 04 00 00 00 00 FA
  // 33).
  auto master = client({{ask_alerts, {bytes({1, 3, 4, 0, 0, 0, 0, 0xFA, 0x33}), 5ms}}});
  EXPECT_THAT(failure_of(master, Fault::protocol), HasSubstr("does not fit"));
}

TEST_F(ModbusClientTest, MoreRegistersThanAFrameHoldsAreNotAskedFor) {
  auto master = client({});
  std::vector<std::uint16_t> none;
  const auto too_many = [](ModbusClient& m) -> Task<void> { co_await m.read_holding(0, 126, 1s); };
  EXPECT_THROW(clock.run(too_many(master)), Failure);
  EXPECT_EQ(clock.now(), Time{}) << "no time passes for what never went out";
}

TEST_F(ModbusClientTest, BroadcastAndReservedUnitsAreRefused) {
  for (const int unit : {-1, 0, 248})
    EXPECT_THROW(
        (ModbusClient{clock, std::make_unique<ScriptedLine>(clock, ScriptedLine::Script{}), {1, 1}, "m", unit}),
        Failure);
}

Task<void> exchange(ModbusClient& client, ModbusBytes frame, Duration limit, Reply& reply) {
  reply = co_await client.exchange(std::move(frame), limit);
}

TEST_F(ModbusClientTest, RawFramesGoOutAsTheyAreAndRepliesAreNamed) {
  auto spoiled = ask_alerts;
  spoiled.back() = static_cast<char>(spoiled.back() ^ 1);
  const auto identify = bytes({0x01, 0x2B, 0x0E, 0x01, 0x00, 0x70, 0x77});
  const auto all_clear = bytes({0x00, 0x06, 0x00, 0x80, 0x75, 0x7E, 0x2F, 0x43});
  const auto refused = rtu_frame(1, 0xAB, {1});
  auto master = client({{ask_alerts, {phase_a_lost, 20ms}}, {identify, {{refused.begin(), refused.end()}, 30ms}}});
  Reply reply;
  const auto ask = [&](const std::string& frame) {
    clock.run(exchange(master, {frame.begin(), frame.end()}, 200ms, reply));
    return reply.kind;
  };
  EXPECT_EQ(ask(ask_alerts), Reply::Kind::answer);
  EXPECT_EQ(reply.after, 20ms);
  EXPECT_EQ(clock.now(), Time{20ms} + frame_silence({})) << "the silence behind the answer";
  ask(identify);
  EXPECT_EQ(reply.exception, 1) << reply.what;
  // Whoever else listens must not take the next request for a part of this answer.
  EXPECT_EQ(master.rests_until(), clock.now() + character_time({}));
  const Time before = master.rests_until();
  EXPECT_EQ(ask(spoiled), Reply::Kind::silence);
  EXPECT_EQ(clock.now(), before + 200ms);
  EXPECT_EQ(ask(all_clear), Reply::Kind::silence);
  EXPECT_EQ(clock.now(), before + 200ms + longest_link_delay + 200ms) << "a late answer was given its time";
  EXPECT_EQ(ask(ask_alerts), Reply::Kind::answer) << "but nobody answers a broadcast late";
  EXPECT_EQ(clock.now(), before + 400ms + longest_link_delay + 20ms + frame_silence({}));
}

TEST_F(ModbusClientTest, AnswerThatIsThereBeforeRequestAndAnswerCouldBeSentIsAnEarlierOne) {
  // Seven characters take 3.6 ms.
  auto master = client({{ask_alerts, {phase_a_lost, 2ms}}});
  EXPECT_THAT(failure_of(master, Fault::protocol), HasSubstr("before the request was over"));
}

TEST_F(ModbusClientTest, LimitsFollowTheSpeedOfTheLine) {
  auto master = client({});
  // 193 characters, two silences, 0.1 s for the adapter and 1 s for the meter, at 19200 baud.
  EXPECT_NEAR(in_seconds(master.limit_of(8, 185, 1s)), 1.1 + (193 + 7) * 10 / 19200.0, 1e-6);
}

TEST_F(ModbusClientTest, CharacterTimesFollowFromBaudAndFormat) {
  EXPECT_NEAR(in_seconds(character_time({.baud = 19200})) * 1e6, 520.83, 0.01);
  EXPECT_NEAR(in_seconds(character_time({.baud = 9600, .parity = 'E'})) * 1e6, 1145.83, 0.01);
  EXPECT_NEAR(in_seconds(frame_silence({.baud = 1200})) * 1e3, 29.2, 0.05);
  EXPECT_NEAR(in_seconds(frame_silence({.baud = 19200})) * 1e3, 1.82, 0.005);
  EXPECT_EQ(frame_silence({.baud = 38400}), 1750us);
}

}  // namespace
}  // namespace blondel
