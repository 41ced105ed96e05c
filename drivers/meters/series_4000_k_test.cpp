#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "drivers/meters/meter.hpp"
#include "drivers/sim/bus/bus_line.hpp"
#include "drivers/sim/bus/fake_meter.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A bench with one port and a meter at its end.
struct OnePort final : Surroundings {
  explicit OnePort(Clock& c) : time{c} {}
  Clock& clock() override { return time; }
  Task<std::unique_ptr<ByteStream>> connect(std::string, Order, Time) override { co_return nullptr; }
  std::unique_ptr<ModbusLine> rs485(const std::string& device, Order order) override {
    asked_for = device;
    auto line = std::make_unique<sim::BusLine>(time, meter, device, port, order, 1);
    wire = line.get();
    return line;
  }
  std::unique_ptr<PulseInput> contact(const std::string&, Order) override { return nullptr; }

  Clock& time;
  sim::FakeMeter meter;
  SerialSettings port;
  std::string asked_for;
  sim::BusLine* wire = nullptr;
};

struct Series4000KTest : testing::Test {
  std::unique_ptr<Meter> make(const std::string& bench = "port: /dev/ttyUSB3") {
    const auto maker = value_or_throw(meters().find("series-4000-k", "test"));
    return maker(Settings::parse(bench, "bench.yaml"), around, Order{3, 1});
  }
  void set_float(int number, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    around.meter.written[number - 1] = static_cast<std::uint16_t>(bits >> 16);
    around.meter.written[number] = static_cast<std::uint16_t>(bits & 0xFFFF);
  }
  void set(int number, int value) { around.meter.written[number - 1] = static_cast<std::uint16_t>(value); }
  std::map<std::string, double> read(Meter& meter, std::vector<std::string> points) {
    std::map<std::string, double> values;
    clock.run(store(meter, std::move(points), values));
    return values;
  }
  static Task<void> store(Meter& meter, std::vector<std::string> points, std::map<std::string, double>& values) {
    values = co_await meter.read(std::move(points));
  }
  static Task<void> store_reply(Meter& meter, ModbusBytes frame, Reply& reply) {
    reply = co_await meter.exchange(std::move(frame), meter.answer_limit());
  }
  static Task<void> store_identity(Meter& meter, Time deadline, Identity& identity) {
    identity = co_await meter.identify(deadline);
  }

  VirtualClock clock;
  OnePort around{clock};
};

TEST_F(Series4000KTest, FloatsOfOneBlockComeOutOfOneRequest) {
  auto meter = make();
  set_float(257, 12.25f);
  set_float(261, 3.5f);
  set_float(307, 59.99f);
  const auto values = read(*meter, {"frequency_f", "real_energy_f", "real_power_total_f"});
  EXPECT_EQ(values.at("real_energy_f"), 12.25);
  EXPECT_EQ(values.at("real_power_total_f"), 3.5);
  EXPECT_EQ(values.at("frequency_f"), static_cast<double>(59.99f));
  ASSERT_EQ(around.meter.requests.size(), 1u);
  EXPECT_EQ(around.meter.requests[0].substr(2, 4), (std::string{"\x01\x00\x00\x34", 4}));  // 257 to 308
}

TEST_F(Series4000KTest, ScaledIntegersAreReadWithTheirFactors) {
  auto meter = make();
  set(3, 1234);
  set(7, 4801);
  set(9, 2050);
  set(6, 9950);
  set(1, 1);
  set(2, 2);
  set(138, -2);
  set(139, -1);
  set(140, -3);
  set(141, 1);
  const auto values =
      read(*meter, {"real_energy", "real_power_total", "voltage_ll_avg", "current_avg", "power_factor_total"});
  EXPECT_DOUBLE_EQ(values.at("real_power_total"), 1.234);
  EXPECT_DOUBLE_EQ(values.at("voltage_ll_avg"), 480.1);
  EXPECT_DOUBLE_EQ(values.at("current_avg"), 20.5);
  EXPECT_DOUBLE_EQ(values.at("power_factor_total"), 0.995);
  EXPECT_DOUBLE_EQ(values.at("real_energy"), 65538 * 10.0);
  ASSERT_EQ(around.meter.requests.size(), 2u);
  EXPECT_EQ(around.meter.requests[1],
            (std::string{"\x01\x03\x00\x89\x00\x04\x95\xE3", 8}));  // printed frame of 138-141
  EXPECT_EQ(values.size(), 5u) << "factors were not asked for";
}

TEST_F(Series4000KTest, NoValueIsNotANumberButTheAlertsAreBits) {
  auto meter = make();
  for (int number = 138; number <= 141; ++number) set(number, 0);
  set(7, 0x8000);
  around.meter.written[269 - 1] = 0x7FC0;
  around.meter.written[269] = 0;
  set(146, 0x8000);
  const auto values = read(*meter, {"voltage_ll_avg", "voltage_ll_avg_f", "alert_bitmap"});
  EXPECT_TRUE(std::isnan(values.at("voltage_ll_avg")));
  EXPECT_TRUE(std::isnan(values.at("voltage_ll_avg_f")));
  EXPECT_EQ(values.at("alert_bitmap"), 32768);
}

TEST_F(Series4000KTest, ScaleFactorThatCannotBeIsAProtocolFailure) {
  auto meter = make();
  for (int number = 138; number <= 141; ++number) set(number, 7);
  try {
    read(*meter, {"real_power_total"});
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::protocol);
  }
}

TEST_F(Series4000KTest, ConfigurationIsWrittenInOrderAndPairsTogether) {
  auto meter = make();
  std::vector<std::pair<std::string, double>> points{
      {"pt_ratio", 1.0}, {"system_voltage", 480}, {"system_type", 12}, {"ct_primary", 200}, {"pulse_energy", 10}};
  clock.run(meter->write(points));
  ASSERT_EQ(around.meter.requests.size(), 3u);
  EXPECT_EQ(around.meter.requests[0], (std::string{"\x01\x10\x00\x84\x00\x02\x04\x00\x64\x01\xE0\xBB\xFB", 13}));
  EXPECT_EQ(around.meter.requests[1].substr(2, 9), (std::string{"\x00\x81\x00\x02\x04\x00\x0C\x00\xC8", 9}));
  EXPECT_EQ(around.meter.written.at(143), 10);
  EXPECT_GT(clock.now(), Time{2s}) << "the meter needs 2 s to store it";
}

TEST_F(Series4000KTest, NothingIsWrittenWhenOneValueIsImpossible) {
  auto meter = make();
  std::vector<std::pair<std::string, double>> points{{"ct_primary", 200}, {"system_type", 4000}};
  EXPECT_THROW(clock.run(meter->write(points)), Failure);
  std::vector<std::pair<std::string, double>> unwritable{{"ct_primary", 200}, {"frequency", 50}};
  EXPECT_THROW(clock.run(meter->write(unwritable)), Failure);
  EXPECT_TRUE(around.meter.requests.empty());
}

TEST_F(Series4000KTest, CommandsAreThePrintedFrames) {
  auto meter = make();
  for (const auto* name : {"clear_energy", "new_demand_interval", "reset_max_demand", "clear_pulse_counters"})
    clock.run(meter->command(name));
  ASSERT_EQ(around.meter.requests.size(), 4u);
  EXPECT_EQ(around.meter.requests[0], (std::string{"\x01\x06\x00\x80\x75\x7E\x2E\x92", 8}));
  EXPECT_EQ(around.meter.requests[1], (std::string{"\x01\x06\x00\x80\x52\xDB\xF5\x19", 8}));
  EXPECT_EQ(around.meter.requests[2], (std::string{"\x01\x06\x00\x80\x52\xDC\xB4\xDB", 8}));
  EXPECT_EQ(around.meter.requests[3], (std::string{"\x01\x06\x00\x80\x40\x72\x39\xC7", 8}));
  EXPECT_GT(clock.now(), Time{10s}) << "demand commands may not come more often than every 10 s";
}

TEST_F(Series4000KTest, UnknownCommandIsAnsweredWithThoseThereAre) {
  auto meter = make();
  try {
    clock.run(meter->command("self_destruct"));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::incapable);
    EXPECT_THAT(failure.error.what, HasSubstr("clear_energy"));
  }
}

TEST_F(Series4000KTest, IdentityIsTheTextAndTheVersionRegister) {
  auto meter = make();
  set(7001, 1019);
  Identity identity;
  clock.run(store_identity(*meter, Time{5s}, identity));
  EXPECT_EQ(identity, (Identity{"Leviton", "Series 4000K Power Meter Full Data Set", "", "1.019"}));
}

TEST_F(Series4000KTest, MeterThatIsStillStartingIsAskedAgainUntilTheDeadline) {
  auto meter = make();
  set(7001, 12345);
  around.meter.silent = true;
  Identity identity;
  try {
    clock.run(store_identity(*meter, Time{5s}, identity));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::timeout);
    EXPECT_THAT(std::string{failure.what()}, HasSubstr("meter 3 (/dev/ttyUSB3)"));
  }
  EXPECT_GT(around.meter.requests.size(), 1u);
  EXPECT_LE(clock.now(), Time{5s});
  around.meter.silent = false;
  clock.run(store_identity(*meter, clock.now() + 5s, identity));
  EXPECT_EQ(identity.firmware, "12.345");
}

TEST_F(Series4000KTest, BenchFileSaysPortUnitAndSpeed) {
  around.port = {.baud = 9600, .parity = 'E'};
  around.meter.baud = 9600;
  around.meter.bits = 11;
  auto meter = make("{port: 'ASRL/dev/ttyUSB7::INSTR', baud: 9600, parity: even}");
  EXPECT_EQ(around.asked_for, "/dev/ttyUSB7");
  EXPECT_EQ(around.wire->settings(), (SerialSettings{.baud = 9600, .parity = 'E'}));
  set(147, 4);
  EXPECT_EQ(read(*meter, {"energy_reset_count"}).at("energy_reset_count"), 4);
}

TEST_F(Series4000KTest, WrongBenchSettingsNameTheirPlace) {
  for (const auto* bench : {"{}", "{port: /dev/x, unit: 0}", "{port: /dev/x, baud: 115200}",
                            "{port: /dev/x, parity: mark}", "{port: 'ASRL::5'}", "{port: 'ASRL0', baud: 9600}"}) {
    try {
      make(bench);
      ADD_FAILURE() << bench;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, Fault::malformed) << failure.what();
      EXPECT_THAT(failure.error.where, HasSubstr("bench.yaml:1:")) << failure.what();
    }
  }
}

TEST_F(Series4000KTest, UnknownPointIsRefusedByName) {
  auto meter = make();
  EXPECT_THROW(read(*meter, {"real_power_totl"}), Failure);
  EXPECT_THROW(read(*meter, {"log_window"}), Failure);
  EXPECT_TRUE(around.meter.requests.empty());
}

TEST_F(Series4000KTest, ShippingStateIsWhatTheGuidePrints) {
  const std::vector<std::pair<std::string, double>> printed{{"system_type", 40},
                                                            {"ct_primary", 100},
                                                            {"ct_secondary", 1},
                                                            {"pt_ratio", 1.0},
                                                            {"system_voltage", 600},
                                                            {"display_units", 1},
                                                            {"phase_loss_voltage_threshold", 10},
                                                            {"phase_loss_imbalance_threshold", 25},
                                                            {"pulse_energy", 1000},
                                                            {"demand_subintervals", 1},
                                                            {"demand_subinterval_length", 900}};
  EXPECT_EQ(make()->shipping_state(), printed);
}

TEST_F(Series4000KTest, SlowestPermittedMeterOnTheSlowestLineIsRead) {
  around.port = {.baud = 1200};
  around.meter.baud = 1200;
  around.meter.turnaround = 1s;
  auto meter = make("{port: /dev/ttyUSB7, baud: 1200}");
  set_float(257, 1.5f);
  set_float(345, 2.5f);
  const auto values = read(*meter, {"real_energy_f", "real_energy_c_f"});
  EXPECT_EQ(values.at("real_energy_c_f"), 2.5);
  // 8 and 185 characters of 10 bits at 1200 baud, and the second between them.
  EXPECT_NEAR(in_seconds(clock.now()), 1 + 193 * 10 / 1200.0, 1e-3);
}

TEST_F(Series4000KTest, FramesOfItsOwnMakingGoOutToAnyAddress) {
  auto meter = make();
  Reply reply;
  const auto ask = [&](ModbusBytes frame) { clock.run(store_reply(*meter, std::move(frame), reply)); };
  ask(rtu_frame(meter->unit(), 0x11, {}));
  EXPECT_EQ(reply.kind, Reply::Kind::answer);
  EXPECT_EQ(reply.data.size(), 49u) << "the count, and what it counts";
  ask(rtu_frame(meter->unit(), 0x63, {1, 2}));
  EXPECT_EQ(reply.kind, Reply::Kind::silence) << "a stand-in that does not know a function says nothing";
  ask(rtu_frame(9, 0x03, {0, 0, 0, 1}));
  EXPECT_EQ(reply.kind, Reply::Kind::silence);
  auto spoiled = rtu_frame(meter->unit(), 0x03, {0, 0, 0, 1});
  spoiled.back() ^= 1;
  ask(spoiled);
  EXPECT_EQ(reply.kind, Reply::Kind::silence);
  ask(rtu_frame(meter->unit(), 0x04, {0, 2, 0, 1}));
  EXPECT_EQ(reply.data, (ModbusBytes{2, 0, 14}));
}

TEST_F(Series4000KTest, WriteWhoseConfirmationIsLostIsLookedAtBeforeItIsRepeated) {
  auto meter = make();
  around.wire->set_fault({.kind = sim::LineFaultKind::drop_answer, .times = 1});
  std::vector<std::pair<std::string, double>> points{{"ct_primary", 200}};
  clock.run(meter->write(points));
  ASSERT_EQ(around.meter.requests.size(), 2u);
  EXPECT_EQ(around.meter.requests[0][1], 0x10);
  EXPECT_EQ(around.meter.requests[1][1], 0x03) << "it had been obeyed";
}

TEST_F(Series4000KTest, WriteThatWasLostItselfIsRepeated) {
  auto meter = make();
  around.wire->set_fault({.kind = sim::LineFaultKind::drop_request, .times = 1});
  std::vector<std::pair<std::string, double>> points{{"ct_primary", 200}};
  clock.run(meter->write(points));
  ASSERT_EQ(around.meter.requests.size(), 2u);
  EXPECT_EQ(around.meter.requests[0][1], 0x03);
  EXPECT_EQ(around.meter.requests[1][1], 0x10);
  EXPECT_EQ(around.meter.written.at(130), 200);
}

TEST_F(Series4000KTest, CommandThatIsNotConfirmedIsNotGivenTwice) {
  auto meter = make();
  around.wire->set_fault({.kind = sim::LineFaultKind::drop_answer, .times = 1});
  EXPECT_THROW(clock.run(meter->command("clear_energy")), Failure);
  EXPECT_EQ(around.meter.requests.size(), 1u);
}

TEST_F(Series4000KTest, RefreshIsOnceASecond) {
  EXPECT_EQ(make()->refresh(), 1s);
}

}  // namespace
}  // namespace blondel
