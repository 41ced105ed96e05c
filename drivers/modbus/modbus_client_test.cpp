#include "drivers/modbus/modbus_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "drivers/modbus/library_socket.hpp"
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
        socket_{clock, {1, 1}, [this](const std::string& request) { background_.spawn(play(request)); }},
        background_{clock} {}
  ~ScriptedLine() override { socket_.detach(); }

  std::string device() const override { return "script"; }
  SerialSettings settings() const override { return {}; }
  void configure(SerialSettings) override {}
  int descriptor() const override { return socket_.descriptor(); }
  Duration longest_gap() const override { return 1ms; }
  void call_begins(const std::string& what, Time deadline) override { socket_.call_begins(what, deadline); }
  void end_call() override { socket_.end_call(); }
  void call_ended(std::function<void()> deliver) override { socket_.call_ended(std::move(deliver)); }

 private:
  Task<void> play(std::string request) {
    const auto found = script_.find(request);
    if (found == script_.end()) co_return;
    co_await clock_.pause(found->second.after);
    socket_.answer(found->second.bytes);
  }

  Clock& clock_;
  Script script_;
  LibrarySocket socket_;
  Background background_;
};

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int v : values) text += static_cast<char>(v);
  return text;
}

// Frames printed for the Series 4000-K: register 146, "phase A lost"; exceptions to 03 and 06.
const std::string ask_alerts = bytes({0x01, 0x03, 0x00, 0x91, 0x00, 0x01, 0xD5, 0xE7});
const std::string phase_a_lost = bytes({0x01, 0x03, 0x02, 0x01, 0x00, 0xB9, 0xD4});
const std::string no_such_register = bytes({0x01, 0x83, 0x02, 0xC0, 0xF1});
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

TEST_F(ModbusClientTest, AnswerThatBreaksOffIsAProtocolFailureAtItsLastByte) {
  auto master = client({{ask_alerts, {phase_a_lost.substr(0, 5), 5ms}}});
  EXPECT_THAT(failure_of(master, Fault::protocol), HasSubstr("breaks off"));
  EXPECT_EQ(clock.now(), Time{5ms});
}

TEST_F(ModbusClientTest, BytesBehindAnAnswerAreAProtocolFailure) {
  auto master = client({{ask_alerts, {phase_a_lost + phase_a_lost, 5ms}}});
  EXPECT_THAT(failure_of(master, Fault::protocol), HasSubstr("7 bytes behind the answer"));
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

TEST_F(ModbusClientTest, CharacterTimesFollowFromBaudAndFormat) {
  EXPECT_NEAR(in_seconds(character_time({.baud = 19200})) * 1e6, 520.83, 0.01);
  EXPECT_NEAR(in_seconds(character_time({.baud = 9600, .parity = 'E'})) * 1e6, 1145.83, 0.01);
  EXPECT_NEAR(in_seconds(frame_silence({.baud = 1200})) * 1e3, 29.2, 0.05);
  EXPECT_NEAR(in_seconds(frame_silence({.baud = 19200})) * 1e3, 1.82, 0.005);
  EXPECT_EQ(frame_silence({.baud = 38400}), 1750us);
}

}  // namespace
}  // namespace blondel
