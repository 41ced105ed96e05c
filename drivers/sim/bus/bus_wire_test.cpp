#include "drivers/sim/bus/bus_wire.hpp"

#include <gtest/gtest.h>

#include "drivers/sim/bus/fake_meter.hpp"
#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

// Printed for the Series 4000-K: read register 146.
const std::string ask_alerts{"\x01\x03\x00\x91\x00\x01\xD5\xE7", 8};

struct BusWireTest : testing::Test {
  Task<void> listen(Duration d) { co_await clock.pause(d); }

  VirtualClock clock;
  FakeMeter meter;
  std::vector<std::pair<Time, std::string>> heard;
  std::function<void(std::string)> note = [this](const std::string& bytes) { heard.emplace_back(clock.now(), bytes); };
};

TEST_F(BusWireTest, CharactersTakeTheTimeOfTheirBits) {
  BusWire wire{clock, meter, {}, {1, 1}, 1, note};
  wire.send(ask_alerts);
  clock.run(listen(1s));
  ASSERT_EQ(meter.received.size(), 8u);
  EXPECT_NEAR(in_seconds(meter.received[0].at) * 1e3, 0.5208, 0.0001);
  EXPECT_NEAR(in_seconds(meter.received[7].at) * 1e3, 4.1667, 0.0001);  // 8 characters of 10 bits at 19200 baud
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_NEAR(in_seconds(heard[0].first) * 1e3, 4.1667 + 8 + 7 * 0.52083, 0.001);
}

TEST_F(BusWireTest, ParityAddsABitToEveryCharacter) {
  BusWire wire{clock, meter, {.baud = 9600, .parity = 'E'}, {1, 1}, 1, note};
  wire.send(ask_alerts);
  clock.run(listen(1s));
  EXPECT_NEAR(in_seconds(meter.received[7].at) * 1e3, 8 * 11 / 9.6, 0.0001);
}

TEST_F(BusWireTest, MeterNeverGetsBytesFromBeyondTheNotice) {
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
  BusWire wire{clock, watching, {.baud = 1200}, {1, 1}, 1, note};
  wire.send(std::string(255, 'x'));
  clock.run(listen(5s));
  EXPECT_EQ(watching.count, 255u);
  EXPECT_NEAR(in_seconds(watching.last), 255 * 10 / 1200.0, 1e-6);
}

TEST_F(BusWireTest, SecondRequestWaitsUntilTheLineHasBeenSilent) {
  BusWire wire{clock, meter, {}, {1, 1}, 1, note};
  meter.silent = true;
  wire.send(ask_alerts);
  wire.send(ask_alerts);
  clock.run(listen(1s));
  ASSERT_EQ(meter.received.size(), 16u);
  EXPECT_NEAR(in_seconds(meter.received[15].at) * 1e3, 2 * 4.1667 + 3.5 * 0.52083, 0.001);
}

TEST_F(BusWireTest, MeterSetToAnotherSpeedHearsNothing) {
  BusWire wire{clock, meter, {.baud = 9600}, {1, 1}, 1, note};
  wire.configure({.baud = 19200});
  wire.send(ask_alerts);
  clock.run(listen(1s));
  EXPECT_TRUE(meter.received.empty());
  EXPECT_TRUE(heard.empty());
}

TEST_F(BusWireTest, FaultsDoWhatTheirNamesSay) {
  BusWire wire{clock, meter, {}, {1, 1}, 1, note};
  const auto outcome = [&](LineFault fault) {
    heard.clear();
    meter.requests.clear();
    wire.set_fault(fault);
    wire.send(ask_alerts);
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

}  // namespace
}  // namespace blondel::sim
