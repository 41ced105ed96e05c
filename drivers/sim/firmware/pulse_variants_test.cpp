#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

constexpr int overrun_bit = 1 << 14, configuration_bit = 1 << 15;

void load(MeterOnBench& m, double watts, int ct_primary) {
  m.balance(346.410, watts / 3 / 346.410 / ct_primary, 0);
}

// The printed recipe for an overrun: 600 V, CT 34 A, 10 Wh give 500 ms and 36 kW; 37.1 kW are too much.
void bring_to_overrun(MeterOnBench& m) {
  m.run(1.6);
  m.configure(131, 34);
  m.configure(144, 10);
  load(m, 37'100, 34);
  m.run(60);
  EXPECT_NE(m.word(146) & overrun_bit, 0);
}

TEST(FirmwarePulseVariants, AnOverrunIsClearedInFourWays) {
  const struct {
    const char* way;
    bool slower, sent, reset, larger;  // whether the bit is gone after each step of the cure
  } rows[] = {{"capacity", true, true, true, true},
              {"backlog", false, true, true, true},
              {"reset", false, false, true, true},
              {"reset_and_larger_pulse", false, false, false, true}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.way);
    MeterOnBench m{{{"overrun_clear", row.way}}};
    bring_to_overrun(m);
    const auto cleared = [&](double seconds) {
      m.run(seconds);
      return (m.word(146) & overrun_bit) == 0;
    };
    load(m, 20'000, 34);
    EXPECT_EQ(cleared(2), row.slower);
    EXPECT_EQ(cleared(20), row.sent);
    EXPECT_EQ(m.write(129, 30078), 0);
    EXPECT_EQ(cleared(2), row.reset);
    EXPECT_EQ(m.write(144, 100), 0);
    EXPECT_EQ(cleared(2), row.larger || row.reset);
    if (std::string{row.way} == "reset_and_larger_pulse") {
      EXPECT_TRUE(cleared(1)) << "both have been done";
    }
  }
}

TEST(FirmwarePulseVariants, TheSecondPointOfOverrunIsJustAboveMaximumPower) {
  MeterOnBench m;
  m.run(1.6);
  m.configure(131, 173);
  m.configure(144, 10);
  EXPECT_EQ(m.word(145), 100) << "a capacity of 180 kW for 179.79 kW";
  load(m, 179'000, 173);
  m.run(3);
  EXPECT_EQ(m.word(146) & overrun_bit, 0);
  load(m, 1.005 * 179'790, 173);
  m.run(3);
  EXPECT_NE(m.word(146) & overrun_bit, 0);
}

// 600 V, CT 1734 A, 10 Wh: beyond even 10 ms.
TEST(FirmwarePulseVariants, DurationAndConfigurationErrorAreWorkedOutAtThreeTimes) {
  const struct {
    const char* when;
    bool after_ct, after_power_up;
  } rows[] = {{"at_change", true, true}, {"at_write", false, false}, {"at_power_up", false, true}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.when);
    MeterOnBench m{{{"pulse_reevaluate", row.when}}};
    m.run(1.6);
    m.configure(144, 10);
    EXPECT_EQ(m.word(145), 100);
    m.configure(131, 1734);
    EXPECT_EQ((m.word(146) & configuration_bit) != 0, row.after_ct);
    EXPECT_EQ(m.word(145), row.after_ct ? 10 : 100);
    m.cut_power();
    m.run(2);
    EXPECT_EQ((m.word(146) & configuration_bit) != 0, row.after_power_up);
    EXPECT_EQ(m.write(144, 10), 3) << "a write of 144 is always judged";
    m.configure(144, 100);
    EXPECT_EQ(m.word(146) & configuration_bit, 0);
    EXPECT_EQ(m.word(145), 50);
  }
}

// Points that rounding to register 135's unit of 0.1 kW parts: 720.031 kW against the 720 kW of 25 ms, and 1800.030 kW
// against the 1800 kW of 10 ms, the shortest.
TEST(FirmwarePulseVariants, ThePowerComparedIsExactOrAsShown) {
  for (const auto& [compare, duration, refusal] : {std::tuple{"exact", 10, 3}, {"rounded", 25, 0}}) {
    MeterOnBench m{{{"pulse_compare", compare}}};
    m.run(1.6);
    m.configure(134, 90);
    m.configure(131, 4619);
    m.configure(144, 10);
    EXPECT_EQ(m.word(135), 7200) << compare;
    EXPECT_EQ(m.word(145), duration) << compare;
    m.configure(144, 1000);
    m.configure(134, 84);
    m.configure(131, 12372);
    EXPECT_EQ(m.word(135), 18000) << compare;
    EXPECT_EQ(m.write(144, 10), refusal) << compare;
  }
}

TEST(FirmwarePulseVariants, ACtThatOutgrowsThePulseIsAnAlertOrIsRefused) {
  for (const auto& [way, answer] : {std::pair{"alert", 0}, {"refused", 3}}) {
    MeterOnBench m{{{"ct_breaks_pulse", way}}};
    m.run(1.6);
    m.configure(144, 10);
    m.configure(131, 1731);
    EXPECT_EQ(m.write(131, 1734), answer) << way;
    m.run(2);
    EXPECT_EQ(m.word(131), answer == 0 ? 1734 : 1731) << way;
  }
}

TEST(FirmwarePulseVariants, PulsesComeAsTheyAreDueOrInBurstsOnceASecond) {
  for (const auto& [spacing, shortest_ms] : {std::pair{"sample", 249.0}, {"burst", 200.0}}) {
    MeterOnBench m{{{"pulse_spacing", spacing}}};
    m.run(1.6);
    m.configure(144, 10);
    load(m, 144'000, 100);  // 4 pulses a second, of 100 ms
    m.run(5);
    m.pulses.clear();
    m.run(30);
    EXPECT_NEAR(static_cast<double>(m.pulses.size()) / 2, 120, 5) << spacing;
    double least = 1e9;
    for (std::size_t n = 2; n + 1 < m.pulses.size(); n += 2)
      least = std::min(least, static_cast<double>(m.pulses[n].at_ns - m.pulses[n - 2].at_ns) / 1e6);
    EXPECT_NEAR(least, shortest_ms, 2) << spacing;
  }
}

TEST(FirmwarePulseVariants, PulsesOwedAtAPowerCutAreLostOrResumed) {
  for (const auto& [way, resumed] : {std::pair{"lost", false}, {"resumed", true}}) {
    MeterOnBench m{{{"pulse_backlog", way}}};
    bring_to_overrun(m);
    load(m, 48'000, 34);
    m.run(30);  // owes about 10 pulses more
    m.cut_power();
    load(m, 0, 34);
    m.pulses.clear();
    m.run(15);
    EXPECT_EQ(m.pulses.size() / 2 >= 8, resumed) << way << " " << m.pulses.size();
  }
}

TEST(FirmwarePulseVariants, PulsesThatAreResumedAreCountedExactlyOnceInBurstsToo) {
  for (const auto* spacing : {"sample", "burst"}) {
    MeterOnBench m{{{"pulse_backlog", "resumed"}, {"pulse_spacing", spacing}}};
    bring_to_overrun(m);
    m.cut_power();
    load(m, 0, 34);
    m.run(60);
    // 37.1 kW for the minute are 61 pulses; the contact sent some before the cut and the rest after it.
    EXPECT_EQ(m.pair(43), m.pulses.size() / 2) << spacing;
    EXPECT_NEAR(static_cast<double>(m.pulses.size()) / 2 * 0.01, m.real(257), 0.0101) << spacing;
    EXPECT_EQ(m.word(146) & overrun_bit, 0) << spacing;
  }
}

TEST(FirmwarePulseVariants, CountersEnergyAndContactAgreeAcrossAPowerCut) {
  MeterOnBench m;
  m.run(1.6);
  m.configure(144, 10);
  load(m, 90'000, 100);
  for (int cut = 0; cut < 5; ++cut) {
    m.run(20.3 + 0.17 * cut);
    m.cut_power();
  }
  load(m, 0, 100);
  m.run(3);
  const double pulses = static_cast<double>(m.pulses.size()) / 2;
  EXPECT_EQ(m.pair(43), m.pulses.size() / 2);
  EXPECT_NEAR(pulses * 0.01, m.real(257), 0.0101 + 5 * 0.01) << "at most one pulse owed at each cut";
}

}  // namespace
}  // namespace blondel::sim
