#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

// The factory's CT: 100 A, 1 V. So a CT voltage is the primary current / 100.
constexpr double per_ampere = 0.01;

void expect_close(double value, double expected, double relative, const char* what) {
  EXPECT_NEAR(value, expected, std::abs(expected) * relative + 1e-9) << what;
}

TEST(FirmwareMetering, WyeWithLaggingLoadReadsClosedForm) {
  MeterOnBench m;
  m.frequency = 60;
  m.balance(277.128, 40 * per_ampere, 60);
  m.run(3);
  expect_close(m.real(261), 3 * 277.128 * 40 * 0.5 / 1000, 2e-6, "P");
  expect_close(m.real(263), 3 * 277.128 * 40 * std::sqrt(0.75) / 1000, 2e-6, "Q");
  expect_close(m.real(265), 3 * 277.128 * 40 / 1000, 2e-6, "S");
  expect_close(m.real(267), 0.5, 2e-6, "PF");
  expect_close(m.real(269), 277.128 * std::sqrt(3), 2e-6, "U LL");
  expect_close(m.real(271), 277.128, 2e-6, "U LN");
  expect_close(m.real(273), 40, 2e-6, "I");
  expect_close(m.real(307), 60, 1e-7, "f");
  for (const int phase : {0, 1, 2}) {
    expect_close(m.real(275 + 2 * phase), 277.128 * 40 * 0.5 / 1000, 2e-6, "P of a phase");
    expect_close(m.real(319 + 2 * phase), 277.128 * 40 * std::sqrt(0.75) / 1000, 2e-6, "Q of a phase");
    expect_close(m.real(287 + 2 * phase), 277.128 * std::sqrt(3), 2e-6, "U LL of a pair");
  }
}

// Case 5 of the metering mathematics: its long-term truth at a frequency that fits nothing.
TEST(FirmwareMetering, DistortedWavesOffNominalReadTheirLongTermTruth) {
  for (const double frequency : {49.37, 61.83}) {
    MeterOnBench m;
    m.run(2);
    m.configure(130, 10);
    m.configure(134, 230);
    m.frequency = frequency;
    const auto p = MeterOnBench::polar;
    m.waves[0] = {{1, p(230, 0)}, {3, p(4.6, 40)}, {5, p(6.9, -60)}, {7, p(3.45, 110)}};
    m.waves[3] = {{1, p(5 * per_ampere, -60)},
                  {3, p(1 * per_ampere, -25)},
                  {5, p(0.6 * per_ampere, 100)},
                  {7, p(0.35 * per_ampere, -150)}};
    m.run(3.2);
    expect_close(m.real(293), 230.175308, 2e-6, "U");
    expect_close(m.real(299), 5.146115, 2e-6, "I");
    expect_close(m.real(261) * 1000, 572.844036, 5e-6, "P");
    expect_close(m.real(263) * 1000, 995.929214, 5e-6, "Q of the fundamental");
    expect_close(m.real(265) * 1000, 1184.508615, 5e-6, "S");
    expect_close(m.real(267), 0.483613, 5e-6, "PF");
    EXPECT_NEAR(m.real(307), frequency, 1e-4);
  }
}

TEST(FirmwareMetering, FrequencyIsRightFromTheSecondSecondOnAndFollowsAStep) {
  for (double frequency = 45.0; frequency <= 65.0; frequency += 1.37) {
    MeterOnBench m;
    m.frequency = frequency;
    m.balance(230, 0.2, 0);
    m.run(2.05);
    EXPECT_NEAR(m.real(307), frequency, 2e-5);
  }
  MeterOnBench m;
  m.balance(230, 0.2, 0);
  m.run(3);
  m.frequency = 51.5;
  m.run(2.5);
  EXPECT_NEAR(m.real(307), 51.5, 1e-3);
}

TEST(FirmwareMetering, FrequencyOutsideItsRangeIsAnAlertAndNoValue) {
  MeterOnBench m;
  m.balance(346, 0.2, 0);
  m.frequency = 44;
  m.run(3);
  EXPECT_EQ(m.word(26), 0x8000);
  EXPECT_EQ(m.pair(307), 0x7FC00000u);
  EXPECT_EQ(m.word(146), 1 << 6);
  m.frequency = 46;
  m.run(3);
  EXPECT_EQ(m.word(26), 4600);
  EXPECT_EQ(m.word(146), 0);
}

TEST(FirmwareMetering, ADeadPhaseALeavesTheOthersRight) {
  MeterOnBench m;
  m.balance(230, 0.2, 60);
  m.waves[0].clear();
  m.run(3);
  EXPECT_EQ(m.word(26), 0x8000);
  expect_close(m.real(321), 230 * 20 * std::sqrt(0.75) / 1000, 1e-5, "Q of phase B");
}

TEST(FirmwareMetering, DeltaHasNoNeutralVoltagesAndTheRightTotal) {
  // Case 3: 208 V, 8 + j6 ohm a phase.
  MeterOnBench m;
  m.run(2);
  m.configure(130, 31);
  m.configure(134, 208);
  m.frequency = 60;
  m.balance(208 / std::sqrt(3), 12.008886 * per_ampere, 36.86989765);
  m.run(3);
  expect_close(m.real(261) * 1000, 3461.12, 5e-6, "P");
  expect_close(m.real(263) * 1000, 2595.84, 5e-6, "Q");
  expect_close(m.real(265) * 1000, 4326.40, 5e-6, "S");
  expect_close(m.real(269), 208, 2e-6, "U LL");
  for (const int number : {8, 19, 20, 21}) EXPECT_EQ(m.word(number), 0x8000) << number;
  EXPECT_EQ(m.pair(271), 0x7FC00000u);
  expect_close(m.real(275) + m.real(277) + m.real(279), m.real(261), 1e-6, "sum of the phases");
}

TEST(FirmwareMetering, SplitPhaseAddsItsTwoLegs) {
  MeterOnBench m;
  m.run(2);
  m.configure(130, 12);
  m.configure(134, 240);
  m.frequency = 60;
  const auto p = MeterOnBench::polar;
  m.waves = {};
  m.waves[0] = {{1, p(121, 0)}};
  m.waves[1] = {{1, p(118, 180)}};
  m.waves[3] = {{1, p(40 * per_ampere, -30)}};
  m.waves[4] = {{1, p(10 * per_ampere, 180 + 20)}};
  m.run(3);
  const double pi = std::numbers::pi;
  expect_close(m.real(261) * 1000, 121 * 40 * std::cos(pi / 6) + 118 * 10 * std::cos(pi / 9), 5e-6, "P");
  expect_close(m.real(263) * 1000, 121 * 40 * std::sin(pi / 6) - 118 * 10 * std::sin(pi / 9), 5e-6, "Q, signs opposed");
  expect_close(m.real(287), 239, 2e-6, "U AB");
  expect_close(m.real(271), 119.5, 2e-6, "mean of the two");
  for (const int number : {12, 15, 17, 18, 21, 24, 33, 36}) EXPECT_EQ(m.word(number), 0x8000) << number;
}

TEST(FirmwareMetering, TwoWireLineToLineUsesTheirDifference) {
  MeterOnBench m;
  m.run(2);
  m.configure(130, 11);
  m.configure(134, 240);
  m.waves = {};
  m.waves[0] = {{1, MeterOnBench::polar(120, 0)}};
  m.waves[1] = {{1, MeterOnBench::polar(120, 180)}};
  m.waves[3] = {{1, MeterOnBench::polar(20 * per_ampere, -60)}};
  m.run(3);
  expect_close(m.real(261) * 1000, 240 * 20 * 0.5, 2e-6, "P");
  expect_close(m.real(263) * 1000, 240 * 20 * std::sqrt(0.75), 2e-6, "Q");
  expect_close(m.real(313) * 1000, 240 * 20, 2e-6, "S");
  for (const int number : {8, 11, 17, 19, 23}) EXPECT_EQ(m.word(number), 0x8000) << number;
}

TEST(FirmwareMetering, AReversedCtChangesNoReading) {
  MeterOnBench m;
  m.balance(230, 0.2, 40);
  for (auto& [order, z] : m.waves[4]) z = -z;
  m.run(4);
  const double pi = std::numbers::pi;
  expect_close(m.real(261), 3 * 230 * 20 * std::cos(40 * pi / 180) / 1000, 2e-6, "P");
  expect_close(m.real(263), 3 * 230 * 20 * std::sin(40 * pi / 180) / 1000, 2e-6, "Q");
  const double before = m.real(257);
  m.run(10);
  EXPECT_GT(m.real(257), before + 0.9 * m.real(261) * 10 / 3600);
}

TEST(FirmwareMetering, RatiosScaleToThePrimarySide) {
  MeterOnBench m;
  m.run(2);
  m.configure(131, 400);
  m.configure(132, 3);
  m.configure(133, 3500);
  m.configure(134, 4160);
  m.balance(68.6, 0.2, 0);
  m.run(2);
  expect_close(m.real(271), 68.6 * 35, 2e-6, "U");
  expect_close(m.real(273), 0.2 * 400 * 3, 2e-6, "I");
  expect_close(m.real(261), 3 * 68.6 * 35 * 240 / 1000, 2e-6, "P");
}

TEST(FirmwareMetering, EnergyIsPowerTimesTimeAndNothingWithoutLoad) {
  MeterOnBench m;
  m.frequency = 49.375;
  m.balance(277, 0.5, 60);
  m.run(5);
  const double start = m.real(257), phase = m.real(341), apparent = m.real(309), reactive = m.real(311);
  const auto from = m.now();
  m.run(600);
  const double seconds = std::round(static_cast<double>(m.now() - from) / 1e9);
  const double power = 277 * 50 * 0.5 / 1000;
  // A second more or less lies between two readings; the reading itself is a 24-bit float.
  EXPECT_NEAR(m.real(257) - start, 3 * power * seconds / 3600, 3 * power * 1.1 / 3600);
  EXPECT_NEAR(m.real(341) - phase, power * seconds / 3600, power * 1.1 / 3600);
  EXPECT_NEAR(m.real(309) - apparent, 6 * power * seconds / 3600, 6 * power * 1.1 / 3600);
  EXPECT_NEAR((m.real(311) - reactive) / (m.real(257) - start), std::sqrt(3), 0.003);
  EXPECT_EQ(m.pair(257), m.pair(259));
  m.balance(277, 0, 0);
  m.run(2);
  const auto idle = m.pair(257);
  m.run(100);
  EXPECT_EQ(m.pair(257), idle);
}

}  // namespace
}  // namespace blondel::sim
