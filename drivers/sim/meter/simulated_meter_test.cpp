#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "drivers/sim/meter/meter_on_port.hpp"
#include "drivers/time/together.hpp"
#include "references/error.hpp"

namespace blondel::sim {
namespace {

using testing::HasSubstr;

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

/// The edges of a minute and a half, looked at so often; the supply is gone from 50.3 s to 53 s.
std::string edges_looked_at(Duration every) {
  VirtualClock clock;
  FakeInputs inputs;
  inputs.supply = {{Time{}, true}, {at(50.3), false}, {at(53), true}};
  Port port{clock, inputs, series_4000_k()};
  std::string log;
  const auto script = [](Port& p, Duration pause, std::string& text) -> Task<void> {
    co_await p.clock.pause(2s);
    Bytes ten_wh{1, 6, 0, 143, 0, 10};
    co_await p.ask(std::move(ten_wh));
    while (p.clock.now() < at(90)) {
      co_await p.clock.pause_until(std::min(p.clock.now() + pause, at(90)));
      const auto edges = co_await p.meter->edges(SimulatedMeter::Contact::pulse);
      for (const auto& e : edges)
        text += std::to_string(e.at.time_since_epoch().count()) + (e.closed ? " closed\n" : " open\n");
    }
    const auto energy = co_await p.word(260);
    text += std::to_string(energy) + " in register 260, entered " + std::to_string(p.meter->firmware_entries());
  };
  clock.run(script(port, every, log));
  EXPECT_EQ(port.meter->death(), "");
  return log;
}

TEST(SimulatedMeter, WhetherItIsLeftAloneForLongOrLookedAtOftenItDoesTheSame) {
  const auto often = edges_looked_at(Duration{200'000'000});
  EXPECT_GT(std::ranges::count(often, '\n'), 40);
  // Further than it may be behind, and less.
  EXPECT_EQ(edges_looked_at(88s), often);
  EXPECT_EQ(edges_looked_at(17s), often);
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

std::vector<StampedByte> stamped(const Bytes& bytes, Time begin) {
  std::vector<StampedByte> all;
  for (const auto byte : bytes) {
    begin += 520'833ns;
    all.push_back({begin, byte});
  }
  return all;
}

TEST(SimulatedMeter, ARequestRightBehindAnothersAnswerThatCameLateIsHeardAsAFrameOfItsOwn) {
  VirtualClock clock;
  FakeInputs inputs;
  Port port{clock, inputs, series_4000_k()};
  const auto script = [](Port& p) -> Task<void> {
    co_await p.clock.pause(5s);
    Bytes first{1, 3, 0, 129, 0, 1};
    co_await p.ask(std::move(first));
    co_await p.clock.pause(3s);
    p.answer.clear();
    // Somebody asks unit 3. The meter listens 20 ms ahead, and has been there when unit 3 begins to answer after 1 ms.
    const Time asked = p.clock.now();
    p.meter->receive(stamped(with_crc({3, 3, 0, 0, 0, 25}), asked));
    const Time answered = asked + 6ms;
    Bytes answer(53, 0);
    answer[0] = answer[1] = 3;
    answer[2] = 50;
    auto line = stamped(with_crc(std::move(answer)), answered);
    const Time over = line.back().at;
    for (const auto& byte : stamped(with_crc({1, 3, 0, 129, 0, 1}), over + 1'822'915ns)) line.push_back(byte);
    // As a bus does: everything as soon as it lies 20 ms ahead.
    for (Time now = answered; !line.empty(); now += 5ms) {
      co_await p.clock.pause_until(now);
      const auto rest = std::ranges::find_if(line, [now](const StampedByte& b) { return b.at > now + 20ms; });
      p.meter->receive({line.begin(), rest});
      line.erase(line.begin(), rest);
    }
    co_await p.clock.pause(200ms);
    EXPECT_EQ(p.answer.size(), 7u);
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

}  // namespace
}  // namespace blondel::sim
