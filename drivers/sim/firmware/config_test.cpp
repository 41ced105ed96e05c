#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

class FirmwareConfig : public testing::Test {
 protected:
  FirmwareConfig() { m.run(2); }
  MeterOnBench m;
};

TEST_F(FirmwareConfig, BeginsWithTheFactorysValues) {
  const std::map<int, int> factory{{130, 40}, {131, 100}, {132, 1},    {133, 100}, {134, 600}, {137, 1},
                                   {142, 10}, {143, 25},  {144, 1000}, {145, 500}, {149, 1},   {150, 900}};
  for (const auto& [number, value] : factory) EXPECT_EQ(m.word(number), value) << number;
}

TEST_F(FirmwareConfig, RefusesWhatTheGuideForbidsAndKeepsTheOldValue) {
  const std::pair<int, int> bad[] = {{130, 20}, {131, 0}, {131, 32001}, {132, 2}, {133, 0},    {134, 661}, {134, 81},
                                     {137, 2},  {142, 0}, {142, 100},   {143, 0}, {143, 100},  {144, 500}, {149, 0},
                                     {149, 7},  {150, 5}, {150, 32768}, {129, 1}, {129, 16640}};
  for (const auto& [number, value] : bad) {
    const int before = m.word(number);
    EXPECT_EQ(m.write(number, value), 3) << number << " := " << value;
    m.run(1);
    EXPECT_EQ(m.word(number), before) << number;
  }
  for (const auto& [number, value] : {std::pair{135, 1}, {138, 1}, {145, 100}, {146, 0}, {152, 0}, {154, 0}})
    EXPECT_EQ(m.write(number, value), 2) << number << " is read-only";
}

TEST_F(FirmwareConfig, AcceptsTheEndsOfEveryRange) {
  for (const auto& [number, value] :
       {std::pair{134, 660}, {134, 82}, {142, 1}, {142, 99}, {143, 99}, {149, 6}, {150, 10}, {150, 0}, {131, 5}}) {
    EXPECT_EQ(m.write(number, value), 0) << number << " := " << value;
    m.run(1.5);
    EXPECT_EQ(m.word(number), value);
  }
}

TEST_F(FirmwareConfig, VoltageIsJudgedByThePtRatioOfTheSameRequestAndAllOrNothing) {
  // 4160 V is legal with 35:1 and not with 1:1.
  EXPECT_EQ(m.write(134, 4160), 3);
  EXPECT_EQ(m.ask({1, 0x10, 0, 0x84, 0, 2, 4, 0x0D, 0xAC, 0x10, 0x40}).size(), 8u);
  m.run(1.5);
  EXPECT_EQ(m.word(133), 3500);
  EXPECT_EQ(m.word(134), 4160);
  // The second value is bad: the first is not taken either.
  EXPECT_EQ(m.ask({1, 0x10, 0, 0x84, 0, 2, 4, 0x00, 0x64, 0x10, 0x40}).size(), 5u);
  m.run(1.5);
  EXPECT_EQ(m.word(133), 3500);
}

TEST_F(FirmwareConfig, MaximumPowerFollowsTheTable) {
  const struct {
    int type, volts, amperes;
    double kilowatts;
  } rows[] = {{10, 120, 100, 12.0},     {11, 240, 100, 24.0},     {12, 240, 200, 48.0},
              {40, 600, 100, 103.9230}, {31, 480, 200, 166.2769}, {40, 208, 400, 144.1067}};
  for (const auto& row : rows) {
    m.configure(130, row.type);
    m.configure(131, row.amperes);
    m.configure(134, row.volts);
    const double unit = std::pow(10, m.exponent(140));
    EXPECT_NEAR(m.word(135) * unit, row.kilowatts, 0.51 * unit) << row.type;
  }
}

TEST_F(FirmwareConfig, TheStoreOutlivesASupplyFailureAndReadingsDoNot) {
  m.configure(131, 200);
  m.configure(134, 480);
  m.balance(277, 0.5, 30);
  m.run(100);
  EXPECT_EQ(m.word(152), 1);
  EXPECT_EQ(m.write(129, 30078), 0);
  m.run(100);
  const double energy = m.real(257);
  const auto pulses = m.pair(43);
  EXPECT_GT(energy, 1);
  m.power_fail();
  m.power_up();
  m.waves = {};
  m.run(2);
  EXPECT_EQ(m.word(131), 200);
  EXPECT_EQ(m.word(134), 480);
  EXPECT_EQ(m.word(147), 1);
  EXPECT_EQ(m.word(152), 2);
  EXPECT_NEAR(m.real(257), energy, energy * 0.01);
  EXPECT_GE(m.pair(43), pulses);
  EXPECT_EQ(m.real(261), 0);
}

TEST_F(FirmwareConfig, ClearingEnergyLeavesPulseCountersAlone) {
  m.configure(144, 10);
  m.balance(346, 0.8, 0);
  m.run(60);
  const auto pulses = m.pair(43);
  EXPECT_GT(pulses, 50u);
  EXPECT_EQ(m.write(129, 30078), 0);
  m.waves = {};
  m.run(3);
  EXPECT_LT(m.real(257), 0.1);
  EXPECT_EQ(m.pair(27), 0u);
  EXPECT_GE(m.pair(43), pulses);
}

// Three sub-intervals with means of 60, 30, 90 and 0: 60 after three, 40 after four. Here of 10 s each.
TEST_F(FirmwareConfig, RollingDemandIsTheMeanOfItsSubintervals) {
  m.configure(150, 10);
  const auto load = [&](double kw) { m.balance(300, kw / 3 * 1000 / 300 / 100, 0); };
  m.run(1.0 - static_cast<double>(m.now() % 1'000'000'000) / 1e9);
  EXPECT_EQ(m.write(149, 3), 0);
  m.run(1.0 - static_cast<double>(m.now() % 1'000'000'000) / 1e9);
  for (const double kw : {60.0, 30.0, 90.0}) {
    load(kw);
    m.run(10);
  }
  load(0);
  m.run(0.5);
  EXPECT_NEAR(m.real(325), 60, 0.2);
  m.run(10);
  EXPECT_NEAR(m.real(325), 40, 0.2);
  EXPECT_NEAR(m.real(331), 60, 0.2) << "the maximum stays";
  m.run(30);
  EXPECT_EQ(m.write(129, 21212), 0);
  m.run(1.5);
  EXPECT_NEAR(m.real(331), 0, 0.01);
}

TEST_F(FirmwareConfig, DemandByCommandClosesWhenAsked) {
  m.configure(150, 0);
  m.configure(149, 3);
  m.balance(300, 0.2, 0);  // 18 kW
  m.run(60);
  EXPECT_EQ(m.write(129, 21211), 0);
  m.run(1.5);
  const double first = m.real(325);
  EXPECT_GT(first, 17);
  m.balance(300, 0.1, 0);
  m.run(3);
  EXPECT_EQ(m.write(129, 21211), 0);
  m.run(1.5);
  EXPECT_EQ(m.real(325), first) << "less than 10 s after the one before";
  m.run(10);
  EXPECT_EQ(m.write(129, 21211), 0);
  m.run(1.5);
  EXPECT_NEAR(m.real(325), 9, 0.8);
}

// Points clear of the limit and of its rounding: 480 V, 10 %.
TEST_F(FirmwareConfig, PhaseLossFollowsTheVoltageRuleAndDrivesTheAlarm) {
  m.configure(134, 480);
  m.balance(277.1, 0.1, 0);
  m.run(3);
  EXPECT_EQ(m.word(146) & 0x700, 0);
  ASSERT_FALSE(m.alarm.empty());
  EXPECT_FALSE(m.alarm.back().closed);
  m.waves[1] = {{1, MeterOnBench::polar(240, -120)}};
  m.run(3);
  EXPECT_NE(m.word(146) & 0x200, 0);
  EXPECT_TRUE(m.alarm.back().closed);
  m.balance(433.0 / std::sqrt(3), 0.1, 0);
  m.run(3);
  EXPECT_EQ(m.word(146) & 0x700, 0);
  m.balance(431.0 / std::sqrt(3), 0.1, 0);
  m.run(3);
  EXPECT_EQ(m.word(146) & 0x700, 0x700);
}

TEST_F(FirmwareConfig, ImbalanceAloneIsFoundWithTheVoltageRuleOpened) {
  m.configure(134, 480);
  m.configure(142, 99);
  m.configure(143, 20);
  m.balance(277.1, 0.1, 0);
  m.waves[2] = {{1, MeterOnBench::polar(277.1 * 0.9, -240)}};
  m.run(3);
  EXPECT_EQ(m.word(146) & 0x700, 0);
  m.waves[2] = {{1, MeterOnBench::polar(277.1 * 0.7, -240)}};
  m.run(3);
  EXPECT_NE(m.word(146) & 0x400, 0);
}

TEST_F(FirmwareConfig, OtherAlertsFollowTheirCauseAndLeaveTheAlarmOpen) {
  m.balance(346, 1.3, 0);
  m.run(3);
  EXPECT_EQ(m.word(146), 7 << 3);
  m.balance(346, 0.5, 63.3);  // PF 0.45
  m.run(3);
  EXPECT_EQ(m.word(146), 7 << 11);
  EXPECT_FALSE(m.alarm.back().closed);
  m.balance(346, 0.5, 56.6);  // PF 0.55
  m.run(3);
  EXPECT_EQ(m.word(146), 0);
  EXPECT_NE(m.lcd.find("KWh"), std::string::npos);
}

}  // namespace
}  // namespace blondel::sim
