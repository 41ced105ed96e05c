#include "references/series_4000_k/pulse_output.hpp"

#include <numbers>
#include <stdexcept>

namespace blondel::series_4000_k {

ActivePower maximum_power(SystemType type, Voltage system_voltage, Current ct_primary) {
  const double product = system_voltage.si() * ct_primary.si();
  switch (type) {
    case SystemType::one_phase:
    case SystemType::two_wire_ll:
    case SystemType::split_phase: return ActivePower{product};
    case SystemType::delta:
    case SystemType::wye: return ActivePower{std::numbers::sqrt3 * product};
  }
  throw std::logic_error{"unknown system type"};
}

ActivePower pulse_capacity(ActiveEnergy per_pulse, std::chrono::milliseconds closure) {
  return ActivePower{per_pulse.si() * 1000.0 / (2.0 * static_cast<double>(closure.count()))};
}

std::optional<std::chrono::milliseconds> selected_closure(ActiveEnergy per_pulse, ActivePower maximum) {
  for (const auto closure : pulse_closures)
    if (pulse_capacity(per_pulse, closure) >= maximum) return closure;
  return std::nullopt;
}

bool overruns(ActiveEnergy per_pulse, std::chrono::milliseconds closure, ActivePower actual) {
  return actual > pulse_capacity(per_pulse, closure);
}

Frequency pulse_rate(ActiveEnergy per_pulse, ActivePower power) {
  return Frequency{power.si() / per_pulse.si()};
}

}  // namespace blondel::series_4000_k
