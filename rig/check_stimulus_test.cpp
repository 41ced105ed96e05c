#include "rig/check_stimulus.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "rig/reference_phasors.hpp"
#include "rig/steps/reference_window.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

/// 200 V and 2.5 A in phase on every line, with 40 % of third harmonic in the current and 75 % in the voltage.
LoadPoint distorted() {
  LoadPoint load{Frequency{60}, {}};
  for (std::size_t k = 0; k < 3; ++k) {
    auto& phase = load.phases[k];
    phase.voltage = Voltage{200};
    phase.voltage_angle = degrees(k == 0 ? 0 : k == 1 ? -120 : 120);
    phase.current = Current{2.5};
    phase.voltage_harmonics = {{3, percent(75), Angle{}}};
    phase.current_harmonics = {{3, percent(40), degrees(60)}};
  }
  return load;
}

/// What a true-rms meter tells of it: 200 V · 1.25, and 2.5 A · sqrt(1.16).
ReferenceReading true_rms() {
  ReferenceReading reading;
  reading.frequency = Frequency{60};
  for (std::size_t k = 0; k < 3; ++k) {
    reading.voltage[k] = Voltage{250};
    reading.current[k] = Current{2.6925824};
    reading.voltage_angle[k] = degrees(k == 0 ? 0 : k == 1 ? -120 : 120);
  }
  return reading;
}

std::string complaint(const LoadPoint& load, const ReferenceReading& reading) {
  try {
    check_stimulus(load, reading);
    return "";
  } catch (const Failure& failure) {
    return failure.error.what;
  }
}

TEST(CheckStimulusTest, TrueRmsOfFundamentalAndHarmonicsIsWhatTheSourceWasSetTo) {
  EXPECT_EQ(complaint(distorted(), true_rms()), "");
}

TEST(CheckStimulusTest, AFundamentalWithoutItsHarmonicsIsNotWhatTheSourceWasSetTo) {
  auto reading = true_rms();
  reading.current[1] = Current{2.5};
  EXPECT_THAT(complaint(distorted(), reading), HasSubstr("phase B has 2.5 A where the source was set to 2.69"));
  reading = true_rms();
  reading.voltage[2] = Voltage{200};
  EXPECT_THAT(complaint(distorted(), reading), HasSubstr("phase C has 200 V where the source was set to 250 V"));
}

TEST(CheckStimulusTest, HarmonicsOfTheLoadMakeThePowerOfTheReferencesReadings) {
  // A phase: 200 V · 2.5 A, and 150 V · 1 A · cos 60° at the third order.
  const auto quantities = phasor_metering(phasors_of(true_rms(), distorted()), SystemType::wye);
  for (const auto& phase : quantities.phase) {
    ASSERT_TRUE(phase);
    EXPECT_NEAR(phase->active.si(), 575, 1e-4);
    EXPECT_NEAR(phase->apparent.si(), 250 * 2.6925824, 1e-9);
  }
}

TEST(CheckStimulusTest, TheShapeOfTheLoadTurnsWithTheReadingsFundamental) {
  // An inductive third of a period at the fundamental is a whole one at the third order.
  auto reading = true_rms();
  for (auto& lag : reading.lag) lag = degrees(120);
  const auto set = phasors_of(reading, distorted(), 20);
  EXPECT_NEAR(std::remainder(std::arg(set.current[0].at(1)) - degrees(-120).si(), 2 * M_PI), 0, 1e-9);
  EXPECT_NEAR(std::remainder(std::arg(set.current[0].at(3)) - degrees(60).si(), 2 * M_PI), 0, 1e-9);
  EXPECT_NEAR(std::abs(set.current[0].at(3)), 20 * 1.0, 1e-6);
}

TEST(CheckStimulusTest, PowerToldTwoWaysMayBeApartByTheUncertaintyAndTheDoubtOfTheHarmonics) {
  // 3 · 575 W; the bound is 100 ppm and 1.9225 % of 3 · 250 V · 2.6925824 A, 39.02 W.
  auto reading = true_rms();
  reading.active_total = ActivePower{1725 + 38.9};
  EXPECT_EQ(two_ways_apart(reading, distorted(), Ratio{100e-6}), std::nullopt);
  reading.active_total = ActivePower{1725 + 39.2};
  EXPECT_THAT(two_ways_apart(reading, distorted(), Ratio{100e-6}).value_or(""), HasSubstr("further apart"));
}

TEST(CheckStimulusTest, OnlyHarmonicsBringDoubtIntoAPower) {
  // A hundredth of 0.75² + 0.4² + 4 · 0.75 · 0.4.
  EXPECT_NEAR(doubt_of_harmonics(distorted()).si(), 0.019225, 1e-12);
  auto plain = distorted();
  for (auto& phase : plain.phases) {
    phase.voltage_harmonics.clear();
    phase.current_harmonics.clear();
  }
  EXPECT_EQ(doubt_of_harmonics(plain).si(), 0);
  EXPECT_EQ(highest_order(plain), 1);
}

}  // namespace
}  // namespace blondel
