#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "drivers/sim/firmware/blondel_firmware.h"
#include "drivers/sim/meter/simulated_meter.hpp"
#include "drivers/time/event.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {

// A meter with signals at its inputs and a master on its port, for tests.

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

inline std::string beside_this_program(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

inline Time at(double s) {
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

inline Bytes with_crc(Bytes frame) {
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

inline MeterSettings series_4000_k(int position = 1) {
  MeterSettings settings;
  settings.order = {position, 2};
  settings.build = {beside_this_program("series_4000_k.so"), BuildKind::shared_object};
  settings.serial = "K-" + std::to_string(position);
  return settings;
}

}  // namespace blondel::sim
