#include "rig/class_test/power_ripple.hpp"

#include <cmath>
#include <complex>
#include <numbers>

namespace blondel {

double power_ripple_s(const LoadPoint& load, double watts) {
  std::complex<double> pulsating;
  for (const auto& p : load.phases)
    pulsating += std::polar(p.voltage.si() * p.current.si(), 2 * p.voltage_angle.si() - p.lag.si());
  const double omega = 2 * std::numbers::pi * load.frequency.si();
  return std::abs(pulsating) / (2 * omega * watts) / std::numbers::sqrt2;
}

}  // namespace blondel
