#include "references/series_4000_k/readings.hpp"

#include <cmath>
#include <limits>
#include <optional>

namespace blondel::series_4000_k {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

template <class Q>
double value_or_none(const std::optional<Q>& value) {
  return value ? value->si() : none;
}

}  // namespace

std::map<std::string, double> readings(const Quantities& truth, SystemType type) {
  std::map<std::string, double> r;
  const Connection wired = connection(type);
  double kilowatts = 0, kilovars = 0, kilovoltamperes = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const std::string phase(1, "abc"[k]);
    double p = none, q = none, s = none;
    if (wired.element[k] && truth.phase[k]) {
      p = std::abs(truth.phase[k]->active.si()) / 1000;
      q = std::abs(truth.phase[k]->reactive.si()) / 1000;
      s = truth.phase[k]->apparent.si() / 1000;
      kilowatts += p;
      kilovars += q;
      kilovoltamperes += s;
    }
    r["real_power_" + phase + "_f"] = p;
    r["reactive_power_" + phase + "_f"] = q;
    r["apparent_power_" + phase + "_f"] = s;
    r["power_factor_" + phase + "_f"] = p / s;
    r["current_" + phase + "_f"] = value_or_none(truth.current[k]);
    r["voltage_" + phase + "n_f"] = value_or_none(truth.voltage_ln[k]);
  }
  r["voltage_ab_f"] = value_or_none(truth.voltage_ll[0]);
  r["voltage_bc_f"] = value_or_none(truth.voltage_ll[1]);
  r["voltage_ac_f"] = value_or_none(truth.voltage_ll[2]);
  r["voltage_ll_avg_f"] = value_or_none(truth.voltage_ll_average);
  r["voltage_ln_avg_f"] = value_or_none(truth.voltage_ln_average);
  r["current_avg_f"] = truth.current_average.si();
  r["real_power_total_f"] = kilowatts;
  r["reactive_power_total_f"] = kilovars;
  r["apparent_power_total_f"] = kilovoltamperes;
  r["power_factor_total_f"] = kilowatts / kilovoltamperes;
  r["frequency_f"] = truth.frequency.si();
  return r;
}

bool bookkeeping(const std::string& point, SystemType type) {
  if (type != SystemType::delta) return false;
  for (const char* quantity : {"real_power_", "reactive_power_", "apparent_power_", "power_factor_"})
    for (const char* phase : {"a", "b", "c"})
      if (point == quantity + std::string{phase} || point == quantity + std::string{phase} + "_f") return true;
  return false;
}

}  // namespace blondel::series_4000_k
