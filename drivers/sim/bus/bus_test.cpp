#include "drivers/sim/bus/bus.hpp"

#include <gtest/gtest.h>

#include "drivers/sim/bus/fake_meter.hpp"
#include "drivers/sim/bus/foreign_traffic.hpp"
#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

// Printed for the Series 4000-K: read register 146.
const std::string ask_alerts{"\x01\x03\x00\x91\x00\x01\xD5\xE7", 8};

/// A bus with one meter and one master on it.
struct Pair {
  Pair(Clock& clock, SimulatedMeter& meter, SerialSettings port, Bus::Ear ear)
      : bus{clock, {1, 1}, 1}, there{bus.add_meter(meter, port)}, master{bus.add_master(port, std::move(ear))} {}
  Time say(const std::string& bytes) { return bus.say(master, bytes); }
  Bus bus;
  Bus::Tap there, master;
};

struct BusTest : testing::Test {
  Task<void> listen(Duration d) { co_await clock.pause(d); }

  VirtualClock clock;
  FakeMeter meter;
  std::vector<std::pair<Time, std::string>> heard;
  std::function<void(std::string)> note = [this](const std::string& bytes) { heard.emplace_back(clock.now(), bytes); };
};

TEST_F(BusTest, CharactersTakeTheTimeOfTheirBits) {
  Pair wire{clock, meter, {}, note};
  wire.say(ask_alerts);
  clock.run(listen(1s));
  ASSERT_EQ(meter.received.size(), 8u);
  EXPECT_NEAR(in_seconds(meter.received[0].at) * 1e3, 0.5208, 0.0001);
  EXPECT_NEAR(in_seconds(meter.received[7].at) * 1e3, 4.1667, 0.0001);  // 8 characters of 10 bits at 19200 baud
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_NEAR(in_seconds(heard[0].first) * 1e3, 4.1667 + 8 + 7 * 0.52083, 0.001);
}

TEST_F(BusTest, ParityAddsABitToEveryCharacter) {
  Pair wire{clock, meter, {.baud = 9600, .parity = 'E'}, note};
  wire.say(ask_alerts);
  clock.run(listen(1s));
  EXPECT_NEAR(in_seconds(meter.received[7].at) * 1e3, 8 * 11 / 9.6, 0.0001);
}

TEST_F(BusTest, MeterNeverGetsBytesFromBeyondTheNotice) {
  struct Watching : FakeMeter {
    explicit Watching(Clock& c) : clock{c} {}
    void receive(std::vector<StampedByte> bytes) override {
      for (const auto& b : bytes) {
        EXPECT_LE(b.at, clock.now() + Circuit::notice);
        EXPECT_GE(b.at, clock.now());
        EXPECT_GT(b.at, last);
        last = b.at;
      }
      count += bytes.size();
    }
    Clock& clock;
    Time last{};
    std::size_t count = 0;
  };
  Watching watching{clock};
  Pair wire{clock, watching, {.baud = 1200}, note};
  wire.say(std::string(255, 'x'));
  clock.run(listen(5s));
  EXPECT_EQ(watching.count, 255u);
  EXPECT_NEAR(in_seconds(watching.last), 255 * 10 / 1200.0, 1e-6);
}

TEST_F(BusTest, SecondRequestWaitsUntilTheLineHasBeenSilent) {
  Pair wire{clock, meter, {}, note};
  meter.silent = true;
  wire.say(ask_alerts);
  wire.say(ask_alerts);
  clock.run(listen(1s));
  ASSERT_EQ(meter.received.size(), 16u);
  EXPECT_NEAR(in_seconds(meter.received[15].at) * 1e3, 2 * 4.1667 + 3.5 * 0.52083, 0.001);
}

TEST_F(BusTest, MeterSetToAnotherSpeedHearsGarbageAndKeepsSilent) {
  Pair wire{clock, meter, {.baud = 9600}, note};
  meter.baud = 9600;
  wire.bus.configure(wire.master, {.baud = 19200});
  wire.say(ask_alerts);
  clock.run(listen(1s));
  // Eight characters of 19200 baud take the time of four of 9600.
  EXPECT_GE(meter.received.size(), 1u);
  EXPECT_LE(meter.received.size(), 5u);
  EXPECT_TRUE(meter.requests.empty());
  EXPECT_TRUE(heard.empty());
}

TEST_F(BusTest, FaultsDoWhatTheirNamesSay) {
  Pair wire{clock, meter, {}, note};
  const auto outcome = [&](LineFault fault) {
    heard.clear();
    meter.requests.clear();
    wire.bus.set_fault(wire.there, fault);
    wire.say(ask_alerts);
    clock.run(listen(1s));
  };
  outcome({});
  const auto good = heard.at(0).second;
  outcome({LineFaultKind::drop_request});
  EXPECT_TRUE(meter.requests.empty());
  outcome({LineFaultKind::drop_answer});
  EXPECT_EQ(meter.requests.size(), 1u);
  EXPECT_TRUE(heard.empty());
  outcome({LineFaultKind::echo});
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].second, ask_alerts);
  EXPECT_EQ(heard[1].second, good);
  const Time begin = clock.now();
  outcome({LineFaultKind::delay, 300ms});
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_NEAR(in_seconds(heard[0].first - begin) * 1e3, 300 + 4.1667 + 8 + 7 * 0.52083, 0.001);
}

/// Requests for register 6 of a unit; the checksums were worked out apart from this program.
const std::string ask_unit_1{"\x01\x03\x00\x05\x00\x01\x94\x0B", 8}, ask_unit_2{"\x02\x03\x00\x05\x00\x01\x94\x38", 8};

Task<void> wait(Clock& clock) {
  co_await clock.pause(100ms);
}

struct SharedBusTest : BusTest {
  SharedBusTest() {
    second.unit = 2;
    bus.add_meter(meter, {});
    other = bus.add_meter(second, {});
    master = bus.add_master({}, note);
  }
  FakeMeter second;
  std::vector<std::unique_ptr<FakeMeter>> more;
  Bus bus{clock, {1, 1}, 1};
  Bus::Tap other, master;
};

TEST_F(SharedBusTest, EachMeterAnswersToItsOwnAddressAndHearsTheOthers) {
  bus.say(master, ask_unit_1);
  clock.run(listen(100ms));
  bus.say(master, ask_unit_2);
  clock.run(listen(100ms));
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].second[0], 1);
  EXPECT_EQ(heard[1].second[0], 2);
  EXPECT_EQ(meter.requests, std::vector<std::string>{ask_unit_1});
  EXPECT_EQ(second.requests, std::vector<std::string>{ask_unit_2});
  EXPECT_EQ(meter.received.size(), 8u + 8u + 7u) << "both requests and the other's answer";
  EXPECT_EQ(bus.collisions(), 0u);
}

TEST_F(SharedBusTest, TwoMetersAtOneAddressGarbleEachOther) {
  second.unit = 1;
  second.written[5] = 0x1234;
  bus.say(master, ask_unit_1);
  clock.run(listen(100ms));
  EXPECT_EQ(bus.collisions(), 1u);
  ASSERT_EQ(heard.size(), 1u);
  // Bit by bit, space wins: register 35 = 0023 and 1234, both answers exactly at once.
  const std::string answer = heard[0].second;
  EXPECT_EQ(answer.substr(0, 5), (std::string{"\x01\x03\x02\x00\x20", 5}));
  EXPECT_NE(FakeMeter::checksum(answer), 0);
}

TEST_F(SharedBusTest, TwoMetersAtOneAddressOfDifferentHasteGarbleEachOtherToo) {
  second.unit = 1;
  second.turnaround = 9700us;
  bus.say(master, ask_unit_1);
  clock.run(listen(100ms));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_NE(FakeMeter::checksum(heard[0].second), 0);
}

TEST_F(SharedBusTest, MastersThatListenFirstTakeTurnsAndThoseThatDoNotCollide) {
  std::vector<std::string> heard_by_second;
  const auto ear = [&](const std::string& bytes) { heard_by_second.push_back(bytes); };
  const auto rival = bus.add_master({}, ear);
  bus.say(master, ask_unit_1);
  bus.say(rival, ask_unit_2);
  clock.run(listen(100ms));
  EXPECT_EQ(meter.requests.size() + second.requests.size(), 2u);
  EXPECT_EQ(bus.collisions(), 0u);
  EXPECT_EQ(heard_by_second.front(), ask_unit_1) << "everybody hears everybody";
  meter.requests.clear();
  const Time at = clock.now() + 25ms;
  bus.say_at(master, ask_unit_1, at);
  bus.say_at(rival, ask_unit_2, at + 1ms);
  clock.run(listen(100ms));
  EXPECT_EQ(bus.collisions(), 1u);
  EXPECT_TRUE(meter.requests.empty()) << "a request that was talked into is none";
}

TEST_F(SharedBusTest, MeterSetToAnotherParityAnswersNothingAndDisturbsNobody) {
  bus.configure(other, {.parity = 'E'});
  bus.say(master, ask_unit_1);
  clock.run(listen(100ms));
  bus.say(master, ask_unit_2);
  clock.run(listen(100ms));
  EXPECT_EQ(heard.size(), 1u);
  EXPECT_TRUE(second.requests.empty());
}

TEST_F(SharedBusTest, SixtyThreeMetersAreServedAndASixtyFourthIsRefused) {
  for (int unit = 3; unit <= Bus::most_meters; ++unit) {
    more.push_back(std::make_unique<FakeMeter>());
    more.back()->unit = unit;
    bus.add_meter(*more.back(), {});
  }
  FakeMeter one_too_many;
  EXPECT_THROW(bus.add_meter(one_too_many, {}), std::logic_error);
  for (int unit = 1; unit <= Bus::most_meters; ++unit) {
    bus.say(master, FakeMeter::with_checksum({static_cast<char>(unit), 3, 0, 5, 0, 1}));
    clock.run(listen(50ms));
  }
  ASSERT_EQ(heard.size(), 63u);
  for (int unit = 1; unit <= Bus::most_meters; ++unit) EXPECT_EQ(heard[unit - 1].second[0], unit);
}

TEST_F(SharedBusTest, SomebodyElsesMasterIsHeardAndAnswersAreStillSound) {
  const ForeignTraffic others{clock, bus, {}, {0, 50}, 3, {.every = 40ms}};
  int answers = 0;
  for (int i = 0; i < 100; ++i) {
    heard.clear();
    bus.say(master, ask_unit_2);
    clock.run(listen(100ms));
    for (const auto& [at, bytes] : heard) answers += bytes[0] == 2 && FakeMeter::checksum(bytes) == 0;
  }
  EXPECT_GT(others.polls(), 100u);
  EXPECT_GT(answers, 50) << "some are talked into, for the second master listens before it asks but not for its device";
}

TEST_F(SharedBusTest, LineFaultsDoWhatTheirNamesSay) {
  const auto outcome = [&](LineFaultKind kind) {
    heard.clear();
    meter.requests.clear();
    bus.set_fault(0, {.kind = kind});
    bus.say(master, ask_unit_1);
    clock.run(listen(500ms));
  };
  outcome(LineFaultKind::stuck);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].second, std::string(32, '\0'));
  EXPECT_TRUE(meter.requests.empty());
  outcome(LineFaultKind::doubled);
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].second, heard[1].second);
  // The silence of 3.5 characters and the seven characters of the second copy, at 19200 baud.
  EXPECT_NEAR(in_seconds(heard[1].first - heard[0].first) * 1e3, 10.5 * 10 / 19.2, 0.001);
  outcome(LineFaultKind::no_bias);
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_LE(heard[0].second.size(), 2u);
  EXPECT_EQ(heard[1].second.size(), 7u);
  bool gone = false;
  const auto watching = bus.add_master({}, {}, [&] { gone = true; });
  bus.set_fault(0, {.kind = LineFaultKind::disconnect, .times = 1});
  bus.say(watching, ask_unit_1);
  EXPECT_TRUE(gone);
  heard.clear();
  bus.say(master, ask_unit_1);
  clock.run(listen(100ms));
  EXPECT_EQ(heard.size(), 1u) << "once is once";
}

TEST_F(SharedBusTest, RandomFaultsStrikeAsOftenAsTheyShouldAndTheSameEveryTime) {
  std::vector<std::size_t> lengths[2];
  for (auto& run : lengths) {
    VirtualClock again;
    FakeMeter there;
    Bus wire{again, {1, 1}, 9};
    wire.add_meter(there, {});
    const auto asking = wire.add_master({}, [&](const std::string& bytes) { run.push_back(bytes.size()); });
    wire.set_fault(0, {.kind = LineFaultKind::truncate, .rate = 0.25});
    for (int i = 0; i < 2000; ++i) {
      wire.say(asking, ask_unit_1);
      again.run(wait(again));
    }
    EXPECT_EQ(run.size(), 2000u);
    // 500 are expected, the standard deviation is 19.
    EXPECT_NEAR(static_cast<double>(wire.struck()), 500, 80);
  }
  EXPECT_EQ(lengths[0], lengths[1]);
}

}  // namespace
}  // namespace blondel::sim
