#include "drivers/sim/instruments/plant_recorder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

/// A circuit whose reference terminals carry the same all the time, cut into stretches of 100 ms.
class SteadyCircuit final : public Circuit {
 public:
  std::array<blondel::sim::Spectrum, 6> channels;
  double frequency_hz = 50;

  void set(const SetPoint&, Time) override {}
  const SetPoint& target() const override { return point_; }
  bool dead(Time) const override { return false; }
  std::vector<Stretch> at_reference(Time from, Time to) const override {
    std::vector<Stretch> all;
    for (Time t = from; t < to; t += 100ms) all.push_back({t, std::min<Time>(t + 100ms, to), frequency_hz, channels});
    return all;
  }
  void set_control_power(int, bool, Time) override {}
  bool control_power(int, Time) const override { return true; }

 private:
  SetPoint point_;
};

Task<void> fetch(PlantRecorder& recorder, Duration length, Waveform& into) {
  into = co_await recorder.record(length);
}

TEST(PlantRecorder, SamplesTheWaveThatStandsAtTheTerminals) {
  VirtualClock clock;
  SteadyCircuit circuit;
  circuit.frequency_hz = 49.37;
  circuit.channels[ua] = {{0, 3.0}, {1, std::polar(230.0, 0.3)}, {7, std::polar(5.0, -1.2)}};
  circuit.channels[ic] = {{1, std::polar(5.0, 2.0)}};
  PlantRecorder recorder{clock, circuit, {}, {.rate_hz = 2520}};
  Waveform w;
  clock.run(fetch(recorder, 1s, w));
  ASSERT_EQ(w.counts[0].size(), 2520u);
  ASSERT_EQ(w.rate_hz, 2520);
  const double turn = 2 * std::numbers::pi * 49.37;
  for (std::size_t n = 0; n < 2520; ++n) {
    const double t = in_seconds(w.begin.time_since_epoch()) + static_cast<double>(n) / 2520;
    const double va = 3 + std::sqrt(2.0) * (230 * std::cos(turn * t + 0.3) + 5 * std::cos(7 * turn * t - 1.2));
    const double ic_now = std::sqrt(2.0) * 5 * std::cos(turn * t + 2.0);
    ASSERT_NEAR(w.counts[0][n] * w.gain[0], va, 0.51 * w.gain[0]) << n;
    ASSERT_NEAR(w.counts[5][n] * w.gain[5], ic_now, 0.51 * w.gain[5]) << n;
    ASSERT_EQ(w.counts[1][n], 0);
  }
}

TEST(PlantRecorder, StopsAtItsFullScale) {
  VirtualClock clock;
  SteadyCircuit circuit;
  circuit.channels[ib] = {{1, 100.0}};
  PlantRecorder recorder{clock, circuit, {}, {.rate_hz = 10'000}};
  Waveform w;
  clock.run(fetch(recorder, 20ms, w));
  double highest = 0;
  for (const auto count : w.counts[4]) highest = std::max(highest, count * w.gain[4]);
  EXPECT_NEAR(highest, 50, 1e-4);
}

}  // namespace
}  // namespace blondel::sim
