#include "drivers/sim/meter/supply.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

Time at(Duration d) {
  return Time{d};
}

class Switched final : public MeterInputs {
 public:
  std::vector<std::pair<Time, bool>> changes;
  Time instant(std::int64_t) const override { return {}; }
  std::int64_t first_at(Time) const override { return 0; }
  void samples(std::int64_t, std::span<std::int32_t>) override {}
  bool powered(Time t) const override {
    bool on = false;
    for (const auto& [when, state] : changes)
      if (when <= t) on = state;
    return on;
  }
  Time next_power_change(Time after) const override {
    for (const auto& [when, state] : changes)
      if (when > after) return when;
    return never;
  }
  double temperature(Time) const override { return 25; }
};

/// All changes of the electronics, looked at in steps of any size.
std::vector<std::pair<Duration, bool>> watch(Switched& inputs, Duration step) {
  Supply supply{inputs};
  std::vector<std::pair<Duration, bool>> seen;
  for (Duration t{}; t <= 10s; t += step)
    while (const auto change = supply.next(at(t))) seen.emplace_back(change->at.time_since_epoch(), change->on);
  return seen;
}

TEST(Supply, BridgesGapsUpToItsReserveHoweverItIsWatched) {
  Switched inputs;
  inputs.changes = {{at(1s), true},     {at(2s), false},     {at(2080ms), true}, {at(4s), false},
                    {at(4050ms), true}, {at(4060ms), false}, {at(6s), true},     {at(8s), false}};
  const std::vector<std::pair<Duration, bool>> expected{{1s, true}, {4160ms, false}, {6s, true}, {8100ms, false}};
  for (const Duration step : {Duration{1ms}, Duration{20ms}, Duration{333ms}, Duration{10s}})
    EXPECT_EQ(watch(inputs, step), expected) << step.count();
}

TEST(Supply, IsOffUntilTheControlPowerComes) {
  Switched inputs;
  EXPECT_TRUE(watch(inputs, 100ms).empty());
  inputs.changes = {{at(0s), true}};
  EXPECT_EQ(watch(inputs, 100ms).size(), 1u);
}

}  // namespace
}  // namespace blondel::sim
