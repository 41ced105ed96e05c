#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

// What the inputs do with ranges, harmonics, temperature, and CTs the wrong way round.

TEST(FirmwareInputs, ReadTwentyPercentBeyondTheirRangeInBothCtModes) {
  for (const auto& [secondary, ct_volts] : {std::pair{1, 1.2}, {3, 0.4}}) {
    MeterOnBench m;
    m.run(1.6);
    m.configure(132, secondary);
    m.balance(415, ct_volts, 0);
    m.run(2.1);
    EXPECT_NEAR(m.real(299), 120, 120e-6) << secondary;
    EXPECT_NEAR(m.real(293), 415, 415e-6) << secondary;
    EXPECT_EQ(m.word(22), 12000) << "still within 16 bits";
    EXPECT_EQ(m.word(7), std::lround(415 * std::sqrt(3) * 10));
  }
}

TEST(FirmwareInputs, OneThirdVoltIsAThirdOrIs333Millivolts) {
  for (const auto& [label, amperes] : {std::pair{"1/3", 99.9}, {"0.333", 100.0}}) {
    MeterOnBench m{{{"one_third_volt", label}}};
    m.run(1.6);
    m.configure(132, 3);
    m.balance(300, 0.333, 0);
    m.run(2.1);
    EXPECT_NEAR(m.real(299), amperes, 1e-3) << label;
  }
}

TEST(FirmwareInputs, EveryHarmonicToTheTwentiethCountsInRmsAndPower) {
  MeterOnBench m;
  m.frequency = 60;
  m.waves[0] = {{1, 230.0}};
  m.waves[3] = {{1, 0.5}};
  double uu = 230 * 230, ii = 50 * 50, watts = 230 * 50;
  for (int order = 2; order <= 20; ++order) {
    m.waves[0][order] = MeterOnBench::polar(4, 17.0 * order);
    m.waves[3][order] = MeterOnBench::polar(0.02, 31.0 * order);
    uu += 16;
    ii += 4;
    watts += 8 * std::cos(14.0 * order * std::numbers::pi / 180);
  }
  m.run(2.1);
  EXPECT_NEAR(m.real(293), std::sqrt(uu), 1e-3);
  EXPECT_NEAR(m.real(299), std::sqrt(ii), 1e-3);
  EXPECT_NEAR(m.real(275) * 1000, watts, 0.05);
}

// 42 samples a cycle: order 43 lands on the fundamental and 41 on its mirror image.
TEST(FirmwareInputs, WhatLiesBeyondHalfTheSamplingRateIsAliasedAndNotHidden) {
  for (const auto& [order, degrees, expected] :
       {std::tuple{43, 0.0, 232.3}, {43, 180.0, 227.7}, {41, 0.0, 232.3}, {41, 180.0, 227.7}}) {
    MeterOnBench m;
    m.frequency = 60;
    m.waves[0] = {{1, 230.0}, {order, MeterOnBench::polar(2.3, degrees)}};
    m.run(2.1);
    EXPECT_NEAR(m.real(293), expected, 2e-3) << order << " at " << degrees;
  }
  // At 50 Hz there are 50.4 samples a cycle: the 26th stands beside the grid and only adds to the rms.
  MeterOnBench m;
  m.waves[0] = {{1, 230.0}, {26, 23.0}};
  m.run(2.1);
  EXPECT_NEAR(m.real(293), std::hypot(230, 23), 2e-3);
}

TEST(FirmwareInputs, TemperatureMovesAUnitThatHasSuchAnError) {
  for (const auto& [celsius, volts, amperes] :
       {std::tuple{25.0, 300.0, 50.0}, {70.0, 300 * 1.00675, 50 * 0.99775}, {-30.0, 300 * 0.99175, 50 * 1.00275}}) {
    MeterOnBench m{{{"temperature_voltage_ppm_per_k", "150"}, {"temperature_current_ppm_per_k", "-50"}}};
    m.temperature_c = celsius;
    m.balance(300, 0.5, 0);
    m.run(4);
    EXPECT_NEAR(m.real(293), volts, 1e-3) << celsius;
    EXPECT_NEAR(m.real(299), amperes, 1e-3) << celsius;
    EXPECT_NEAR(m.real(261), 3 * volts * amperes / 1000, 1e-3) << celsius;
    const double before = m.real(257);
    const auto from = m.now();
    m.run(100);
    const double hours = static_cast<double>(m.now() - from) / 3.6e12;
    EXPECT_NEAR((m.real(257) - before) / hours, 3 * volts * amperes / 1000, 0.6) << celsius << ", energy follows";
  }
}

TEST(FirmwareInputs, TotalsWithAReversedCtAreThreePhasesOrOne) {
  for (const auto& [reading, phases_seen] : {std::pair{"sum_of_absolutes", 3.0}, {"absolute_of_sum", 1.0}}) {
    SCOPED_TRACE(reading);
    MeterOnBench m{{{"reversed_total", reading}}};
    m.run(1.6);
    m.configure(144, 10);
    m.frequency = 60;
    m.balance(300, 0.5, 30);
    for (auto& [order, z] : m.waves[4]) z = -z;
    m.run(4);
    const double active = 300 * 50 * std::sqrt(0.75) / 1000, reactive = 300 * 50 * 0.5 / 1000;
    EXPECT_NEAR(m.real(261), phases_seen * active, 1e-3);
    EXPECT_NEAR(m.real(263), phases_seen * reactive, 1e-3);
    EXPECT_NEAR(m.real(265), 45, 1e-3) << "apparent power has no sign";
    EXPECT_NEAR(m.real(277), active, 1e-3) << "the phase itself is unsigned either way";
    m.pulses.clear();
    const double before = m.real(257);
    m.run(120);
    const double wh = phases_seen * active * 1000 * 120 / 3600;
    EXPECT_NEAR((m.real(257) - before) * 1000, wh, wh * 0.02);
    EXPECT_NEAR(static_cast<double>(m.pulses.size()) / 2 * 10, wh, 30) << "and the contact shows the same";
  }
}

TEST(FirmwareInputs, AveragesAreOverTheValidPhasesOrOverThree) {
  for (const auto& [averages, share] : {std::pair{"valid", 1.0}, {"thirds", 2.0 / 3}}) {
    MeterOnBench m{{{"averages", averages}}};
    m.run(1.6);
    m.configure(130, 12);
    m.waves = {};
    m.waves[0] = {{1, 120.0}};
    m.waves[1] = {{1, -120.0}};
    m.waves[3] = m.waves[4] = {{1, 0.5}};
    m.run(2.1);
    EXPECT_NEAR(m.real(271), 120 * share, 1e-3) << averages;
    EXPECT_NEAR(m.real(273), 50 * share, 1e-3) << averages;
  }
}

TEST(FirmwareInputs, AWaveOutsideTheSearchIsNoFrequency) {
  for (const double hertz : {30.0, 38.0, 71.0, 100.0}) {
    MeterOnBench m;
    m.frequency = hertz;
    m.balance(300, 0.1, 0);
    m.run(3.1);
    EXPECT_EQ(m.word(26), 0x8000) << hertz;
    EXPECT_NE(m.word(146) & 1 << 6, 0) << hertz;
  }
}

TEST(FirmwareInputs, FrequencyFollowsAnyStepWithinTwoSeconds) {
  MeterOnBench m;
  for (const int from : {45, 50, 60})
    for (int to = 45; to <= 65; ++to) {
      m.frequency = from;
      m.balance(300, 0.1, 0);
      m.run_to_end_of_second();
      m.run_to_end_of_second();
      m.frequency = to;
      m.run_to_end_of_second();
      m.run_to_end_of_second();
      EXPECT_NEAR(m.real(307), to, 0.005) << "from " << from;
    }
}

}  // namespace
}  // namespace blondel::sim
