#include "rig/class_test/class_point.hpp"

#include <fmt/format.h>

#include <cmath>

#include "rig/balanced_load.hpp"

namespace blondel {

std::string ClassPoint::factor() const {
  if (energy == MeteredEnergy::reactive)
    return fmt::format("sin {:.6g} {}", std::abs(std::sin(lag.si())), lag.si() > 0 ? "ind" : "cap");
  return show(value_or_throw(PowerFactor::of_lag(lag)));
}

std::string ClassPoint::load() const {
  return element == 0 ? "balanced" : fmt::format("element {} alone", element);
}

std::string ClassPoint::text() const {
  return fmt::format("{:.6g} In, {}{}{}", current_ratio, energy == MeteredEnergy::active ? "PF " : "", factor(),
                     element == 0 ? "" : ", " + load());
}

bool ClassPoint::same_as(const ClassPoint& other) const {
  return energy == other.energy && element == other.element &&
         std::abs(current_ratio - other.current_ratio) <= 1e-9 * current_ratio &&
         std::abs(lag.si() - other.lag.si()) <= 1e-6;
}

LoadPoint load_of(const ClassPoint& point, const BenchFile& bench, Voltage system_voltage, Frequency frequency) {
  auto load = balanced_load(bench.system, system_voltage, bench.ct_substitute.primary * point.current_ratio, point.lag,
                            frequency);
  if (point.element == 0) return load;
  for (std::size_t k = 0; k < load.phases.size(); ++k)
    if (k + 1 != static_cast<std::size_t>(point.element)) {
      load.phases[k].current = Current{0};
      load.phases[k].lag = Angle{0};
    }
  return load;
}

int elements_of(SystemType system) {
  switch (system) {
    case SystemType::wye: return 3;
    case SystemType::split_phase: return 2;
    case SystemType::one_phase:
    case SystemType::two_wire_ll:
    case SystemType::delta: return 0;
  }
  return 0;
}

double power_of(const LoadPoint& load, MeteredEnergy energy) {
  double sum = 0;
  for (const auto& p : load.phases) {
    const double share = energy == MeteredEnergy::active ? std::cos(p.lag.si()) : std::sin(p.lag.si());
    sum += p.voltage.si() * p.current.si() * share;
  }
  return std::abs(sum);
}

}  // namespace blondel
