#include "drivers/sim/meter/simulated_meter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <numbers>

#include "drivers/sim/firmware/blondel_firmware.h"
#include "drivers/sim/meter/link_memory.hpp"
#include "drivers/sim/meter/meter_process.hpp"
#include "drivers/time/event.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "references/error.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using testing::HasSubstr;

std::string beside_this_program(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

Time at(double s) {
  return Time{seconds(s)};
}

/// 230 V and a CT voltage in all phases at 50 Hz, on a crystal with an error; the control power follows a list.
class FakeInputs final : public MeterInputs {
 public:
  double ct_voltage = 0.2, crystal_ppm = 0;
  std::vector<std::pair<Time, bool>> supply{{Time{}, true}};

  double period_ns() const { return 1e9 / BLONDEL_SAMPLES_PER_SECOND / (1 + crystal_ppm * 1e-6); }
  Time instant(std::int64_t sample) const override {
    return Time{Duration{std::llround(static_cast<double>(sample) * period_ns())}};
  }
  std::int64_t first_at(Time t) const override {
    auto n = std::llround(static_cast<double>(t.time_since_epoch().count()) / period_ns()) - 2;
    while (instant(n) < t) ++n;
    return n;
  }
  void samples(std::int64_t first, std::span<std::int32_t> counts) override {
    for (std::size_t k = 0; k < counts.size(); ++k) {
      const double t = in_seconds(instant(first + static_cast<std::int64_t>(k / 6)));
      const double angle = 2 * std::numbers::pi * (50 * t - static_cast<double>(k % 3) / 3);
      const bool voltage = k % 6 < 3;
      const double peak = std::numbers::sqrt2 *
                          (voltage ? 230 / BLONDEL_FULL_SCALE_VOLTAGE : ct_voltage / BLONDEL_FULL_SCALE_CT_VOLTAGE);
      counts[k] = static_cast<std::int32_t>(std::lround(peak * std::cos(angle) * BLONDEL_FULL_SCALE_COUNTS));
    }
  }
  bool powered(Time t) const override {
    bool on = false;
    for (const auto& [when, state] : supply)
      if (when <= t) on = state;
    return on;
  }
  Time next_power_change(Time after) const override {
    for (const auto& [when, state] : supply)
      if (when > after) return when;
    return never;
  }
  double temperature(Time) const override { return 25; }
};

Bytes with_crc(Bytes frame) {
  unsigned crc = 0xFFFF;
  for (const auto byte : frame) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xA001 : 0);
  }
  frame.push_back(crc & 0xFF);
  frame.push_back(crc >> 8);
  return frame;
}

/// A meter and a master on its port.
struct Port {
  Port(Clock& c, FakeInputs& inputs, MeterSettings settings)
      : clock{c}, meter{make_simulated_meter(c, inputs, std::move(settings))}, answered{c, "an answer"} {
    meter->on_transmit([this](std::vector<StampedByte> bytes) {
      answer = std::move(bytes);
      answered.set();
    });
  }

  /// Sends a frame at 19200 baud and waits for the answer's last byte. Empty after a second of silence.
  Task<Bytes> ask(Bytes frame) {
    std::vector<StampedByte> bytes;
    Time t = clock.now();
    for (const auto byte : with_crc(std::move(frame))) bytes.push_back({t += 520833ns, byte});
    answer.clear();
    meter->receive(std::move(bytes));
    const bool there = co_await answered.wait_until(clock.now() + 1s);
    if (!there) co_return Bytes{};
    co_await clock.pause_until(answer.back().at);
    Bytes plain;
    for (const auto& byte : answer) plain.push_back(byte.byte);
    co_return plain;
  }
  Task<int> word(int number) {
    Bytes request{1, 3, static_cast<std::uint8_t>((number - 1) >> 8), static_cast<std::uint8_t>(number - 1), 0, 1};
    const auto got = co_await ask(std::move(request));
    co_return got.size() == 7 ? got[3] << 8 | got[4] : -1;
  }

  Clock& clock;
  std::unique_ptr<SimulatedMeter> meter;
  Event answered;
  std::vector<StampedByte> answer;
};

MeterSettings series_4000_k(int position = 1) {
  MeterSettings settings;
  settings.order = {position, 2};
  settings.build = beside_this_program("series_4000_k.so");
  settings.serial = "K-" + std::to_string(position);
  return settings;
}

MeterSettings test_build(const std::string& name) {
  auto settings = series_4000_k();
  settings.build = beside_this_program("meter_test_builds/" + name + ".so");
  settings.hang_guard = 500ms;
  return settings;
}

TEST(SimulatedMeter, AnswersARequestAtItsOwnInstant) {
  VirtualClock clock;
  FakeInputs inputs;
  Port port{clock, inputs, series_4000_k()};
  const auto script = [](Port& p) -> Task<void> {
    co_await p.clock.pause(5s);
    Bytes request{1, 3, 0, 129, 0, 1};
    const auto answer = co_await p.ask(std::move(request));
    EXPECT_EQ(answer.size(), 7u);
    EXPECT_EQ(p.answer.size(), 7u);
    // 8 characters, 3.5 characters of silence, 8 ms, and the first character of the answer.
    const double expected = 5 + (8 + 3.5 + 1) * 520.833e-6 + 8e-3;
    EXPECT_NEAR(in_seconds(p.answer.front().at), expected, 2e-6);
    EXPECT_NEAR(in_seconds(p.answer.back().at - p.answer.front().at), 6 * 520.833e-6, 1e-6);
    const int type = co_await p.word(130);
    EXPECT_EQ(type, 40);
    const auto lcd = co_await p.meter->lcd();
    EXPECT_THAT(lcd, HasSubstr("SN K-1"));
  };
  clock.run(script(port));
  EXPECT_EQ(port.meter->death(), "");
}

TEST(SimulatedMeter, TheFirmwareIsEnteredForEverySampleOfItsOwnClock) {
  VirtualClock clock;
  FakeInputs inputs;
  inputs.crystal_ppm = 80;
  Port port{clock, inputs, series_4000_k()};
  const auto script = [](Port& p, FakeInputs& in) -> Task<void> {
    for (int n = 0; n < 60; ++n) {
      co_await p.clock.pause(1s);
      co_await p.meter->closed(SimulatedMeter::Contact::alarm);
    }
    EXPECT_EQ(p.meter->firmware_entries(), static_cast<std::uint64_t>(in.first_at(at(60) + 1ns)));
  };
  clock.run(script(port, inputs));
  EXPECT_EQ(port.meter->firmware_entries(), static_cast<std::uint64_t>(std::floor(60 * 2520 * 1.00008)) + 1);
}

TEST(SimulatedMeter, PollingThreeBlocksASecondTakesFewGrants) {
  VirtualClock clock;
  FakeInputs inputs;
  Port port{clock, inputs, series_4000_k()};
  std::uint64_t before = 0;
  const auto script = [](Port& p, std::uint64_t& grants) -> Task<void> {
    co_await p.clock.pause(3s);
    grants = p.meter->grants();
    for (int n = 0; n < 20; ++n) {
      const Time next = p.clock.now() + 1s;
      Bytes integers{1, 3, 0, 0, 0, 52}, settings{1, 3, 0, 128, 0, 26}, floats{1, 3, 1, 0, 0, 90};
      for (auto* request : {&integers, &settings, &floats}) {
        const auto answer = co_await p.ask(std::move(*request));
        EXPECT_GT(answer.size(), 50u);
      }
      co_await p.clock.pause_until(next);
    }
  };
  clock.run(script(port, before));
  EXPECT_LE(static_cast<double>(port.meter->grants() - before) / 20, 7);
}

TEST(SimulatedMeter, PulseEdgesComeInBenchTimeAndInPairs) {
  VirtualClock clock;
  FakeInputs inputs;  // 13.8 kW: with 10 Wh a pulse every 2.608695 s
  Port port{clock, inputs, series_4000_k()};
  const auto script = [](Port& p) -> Task<void> {
    co_await p.clock.pause(2s);
    Bytes ten_wh{1, 6, 0, 143, 0, 10};
    co_await p.ask(std::move(ten_wh));
    co_await p.clock.pause(8s);
    co_await p.meter->edges(SimulatedMeter::Contact::pulse);
    co_await p.clock.pause(100s);
    const auto edges = co_await p.meter->edges(SimulatedMeter::Contact::pulse);
    EXPECT_NEAR(static_cast<double>(edges.size()), 2 * 100 / 2.608695, 3);
    for (std::size_t n = 2; n < edges.size(); ++n) {
      EXPECT_NEAR(in_seconds(edges[n].at - edges[n - 2].at), 2.608695, 4e-4);
      EXPECT_EQ(edges[n].sequence, edges[n - 1].sequence + 1);
      EXPECT_NE(edges[n].closed, edges[n - 1].closed);
      EXPECT_LE(edges[n].at, p.clock.now());
    }
  };
  clock.run(script(port));
}

/// What a master and a contact input see of three meters, as text.
std::string three_meters() {
  VirtualClock clock;
  std::array<FakeInputs, 3> inputs;
  std::vector<std::unique_ptr<Port>> ports;
  std::string log;
  for (int n = 0; n < 3; ++n) {
    inputs[n].crystal_ppm = 20.0 * n;
    inputs[n].ct_voltage = 0.9;
    ports.push_back(std::make_unique<Port>(clock, inputs[n], series_4000_k(n + 1)));
  }
  const auto script = [](Port& p, std::string& text) -> Task<void> {
    co_await p.clock.pause(2s);
    for (int n = 0; n < 10; ++n) {
      Bytes request{1, 3, 1, 0, 0, 40};
      co_await p.ask(std::move(request));
      for (const auto& b : p.answer)
        text += std::to_string(b.at.time_since_epoch().count()) + ":" + std::to_string(b.byte) + " ";
      const auto edges = co_await p.meter->edges(SimulatedMeter::Contact::pulse);
      for (const auto& e : edges) text += "edge " + std::to_string(e.at.time_since_epoch().count()) + "\n";
      text += "grants " + std::to_string(p.meter->grants()) + "\n";
      co_await p.clock.pause(700ms);
    }
  };
  std::vector<Task<void>> scripts;
  for (auto& port : ports) scripts.push_back(script(*port, log));
  clock.run(together(clock, std::move(scripts)));
  return log;
}

TEST(SimulatedMeter, ThreeMetersSideBySideGiveTheSameBytesEachTime) {
  const auto first = three_meters();
  EXPECT_GT(first.size(), 10'000u);
  EXPECT_EQ(first, three_meters());
}

TEST(SimulatedMeter, AShortGapOfControlPowerGoesUnnoticedAndALongOneRestarts) {
  VirtualClock clock;
  FakeInputs inputs;
  inputs.supply = {{Time{}, true}, {at(5), false}, {at(5.08), true}, {at(10), false}, {at(13), true}};
  Port port{clock, inputs, series_4000_k()};
  const auto script = [](Port& p) -> Task<void> {
    co_await p.clock.pause_until(at(3));
    Bytes amperes{1, 6, 0, 130, 0, 200}, volts{1, 6, 0, 133, 1, 0x90};
    co_await p.ask(std::move(amperes));
    co_await p.ask(std::move(volts));
    co_await p.clock.pause_until(at(9));
    int count = co_await p.word(152);
    EXPECT_EQ(count, 1);
    bool alarm = co_await p.meter->closed(SimulatedMeter::Contact::alarm);
    EXPECT_FALSE(alarm);
    co_await p.clock.pause_until(at(11));
    count = co_await p.word(152);
    EXPECT_EQ(count, -1) << "a meter without supply is silent";
    alarm = co_await p.meter->closed(SimulatedMeter::Contact::alarm);
    EXPECT_TRUE(alarm);
    const auto dark = co_await p.meter->lcd();
    EXPECT_EQ(dark, "");
    co_await p.clock.pause_until(at(16));
    count = co_await p.word(152);
    EXPECT_EQ(count, 2);
    const int ct = co_await p.word(131);
    EXPECT_EQ(ct, 200) << "the store outlives the supply";
    const auto edges = co_await p.meter->edges(SimulatedMeter::Contact::alarm);
    // Opens a second after power-up, closes when the reserve is gone, opens again.
    EXPECT_EQ(edges.size(), 3u);
    if (edges.size() != 3) co_return;
    EXPECT_NEAR(in_seconds(edges[1].at), 10.1, 1e-9);
    EXPECT_NEAR(in_seconds(edges[2].at), 14, 0.001);
  };
  clock.run(script(port));
  EXPECT_EQ(port.meter->death(), "");
}

TEST(SimulatedMeter, KeepsUpByItself) {
  VirtualClock clock;
  FakeInputs inputs;
  Port port{clock, inputs, series_4000_k()};
  const auto script = [](Port& p) -> Task<void> {
    std::vector<Task<void>> tasks;
    tasks.push_back(p.meter->keep_up(100ms));
    const auto stop = [](Clock& c) -> Task<void> {
      co_await c.pause(3s);
      throw std::runtime_error{"enough"};
    };
    tasks.push_back(stop(p.clock));
    co_await together(p.clock, std::move(tasks));
  };
  EXPECT_THROW(clock.run(script(port)), std::runtime_error);
  EXPECT_GE(port.meter->firmware_entries(), 2900u * 2520 / 1000);
}

std::string death_of(MeterSettings settings, double after_s = 5) {
  VirtualClock clock;
  FakeInputs inputs;
  Port port{clock, inputs, std::move(settings)};
  const auto script = [](Port& p, double s) -> Task<void> {
    co_await p.clock.pause(seconds(s));
    const int nothing = co_await p.word(130);
    EXPECT_EQ(nothing, -1);
    co_await p.meter->edges(SimulatedMeter::Contact::pulse);
  };
  clock.run(script(port, after_s));
  return port.meter->death();
}

TEST(BadBuild, ThatCrashesIsNamedWithItsSignal) {
  EXPECT_THAT(death_of(test_build("crash")), HasSubstr("crashed with signal 11"));
}
TEST(BadBuild, ThatExitsIsNamedWithItsCode) {
  EXPECT_THAT(death_of(test_build("exit")), HasSubstr("ended its process with exit code 3"));
}
TEST(BadBuild, ThatHangsIsKilled) {
  EXPECT_THAT(death_of(test_build("hang")), HasSubstr("hung"));
}
TEST(BadBuild, WithoutTheSymbolIsRefused) {
  EXPECT_THAT(death_of(test_build("no_symbol")), HasSubstr("does not export blondel_firmware_v1"));
}
TEST(BadBuild, ForAnotherVersionIsRefused) {
  EXPECT_THAT(death_of(test_build("other_version")), HasSubstr("version 99"));
}
TEST(BadBuild, ThatUsesItsStoreBeyondTheEndIsRefused) {
  EXPECT_THAT(death_of(test_build("store_overrun")), HasSubstr("beyond its end"));
}
TEST(BadBuild, ThatIsNotThereIsRefused) {
  EXPECT_THAT(death_of(test_build("nowhere")), HasSubstr("cannot be loaded"));
}
TEST(BadBuild, UnknownVariantsAndValuesAreRefused) {
  auto unknown = series_4000_k();
  unknown.variant["colour"] = "green";
  EXPECT_THAT(death_of(unknown), HasSubstr("does not know the variant 'colour'"));
  auto value = series_4000_k();
  value.variant["baud"] = "1234";
  EXPECT_THAT(death_of(value), HasSubstr("baud"));
}
TEST(BadHost, ThatAnswersGarbageIsKilled) {
  auto settings = series_4000_k();
  settings.host = beside_this_program("meter_test_builds/garbage_host");
  EXPECT_THAT(death_of(settings), HasSubstr("garbage on the link"));
}
TEST(BadHost, ThatIsNotThereIsTheBenchsFault) {
  VirtualClock clock;
  FakeInputs inputs;
  auto settings = series_4000_k();
  settings.host = "/nowhere/blondel-meter-host";
  EXPECT_THROW(make_simulated_meter(clock, inputs, settings), Failure);
}

TEST(MeterProcess, LeavesNoProcessBehind) {
  boost::asio::io_context io;
  LinkMemory memory{16, 16};
  int pid = 0;
  {
    MeterProcess process{io, beside_this_program("blondel-meter-host"), beside_this_program("series_4000_k.so"),
                         memory.descriptor()};
    pid = process.pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

}  // namespace
}  // namespace blondel::sim
