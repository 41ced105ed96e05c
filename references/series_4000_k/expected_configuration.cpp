#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/series_4000_k/expected_parts.hpp"
#include "references/series_4000_k/pulse_output.hpp"

namespace blondel::series_4000_k {
namespace {

/// Counters roll over after 32767.
Expectation counter(const Circumstances& at, const char* name, int more) {
  const auto before = at.history.before.find(name);
  if (before == at.history.before.end() || !std::isfinite(before->second))
    return no_verdict("nobody knows what it read before");
  return exact({std::fmod(before->second + more, 32768)}, fmt::format("{} more than before", more));
}

/// √3·V·I and its like, told as it is or as whole kilowatts, as the manual prints it; the step of the register and
/// the last bits come on top.
Expectation maximum_system_power(const Configuration& c) {
  const double kilowatts = maximum_power(c.type, c.system_voltage, c.ct_primary).si() / 1000;
  Expectation e;
  e.values.push_back(exactly(kilowatts));
  e.values.push_back(exactly(std::round(kilowatts)));
  e.basis = {"Series 4000-K data sheet", "ZL0138-0A", "maximum system power of type, CT and voltage", "V"};
  return e;
}

Expectation closure(const Configuration& c) {
  const auto most = maximum_power(c.type, c.system_voltage, c.ct_primary);
  std::vector<double> permitted;
  // The meter may compare with a rounded maximum power.
  for (const double factor : {1.0, 0.9995, 1.0005})
    if (const auto chosen = selected_closure(c.per_pulse, most * factor)) {
      const auto ms = static_cast<double>(chosen->count());
      if (std::ranges::find(permitted, ms) == permitted.end()) permitted.push_back(ms);
    }
  if (permitted.empty()) return no_verdict("no closure keeps up with this energy per pulse");
  return exact(std::move(permitted), "longest closure that keeps up with the maximum power");
}

}  // namespace

Expectations expected_configuration(const Circumstances& at) {
  const auto& c = at.conditions.configuration;
  const auto held = [](double value) { return exact({value}, "holds what it was set to"); };
  Expectations told;
  told["command"] = exact({0}, "reads 0");
  told["system_type"] = held(static_cast<double>(static_cast<int>(c.type)));
  told["ct_primary"] = held(c.ct_primary.si());
  told["ct_secondary"] = held(c.ct_secondary);
  told["pt_ratio"] = held(c.pt_ratio);
  told["system_voltage"] = held(c.system_voltage.si());
  told["max_system_power"] = maximum_system_power(c);
  told["display_units"] = held(c.display_units);
  for (const char* name : {"scale_factor_i", "scale_factor_v", "scale_factor_w", "scale_factor_e"})
    told[name] = exact({-4, -3, -2, -1, 0, 1, 2, 3, 4}, "a power of ten from -4 to 4; which one is the meter's choice");
  told["phase_loss_voltage_threshold"] = held(std::round(in_percent(c.phase_loss_drop)));
  told["phase_loss_imbalance_threshold"] = held(std::round(in_percent(c.imbalance)));
  told["pulse_energy"] = held(std::round(in_watt_hours(c.per_pulse)));
  told["pulse_duration"] = closure(c);
  told["energy_reset_count"] = counter(at, "energy_reset_count", at.history.resets);
  told["power_up_count"] = counter(at, "power_up_count", at.history.power_ups);
  told["demand_subintervals"] = held(c.demand_subintervals);
  told["demand_subinterval_length"] = held(static_cast<double>(c.demand_subinterval.count()));
  for (const char* name : {"reserved_136", "reserved_148", "reserved_151", "reserved_154"})
    told[name] = exact({0}, "reserved, returns 0");
  told["output_configuration"] = no_verdict("0 is expected, siblings tell other numbers: recorded only");
  Expectation alerts;
  alerts.alerts = expected_alerts({at.truth, c, at.conditions.ambient, at.lost_before, at.overrun_before});
  alerts.basis = {"Series 4000-K data sheet", "ZL0138-0A", "alert bitmap", "V"};
  told["alert_bitmap"] = std::move(alerts);
  told["firmware_version_os"] = at.firmware ? exact({static_cast<double>(*at.firmware)}, "the version it told before")
                                            : no_verdict("nobody knows the version");
  return told;
}

}  // namespace blondel::series_4000_k
