#include "drivers/sim/instruments/scpi_server.hpp"

#include <gmock/gmock.h>

#include <random>

#include "drivers/sim/instruments/instruments_on_a_table.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

/// Reads one line with the bare hands of this test.
Task<void> read_line(ByteStream& wire, std::string& line, Time deadline) {
  line.clear();
  while (!line.ends_with('\n')) line += co_await wire.read_some(deadline);
  line.pop_back();
}

Task<void> converse(ByteStream& wire, std::string sent, std::string& answer, Time deadline) {
  co_await wire.write(sent, deadline);
  co_await read_line(wire, answer, deadline);
}

class ScpiServerTest : public testing::Test {
 protected:
  ScpiServerTest() {
    server.add({.pattern = "VOLTage", .fewest = 1, .most = 1, .processing = 5ms, .execute = [this](const Call& call) {
                  if (call.number(0) > 300) throw Refusal{-222, "300 V"};
                  volts = call.number(0);
                  return std::string{};
                }});
    server.add({.pattern = "VOLTage?", .processing = 5ms, .execute = [this](const Call&) {
                  return fmt::format("{}", volts);
                }});
    server.add({.pattern = "SLOW?", .processing = 30s, .execute = [](const Call&) { return std::string{"done"}; }});
    wire = open();
  }
  std::unique_ptr<ByteStream> open() {
    auto [here, there] = memory_wire(clock, "wire", ++sessions);
    background.spawn(server.serve(std::move(there)));
    return std::move(here);
  }
  std::string ask(const std::string& message) {
    std::string answer;
    clock.run(converse(*wire, message + "\n", answer, clock.now() + 60s));
    return answer;
  }
  void tell(const std::string& message) { clock.run(wire->write(message, clock.now() + 1s)); }

  VirtualClock clock;
  ScpiServer server{clock, {}, {.identity = "MAKER,MODEL,0,1"}};
  double volts = 0;
  std::uint64_t sessions = 0;
  std::unique_ptr<ByteStream> wire;
  Background background{clock};
};

TEST_F(ScpiServerTest, SeveralQueriesOfOneMessageAreAnsweredInOneLine) {
  EXPECT_EQ(ask("VOLT 230;VOLT?;*OPC?"), "230;1");
}

TEST_F(ScpiServerTest, ErrorsWaitInTheQueueInTheirOrder) {
  tell("NOSUCH 1\nVOLT\nVOLT 1,2\nVOLT ON\nVOLT 301\n");
  EXPECT_EQ(ask("SYST:ERR:COUN?"), "5");
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-113,\"Undefined header"));
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-109,\"Missing parameter"));
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-108,\"Parameter not allowed"));
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-104,\"Data type error"));
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-222,\"Data out of range"));
  EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
  EXPECT_EQ(volts, 0);
}

TEST_F(ScpiServerTest, ARefusedBlockLosesNoByteOfWhatFollows) {
  using namespace std::string_literals;
  for (const auto& command : {"VOLT #14\n;\0'\n"s, "*CLS #14\n;*R\n"s, "NOSUCH #14\nVO;\n"s}) tell(command);
  EXPECT_EQ(ask("VOLT 12;VOLT?"), "12");
  EXPECT_EQ(ask("SYST:ERR:COUN?"), "3");
  EXPECT_EQ(ask("SYST:ERR?"), "-104,\"Data type error;a number belongs where a block of 4 bytes stands\"");
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-108,"));
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-113,"));
}

TEST_F(ScpiServerTest, WhatTheQueueRepeatsStaysOneReadableLine) {
  tell("VOLT 'say \"x\"\t\x80 end'\n");
  EXPECT_EQ(ask("SYST:ERR?"), "-104,\"Data type error;a number belongs where 'say ?x??? end' stands\"");
  tell("VOLT '" + std::string(5000, 'x') + "'\n");
  // SCPI-1999 volume 2 section 21.8.2: 255 characters, between the quotes.
  EXPECT_EQ(ask("SYST:ERR?").size(), std::string{"-104,\"\""}.size() + 255);
}

TEST_F(ScpiServerTest, AFullQueueSaysSoInPlaceOfItsLastEntry) {
  for (int n = 0; n < 20; ++n) tell("NOSUCH\n");
  EXPECT_EQ(ask("SYST:ERR:COUN?"), "16");
  for (int n = 0; n < 15; ++n) EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-113"));
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-350,"));
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("0,"));
}

TEST_F(ScpiServerTest, EventAndStatusBitsFollowTheStandard) {
  EXPECT_EQ(ask("*ESR?"), "128") << "power on";
  EXPECT_EQ(ask("*ESR?"), "0") << "reading clears";
  tell("NOSUCH\nVOLT 999\n*OPC\n");
  tell("*ESE 32;*SRE 255\n");
  EXPECT_EQ(ask("*ESE?;*SRE?"), "32;191") << "bit 6 of the service mask is always 0";
  EXPECT_EQ(ask("*STB?"), "100") << "error queue 4, event summary 32, master summary 64";
  EXPECT_EQ(ask("*STB?"), "100") << "reading does not clear";
  EXPECT_EQ(ask("*ESR?"), "49") << "command error 32, execution error 16, operation complete 1";
  tell("*CLS\n");
  EXPECT_EQ(ask("*STB?"), "0");
  EXPECT_EQ(ask("*ESE 256;*ESE?"), "32") << "out of range, and left alone";
}

TEST_F(ScpiServerTest, AnInstrumentTakesItsTime) {
  const Time before = clock.now();
  ask("VOLT?");
  EXPECT_EQ(clock.now() - before, 5ms);
}

TEST_F(ScpiServerTest, ASecondSessionIsServedWhileTheFirstIsBusy) {
  tell("SLOW?\n");
  const auto first = std::move(wire);
  wire = open();
  EXPECT_EQ(ask("VOLT?"), "0");
  EXPECT_LT(clock.now(), Time{1s});
  std::string answer;
  clock.run(read_line(*first, answer, Time{60s}));
  EXPECT_EQ(answer, "done");
}

TEST_F(ScpiServerTest, AMillionBytesWithoutAnEndAreThrownAwayAndReported) {
  tell(std::string(1'000'000, 'x'));
  tell(";VOLT 5\n");
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("-363,"));
  EXPECT_THAT(ask("SYST:ERR?"), testing::StartsWith("0,"));
  EXPECT_EQ(volts, 0) << "the end of a line that did not fit is not executed";
}

TEST_F(ScpiServerTest, RandomBytesNeverStopTheInstrument) {
  std::minstd_rand bytes{3};
  for (int n = 0; n < 200; ++n) {
    std::string noise;
    for (auto length = bytes() % 300; length > 0; --length) noise += static_cast<char>(bytes() % 256);
    tell(noise);
  }
  tell("\n*CLS\n");
  wire = open();
  clock.run(clock.pause(60s));
  EXPECT_EQ(ask("*IDN?"), "MAKER,MODEL,0,1");
  EXPECT_EQ(background.failure(), nullptr);
}

TEST_F(ScpiServerTest, ASilentInstrumentObeysAndADeadOneDoesNot) {
  server.faults.silent = true;
  tell("VOLT 7;VOLT?\n");
  clock.run(clock.pause(1s));
  EXPECT_EQ(volts, 7);
  server.faults = {.dead = true};
  tell("VOLT 8\n");
  clock.run(clock.pause(1s));
  EXPECT_EQ(volts, 7);
}

}  // namespace
}  // namespace blondel::sim
