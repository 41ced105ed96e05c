#include "rig/balanced_load.hpp"

#include <cmath>
#include <numbers>

namespace blondel {

LoadPoint balanced_load(SystemType system, Voltage system_voltage, Current current, Angle lag, Frequency frequency) {
  LoadPoint load;
  load.frequency = frequency;
  const auto phase = [&](int k, Voltage voltage, double angle_degrees, Current i, Angle behind) {
    auto& p = load.phases[static_cast<std::size_t>(k)];
    p.voltage = voltage;
    p.voltage_angle = degrees(angle_degrees);
    p.current = i;
    p.lag = behind;
  };
  switch (system) {
    case SystemType::one_phase: phase(0, system_voltage, 0, current, lag); break;
    case SystemType::two_wire_ll:
    case SystemType::split_phase:
      // Two legs in opposition. Between two lines the current of B is that of A coming back, which against B's own
      // voltage has the same lag.
      phase(0, system_voltage / 2, 0, current, lag);
      phase(1, system_voltage / 2, 180, current, lag);
      break;
    case SystemType::delta:
    case SystemType::wye:
      for (int k = 0; k < 3; ++k)
        phase(k, system_voltage / std::numbers::sqrt3, k == 0 ? 0 : (k == 1 ? -120 : 120), current, lag);
      break;
  }
  return load;
}

ActivePower balanced_power(SystemType system, Voltage system_voltage, Current current, Angle lag) {
  const double va = system_voltage.si() * current.si();
  const bool three = system == SystemType::delta || system == SystemType::wye;
  return ActivePower{(three ? std::numbers::sqrt3 : 1.0) * va * std::cos(lag.si())};
}

}  // namespace blondel
