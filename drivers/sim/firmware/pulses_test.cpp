#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

// CT voltage per unit of load: 1 V is the rated primary current.
void load(MeterOnBench& m, double watts, int ct_primary) {
  m.balance(346.410, watts / 3 / 346.410 / ct_primary, 0);
}

// Examples of the selection rule for type 40 at 600 V.
TEST(FirmwarePulses, ClosureIsTheLongestThatKeepsUpWithMaximumPower) {
  MeterOnBench m;
  m.run(2);
  const struct {
    int ct, energy, duration;  // 0: refused
  } rows[] = {{34, 10, 500},      {34, 100, 500},  {34, 1000, 500},  {35, 10, 250},  {35, 100, 500},
              {100, 10, 100},     {100, 100, 500}, {173, 10, 100},   {174, 10, 50},  {1732, 10, 10},
              {1732, 100, 100},   {1733, 10, 0},   {1733, 100, 50},  {17320, 10, 0}, {17320, 100, 10},
              {17320, 1000, 100}, {17321, 100, 0}, {17321, 1000, 50}};
  for (const auto& row : rows) {
    m.configure(144, 10000);
    m.configure(131, row.ct);
    EXPECT_EQ(m.write(144, row.energy), row.duration == 0 ? 3 : 0) << row.ct << " A " << row.energy << " Wh";
    m.run(1.5);
    EXPECT_EQ(m.word(144), row.duration == 0 ? 10000 : row.energy);
    if (row.duration != 0) {
      EXPECT_EQ(m.word(145), row.duration) << row.ct << " A " << row.energy << " Wh";
    }
  }
}

TEST(FirmwarePulses, OnePulseForEveryUnitOfEnergyAtTheSampleThatCompletesIt) {
  MeterOnBench m;
  m.run(2);
  m.configure(144, 10);
  load(m, 90'000, 100);  // 2.5 pulses a second, every 400 ms
  m.run(5);
  m.pulses.clear();
  m.run(60);
  ASSERT_NEAR(static_cast<double>(m.pulses.size()), 300, 2);
  for (std::size_t n = 2; n + 1 < m.pulses.size(); n += 2) {
    EXPECT_TRUE(m.pulses[n].closed);
    EXPECT_NEAR(static_cast<double>(m.pulses[n].at_ns - m.pulses[n - 2].at_ns), 400e6, 0.4e6);
    EXPECT_EQ(m.pulses[n + 1].at_ns - m.pulses[n].at_ns, 100'000'000);
  }
}

TEST(FirmwarePulses, SinglePhaseAtLowPowerFactorGivesTheRightNumber) {
  MeterOnBench m;
  m.run(2);
  m.configure(130, 10);
  m.configure(134, 120);
  m.configure(144, 10);
  m.frequency = 59.375;
  m.waves = {};
  m.waves[0] = {{1, 120.0}};
  m.waves[3] = {{1, MeterOnBench::polar(0.9, -75.52248781)}};  // PF 0.25
  m.run(3);
  m.pulses.clear();
  const double energy = m.real(257);
  m.run(1000);
  const double pulses = static_cast<double>(m.pulses.size()) / 2;
  EXPECT_NEAR(pulses, 120 * 90 * 0.25 * 1000 / 3600 / 10, 1.1);
  EXPECT_NEAR(pulses, (m.real(257) - energy) * 100, 1.2);
}

TEST(FirmwarePulses, CountersCountWhatTheContactShows) {
  MeterOnBench m;
  m.run(2);
  m.configure(144, 10);
  load(m, 80'000, 100);
  m.run(100);
  load(m, 0, 100);
  m.run(5);
  EXPECT_EQ(m.pair(43), m.pulses.size() / 2);
  EXPECT_EQ(m.real(337), static_cast<double>(m.pulses.size() / 2));
  EXPECT_EQ(m.pair(45), 0u);
  EXPECT_EQ(m.write(129, 16498), 0);
  m.run(1.5);
  EXPECT_EQ(m.pair(43), 0u);
  EXPECT_GT(m.real(257), 0) << "independent of the energy";
}

TEST(FirmwarePulses, ReactiveEnergyCountsOnTheSecondCounter) {
  MeterOnBench m;
  m.run(2);
  m.configure(144, 10);
  m.balance(346.41, 0.5, 90);
  m.run(101);
  EXPECT_NEAR(m.pair(45), 3 * 346.41 * 50 * 102 / 3600 / 10, 3);
  EXPECT_LE(m.pair(43), 1u);
}

// 600 V, 34 A, 10 Wh: capacity 36 kW, maximum 35.33 kW; 37.1 kW is more than the contact can show.
TEST(FirmwarePulses, OverrunShowsUntilTheBacklogHasBeenSent) {
  MeterOnBench m;
  m.run(2);
  m.configure(131, 34);
  m.configure(144, 10);
  load(m, 35'500, 34);
  m.run(20);
  EXPECT_EQ(m.word(146) & 1 << 14, 0);
  load(m, 37'100, 34);
  m.run(60);
  EXPECT_NE(m.word(146) & 1 << 14, 0);
  m.pulses.clear();
  m.run(20);
  EXPECT_NEAR(static_cast<double>(m.pulses.size()), 40, 2) << "one a second is all the contact can do";
  load(m, 20'000, 34);
  m.run(2);
  EXPECT_NE(m.word(146) & 1 << 14, 0) << "it still owes pulses";
  m.run(20);
  EXPECT_EQ(m.word(146) & 1 << 14, 0);
}

TEST(FirmwarePulses, ConfigurationErrorShowsWhenTheCtOutgrowsThePulse) {
  MeterOnBench m;
  m.run(2);
  m.configure(131, 1731);
  m.configure(144, 10);
  EXPECT_EQ(m.word(146) & 1 << 15, 0);
  m.configure(131, 1734);
  EXPECT_NE(m.word(146) & 1 << 15, 0);
  m.configure(144, 100);
  EXPECT_EQ(m.word(146) & 1 << 15, 0);
}

}  // namespace
}  // namespace blondel::sim
