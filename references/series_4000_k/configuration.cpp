#include "references/series_4000_k/configuration.hpp"

#include <cmath>

namespace blondel::series_4000_k {

Result<Configuration> configuration_of(const std::map<std::string, double>& points, const std::string& where) {
  for (const char* name : {"system_type", "ct_primary", "ct_secondary", "pt_ratio", "system_voltage", "display_units",
                           "phase_loss_voltage_threshold", "phase_loss_imbalance_threshold", "pulse_energy",
                           "pulse_duration", "demand_subintervals", "demand_subinterval_length"}) {
    const auto found = points.find(name);
    if (found == points.end() || !std::isfinite(found->second))
      return fail(Fault::malformed, where, std::string{"there is no value of "} + name);
  }
  const auto whole = [&](const char* name) { return std::llround(points.at(name)); };
  const auto type = system_type(whole("system_type"), where);
  if (!type) return tl::unexpected{type.error()};
  Configuration c;
  c.type = *type;
  c.ct_primary = Current{points.at("ct_primary")};
  c.ct_secondary = static_cast<int>(whole("ct_secondary"));
  c.pt_ratio = points.at("pt_ratio");
  c.system_voltage = Voltage{points.at("system_voltage")};
  c.display_units = static_cast<int>(whole("display_units"));
  c.phase_loss_drop = percent(points.at("phase_loss_voltage_threshold"));
  c.imbalance = percent(points.at("phase_loss_imbalance_threshold"));
  c.per_pulse = watt_hours(points.at("pulse_energy"));
  c.closure = std::chrono::milliseconds{whole("pulse_duration")};
  c.demand_subintervals = static_cast<int>(whole("demand_subintervals"));
  c.demand_subinterval = std::chrono::seconds{whole("demand_subinterval_length")};
  return c;
}

}  // namespace blondel::series_4000_k
