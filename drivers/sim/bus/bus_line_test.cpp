#include "drivers/sim/bus/bus_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

#include "drivers/modbus/modbus_client.hpp"
#include "drivers/sim/bus/fake_meter.hpp"
#include "drivers/sim/circuit/keyed_random.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// One position: a meter, its line and a master.
struct Position {
  Position(Clock& clock, int number, std::uint64_t seed = 1) {
    auto made = std::make_unique<BusLine>(clock, meter, "/dev/ttyUSB" + std::to_string(number), SerialSettings{},
                                          Order{number, 1}, seed);
    line = made.get();
    client =
        std::make_unique<ModbusClient>(clock, std::move(made), Order{number, 1}, "meter " + std::to_string(number));
  }
  FakeMeter meter;
  BusLine* line;
  std::unique_ptr<ModbusClient> client;
};

/// What became of a read: its registers, or the fault's name.
struct Outcome {
  std::vector<std::uint16_t> words;
  std::string fault, message;
  Time at;
  bool operator==(const Outcome&) const = default;
};

Task<void> read(Clock& clock, Position& position, int address, int count, Duration limit, Outcome& outcome) {
  try {
    outcome.words = co_await position.client->read_holding(address, count, limit);
  } catch (const Failure& failure) {
    outcome.fault = name(failure.error.fault);
    outcome.message = failure.what();
  }
  outcome.at = clock.now();
}

struct BusLineTest : testing::Test {
  Outcome read_once(int address, int count, Duration limit) {
    Outcome outcome;
    clock.run(read(clock, position, address, count, limit, outcome));
    return outcome;
  }
  VirtualClock clock;
  Position position{clock, 1};
};

TEST_F(BusLineTest, ReadTakesTheTimeOfItsFramesOnTheWire) {
  const auto got = read_once(256, 90, 1s);
  ASSERT_EQ(got.words.size(), 90u);
  EXPECT_EQ(got.words[0], 256 * 7);
  EXPECT_EQ(got.words[89], 345 * 7);
  // 8 characters, 8 ms, 185 characters of 10 bits at 19200 baud.
  EXPECT_NEAR(in_seconds(got.at) * 1e3, (8 + 185) * 10 / 19.2 + 8, 0.001);
}

TEST_F(BusLineTest, SilentMeterIsATimeoutExactlyAtTheLimit) {
  position.meter.silent = true;
  const auto got = read_once(0, 52, 1s);
  EXPECT_EQ(got.fault, "timeout");
  EXPECT_EQ(got.at, Time{1s});
  EXPECT_THAT(got.message, HasSubstr("meter 1"));
  EXPECT_THAT(got.message, HasSubstr("function 03, registers 1 to 52"));
  EXPECT_THAT(got.message, HasSubstr("no answer within 1.000 s"));
}

TEST_F(BusLineTest, LineRecoversAfterATimeout) {
  position.line->set_fault({LineFaultKind::drop_answer});
  EXPECT_EQ(read_once(0, 2, 200ms).fault, "timeout");
  position.line->set_fault({});
  const auto got = read_once(5, 2, 200ms);
  EXPECT_EQ(got.words, (std::vector<std::uint16_t>{35, 42}));
  EXPECT_GT(got.at, Time{400ms}) << "the line is left alone after a timeout, for late answers";
}

TEST_F(BusLineTest, LateAnswerIsNotTakenForTheNextOne) {
  position.line->set_fault({LineFaultKind::delay, 250ms});
  EXPECT_EQ(read_once(10, 3, 200ms).fault, "timeout");
  position.line->set_fault({});
  EXPECT_EQ(read_once(20, 3, 200ms).words, (std::vector<std::uint16_t>{140, 147, 154}));
  EXPECT_EQ(position.line->stray_answers(), 1u);
}

TEST_F(BusLineTest, DamagedAnswersAreProtocolFailuresAndNamed) {
  const std::pair<LineFaultKind, const char*> cases[] = {
      {LineFaultKind::other_unit, "an answer from address 2 to a request to address 1"},
      {LineFaultKind::echo, "an echo of the request came back"}};
  for (const auto& [kind, text] : cases) {
    position.line->set_fault({kind});
    const auto got = read_once(128, 26, 1s);
    EXPECT_EQ(got.fault, "protocol") << name(kind);
    EXPECT_THAT(got.message, HasSubstr(text));
    EXPECT_THAT(got.message, HasSubstr("registers 129 to 154"));
  }
  position.line->set_fault({LineFaultKind::truncate});
  for (int i = 0; i < 30; ++i) {
    const auto got = read_once(128, 26, 1s);
    EXPECT_EQ(got.fault, "protocol") << got.message;
  }
}

TEST_F(BusLineTest, ExceptionOfTheMeterIsARejectionWithCodeAndName) {
  position.meter.forbidden = {60};
  const auto got = read_once(52, 10, 1s);
  EXPECT_EQ(got.fault, "rejected");
  EXPECT_THAT(got.message, HasSubstr("exception 02 (illegal data address)"));
  EXPECT_THAT(got.message, HasSubstr("registers 53 to 62"));
}

Task<void> write_and_identify(ModbusClient& client, std::vector<std::uint8_t>& id) {
  co_await client.write_single(128, 30078, 1s);
  std::vector<std::uint16_t> values{100, 480};
  co_await client.write_multiple(132, std::move(values), 1s);
  id = co_await client.report_id(1s);
}

TEST_F(BusLineTest, WritesAndIdentificationUseThePrintedFrames) {
  std::vector<std::uint8_t> id;
  clock.run(write_and_identify(*position.client, id));
  ASSERT_EQ(position.meter.requests.size(), 3u);
  EXPECT_EQ(position.meter.requests[0], (std::string{"\x01\x06\x00\x80\x75\x7E\x2E\x92", 8}));
  EXPECT_EQ(position.meter.requests[1], (std::string{"\x01\x10\x00\x84\x00\x02\x04\x00\x64\x01\xE0\xBB\xFB", 13}));
  EXPECT_EQ(position.meter.requests[2], (std::string{"\x01\x11\xC0\x2C", 4}));
  EXPECT_EQ(position.meter.written.at(128), 30078);
  EXPECT_EQ(position.meter.written.at(133), 480);
  ASSERT_EQ(id.size(), 48u);
  EXPECT_EQ(id[0], 247);
  EXPECT_EQ(id[1], 0xFF);
  EXPECT_EQ((std::string{id.begin() + 2, id.end()}), "Leviton Series 4000K Power Meter Full Data Set");
}

TEST_F(BusLineTest, CallsOfSeveralTasksAreMadeOneAfterTheOther) {
  std::vector<Outcome> outcomes(5);
  std::vector<Task<void>> tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(read(clock, position, i * 10, 1 + i, 1s, outcomes[i]));
  clock.run(together(clock, std::move(tasks)));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(outcomes[i].words.size(), 1u + i);
    EXPECT_EQ(outcomes[i].words[0], i * 70);
    if (i > 0) {
      EXPECT_GT(outcomes[i].at, outcomes[i - 1].at);
    }
  }
}

Task<void> read_quietly(ModbusClient& client, bool& cancelled) {
  try {
    co_await client.read_holding(0, 52, 1s);
  } catch (const boost::system::system_error& error) {
    cancelled = error.code() == boost::asio::error::operation_aborted;
  }
}

Task<void> cancel_after(Clock& clock, ModbusClient& client, Duration d, bool& cancelled, Time& ended) {
  boost::asio::cancellation_signal stop;
  Event over{clock, "the cancelled call"};
  auto on_end = [&](const std::exception_ptr&) {
    ended = clock.now();
    over.set();
  };
  boost::asio::co_spawn(clock.io(), read_quietly(client, cancelled),
                        boost::asio::bind_cancellation_slot(stop.slot(), on_end));
  co_await clock.pause(d);
  stop.emit(boost::asio::cancellation_type::terminal);
  co_await over.wait();
}

TEST_F(BusLineTest, CancelledCallEndsAtOnceAndTheNextOneIsSound) {
  // On the wire, while the meter thinks, and while its answer is on its way.
  for (const auto when : {2ms, 8ms, 40ms}) {
    const Time begin = clock.now();
    bool cancelled = false;
    Time ended;
    clock.run(cancel_after(clock, *position.client, when, cancelled, ended));
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(ended - begin, when);
    EXPECT_EQ(read_once(7, 1, 1s).words, std::vector<std::uint16_t>{49});
  }
}

TEST_F(BusLineTest, ThousandCallsWithRandomFaultsLoseAndMixUpNothing) {
  constexpr LineFaultKind kinds[] = {LineFaultKind::none,         LineFaultKind::none,        LineFaultKind::none,
                                     LineFaultKind::drop_request, LineFaultKind::drop_answer, LineFaultKind::truncate,
                                     LineFaultKind::corrupt_bit,  LineFaultKind::delay,       LineFaultKind::other_unit,
                                     LineFaultKind::echo};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto bits = keyed_bits({77, i});
    const LineFault fault{kinds[bits % 10], Duration{static_cast<long>((bits >> 8) % 380) * 1'000'000}};
    position.line->set_fault(fault);
    // Equal lengths throughout, so that only order and content can tell the answers apart.
    const int address = static_cast<int>((bits >> 32) % 9000);
    const Time begin = clock.now();
    const auto got = read_once(address, 4, 200ms);
    if (fault.kind == LineFaultKind::none || (fault.kind == LineFaultKind::delay && got.fault.empty())) {
      ASSERT_EQ(got.fault, "") << got.message;
      for (int k = 0; k < 4; ++k)
        ASSERT_EQ(got.words[k], static_cast<std::uint16_t>((address + k) * 7)) << "call " << i;
    } else if (fault.kind == LineFaultKind::drop_request || fault.kind == LineFaultKind::drop_answer) {
      ASSERT_EQ(got.fault, "timeout") << got.message;
    } else if (fault.kind == LineFaultKind::delay) {
      ASSERT_EQ(got.fault, "timeout") << got.message;
      ASSERT_GT(fault.by, 160ms);
    } else {
      ASSERT_FALSE(got.fault.empty()) << name(fault.kind) << " in call " << i;
    }
    ASSERT_LE(got.at - begin, 200ms + 200ms + longest_link_delay + 1ms)
        << "the silence after a failure, and the call itself";
  }
}

TEST(BusLine, PositionsRepeatExactlyWhateverTheWorkersDo) {
  std::vector<std::vector<Outcome>> runs;
  for (int run = 0; run < 5; ++run) {
    VirtualClock clock;
    std::vector<std::unique_ptr<Position>> positions;
    for (int p = 1; p <= 8; ++p) {
      positions.push_back(std::make_unique<Position>(clock, p, 5));
      if (p == 3) positions.back()->meter.silent = true;
      if (p == 5) positions.back()->line->set_fault({LineFaultKind::corrupt_bit});
    }
    std::vector<Outcome> outcomes(8);
    std::vector<Task<void>> tasks;
    for (int p = 0; p < 8; ++p) tasks.push_back(read(clock, *positions[p], p, 10, 1s, outcomes[p]));
    clock.run(together(clock, std::move(tasks)));
    EXPECT_EQ(outcomes[2].fault, "timeout");
    EXPECT_EQ(outcomes[4].fault, "protocol");
    runs.push_back(outcomes);
  }
  for (const auto& run : runs) EXPECT_EQ(run, runs[0]);
}

}  // namespace
}  // namespace blondel::sim
