#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

constexpr int frequency_bit = 1 << 6;

int bits(MeterOnBench& m, double seconds = 2.1) {
  m.run(seconds);
  return m.word(146);
}

// The factory's system: 600 V, 100 A, 1 V.
TEST(FirmwareAlerts, CurrentBitsWatch120PercentOfTheCt) {
  MeterOnBench m;
  m.run(1.6);
  m.balance(346, 1.19, 0);
  EXPECT_EQ(bits(m), 0);
  m.waves[4] = {{1, MeterOnBench::polar(1.21, -120)}};
  EXPECT_EQ(bits(m), 1 << 4);
}

TEST(FirmwareAlerts, VoltageBitsWatchTheMeasuringRangeAtTheTerminals) {
  MeterOnBench m;
  m.run(1.6);
  m.balance(414, 0.1, 0);
  EXPECT_EQ(bits(m), 0);
  m.balance(417, 0.1, 0);
  EXPECT_EQ(bits(m), 7);
  m.configure(130, 11);
  m.waves[0] = {{1, 359.0}};
  m.waves[1] = {{1, -359.0}};
  EXPECT_EQ(bits(m) & 7, 0) << "718 V line to line";
  m.waves[1] = {{1, -362.0}};
  EXPECT_EQ(bits(m) & 7, 3);
}

TEST(FirmwareAlerts, VoltageBitsCanWatchTheSystemsVoltageOrLowVoltages) {
  MeterOnBench of_system{{{"over_range", "system"}}};
  of_system.run(1.6);
  of_system.configure(134, 208);
  of_system.balance(143, 0.1, 0);
  EXPECT_EQ(bits(of_system), 0);
  of_system.balance(145, 0.1, 0);
  EXPECT_EQ(bits(of_system), 7) << "120 % of 120.1 V are 144.1 V";

  MeterOnBench low{{{"under_range", "alert"}}};
  low.run(1.6);
  low.configure(134, 150);
  low.configure(142, 99);
  low.balance(91, 0.1, 0);
  EXPECT_EQ(bits(low), 0);
  low.balance(89, 0.1, 0);
  EXPECT_EQ(bits(low), 7);
}

TEST(FirmwareAlerts, LowPowerFactorIsJudgedPhaseByPhase) {
  MeterOnBench m;
  m.run(1.6);
  m.balance(346, 0.5, 0);
  m.waves[5] = {{1, MeterOnBench::polar(0.5, 120 - 63.3)}};  // PF 0.45
  EXPECT_EQ(bits(m), 1 << 13);
  m.waves[5] = {{1, MeterOnBench::polar(0.5, 120 - 56.6)}};  // PF 0.55
  EXPECT_EQ(bits(m), 0);
  m.waves[5] = {{1, MeterOnBench::polar(0.009, 120 - 90)}};
  EXPECT_EQ(bits(m), 0) << "below 1 % of the CT";
}

TEST(FirmwareAlerts, LowPowerFactorAtNoLoadAndAtOneHalfAreOpenQuestions) {
  MeterOnBench idle{{{"low_pf_without_load", "alert"}}};
  idle.run(1.6);
  idle.balance(346, 0, 0);
  EXPECT_EQ(bits(idle), 7 << 11);
  // All three CTs one phase further: every current lags by 120 degrees, power factor 0.5.
  for (const auto& [compare, expected] : {std::pair{"strict", 0}, {"inclusive", 7 << 11}}) {
    MeterOnBench swapped{{{"low_pf_compare", compare}}};
    swapped.run(1.6);
    swapped.balance(346, 0.5, 119.9999);
    for (int k = 0; k < 3; ++k)
      for (auto& [order, z] : swapped.waves[3 + k]) z = -z;
    swapped.balance(346, 0.5, 59.9999);
    EXPECT_EQ(bits(swapped), expected) << compare;
  }
}

TEST(FirmwareAlerts, ALostFrequencyShowsInThreeWays) {
  for (const auto& [way, shown] : {std::pair{"qnan", 0x8000}, {"zero", 0}, {"last", 6000}}) {
    SCOPED_TRACE(way);
    MeterOnBench m{{{"frequency_lost", way}}};
    m.run(1.6);
    m.frequency = 60;
    m.balance(346, 0.2, 0);
    EXPECT_EQ(bits(m, 3.1), 0);
    EXPECT_EQ(m.word(26), 6000);
    m.waves[0].clear();
    EXPECT_NE(bits(m, 3) & frequency_bit, 0);
    EXPECT_EQ(m.word(26), shown);
    EXPECT_NEAR(m.real(277), 346 * 20 / 1000.0, 1e-3) << "phase B goes on";
  }
}

TEST(FirmwareAlerts, TheContactIsOpenOnlyWhenAllIsWell) {
  MeterOnBench m;
  EXPECT_TRUE(m.alarm.empty()) << "closed without supply, and until the meter knows better";
  m.balance(346, 0.5, 0);
  m.run(1.01);
  ASSERT_EQ(m.alarm.size(), 1u);
  EXPECT_FALSE(m.alarm.back().closed);
  m.waves[2].clear();
  m.run(2);
  EXPECT_TRUE(m.alarm.back().closed);
  m.balance(346, 0.5, 0);
  m.run(2);
  EXPECT_FALSE(m.alarm.back().closed);
}

TEST(FirmwareAlerts, OtherAlertsCloseTheContactOnlyIfItIsToBeClosedByAny) {
  for (const auto& [cause, closed] : {std::pair{"phase_loss", false}, {"any_alert", true}}) {
    MeterOnBench m{{{"alarm_cause", cause}}};
    m.run(1.6);
    const auto alarm_with = [&](double hertz, double ct_volts, double lag) {
      m.frequency = hertz;
      m.balance(346, ct_volts, lag);
      m.run(3);
      EXPECT_NE(m.word(146), 0);
      return m.alarm_closed();
    };
    EXPECT_EQ(alarm_with(44, 0.5, 0), closed) << cause;
    EXPECT_EQ(alarm_with(60, 1.3, 0), closed) << cause;
    EXPECT_EQ(alarm_with(60, 0.5, 72.5), closed) << cause;
  }
}

TEST(FirmwareAlerts, TheLcdShowsThemAndTheMetersIdentity) {
  MeterOnBench m{{{"serial", "4K-100001"}, {"version", "1021"}, {"reset_system_version", "1007"}}};
  EXPECT_EQ(m.lcd, "BOOT");
  m.balance(200, 1.3, 70);
  m.run(3);
  for (const auto* line : {"ALERT PLOSS LOWPF I OVR\n", "MODEL 4000-K\n", "OS 1.021\n", "RS 1.007\n", "SN 4K-100001\n",
                           "KWh 0.", "HZ 50.000\n", "\U0001F527"})
    EXPECT_NE(m.lcd.find(line), std::string::npos) << line << " in " << m.lcd;
  m.configure(137, 0);
  m.frequency = 30;
  m.balance(346, 0.5, 0);
  m.run(3);
  EXPECT_EQ(m.lcd.find("KPh "), 0u);
  EXPECT_NE(m.lcd.find("HZ ----"), std::string::npos) << "no value on the LCD";
  EXPECT_LE(m.lcd.size(), 255u);
  const bool beats = m.lcd.find("\u2665") != std::string::npos;
  m.run(1);
  EXPECT_NE(m.lcd.find("\u2665") != std::string::npos, beats);
}

}  // namespace
}  // namespace blondel::sim
