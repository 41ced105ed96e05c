#include "rig/balanced_load.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

namespace blondel {
namespace {

/// Real power of a load by its definition, phase by phase.
double power(const LoadPoint& load) {
  double total = 0;
  for (const auto& p : load.phases) total += p.voltage.si() * p.current.si() * std::cos(p.lag.si());
  return total;
}

std::complex<double> potential(const PhaseLoad& p) {
  return std::polar(p.voltage.si(), p.voltage_angle.si());
}

TEST(BalancedLoadTest, ThreePhasesAt480VoltsLineToLineGiveRootThreeTimesVoltAmperes) {
  const auto load = balanced_load(SystemType::wye, Voltage{480}, Current{5}, degrees(60), Frequency{60});
  EXPECT_NEAR(power(load), 2078.4609690826527, 1e-9);  // sqrt(3) · 480 · 5 · 0.5
  EXPECT_NEAR(std::abs(potential(load.phases[0]) - potential(load.phases[1])), 480, 1e-9);
  EXPECT_NEAR(std::abs(potential(load.phases[2]) - potential(load.phases[0])), 480, 1e-9);
  EXPECT_NEAR(in_degrees(load.phases[1].voltage_angle), -120, 1e-12) << "positive sequence: B follows A";
}

TEST(BalancedLoadTest, PowerIsThatOfTheLoadInEverySystemType) {
  for (const auto system :
       {SystemType::one_phase, SystemType::two_wire_ll, SystemType::split_phase, SystemType::delta, SystemType::wye}) {
    const auto load = balanced_load(system, Voltage{240}, Current{2}, degrees(-36.8698976458), Frequency{50});
    EXPECT_NEAR(power(load), balanced_power(system, Voltage{240}, Current{2}, degrees(-36.8698976458)).si(), 1e-9)
        << static_cast<int>(system);
  }
}

TEST(BalancedLoadTest, SplitPhaseHasHalfTheVoltageOnEitherLeg) {
  const auto load = balanced_load(SystemType::split_phase, Voltage{240}, Current{2}, degrees(0), Frequency{60});
  EXPECT_DOUBLE_EQ(load.phases[0].voltage.si(), 120);
  EXPECT_NEAR(std::abs(potential(load.phases[0]) - potential(load.phases[1])), 240, 1e-9);
  EXPECT_EQ(load.phases[2].voltage.si(), 0);
}

}  // namespace
}  // namespace blondel
