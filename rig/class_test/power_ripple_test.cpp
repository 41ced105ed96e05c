#include "rig/class_test/power_ripple.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "rig/balanced_load.hpp"

namespace blondel {
namespace {

TEST(PowerRipple, IsNothingUnderABalancedLoadAndKnownForOneElementAlone) {
  auto load = balanced_load(SystemType::wye, Voltage{400}, Current{5}, degrees(60), Frequency{50});
  const double phase_va = 400 / std::numbers::sqrt3 * 5;
  EXPECT_NEAR(power_ripple_s(load, 3 * phase_va * 0.5), 0, 1e-12);
  load.phases[0].current = load.phases[2].current = Current{0};
  // One element at power factor 0.5: amplitude 1 / (4 pi 50 Hz 0.5) = 3.183 ms, its rms 2.251 ms.
  EXPECT_NEAR(power_ripple_s(load, phase_va * 0.5), 2.2508e-3, 1e-6);
}

}  // namespace
}  // namespace blondel
