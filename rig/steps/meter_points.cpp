#include "rig/steps/meter_points.hpp"

#include <fmt/format.h>

#include "references/data_folder.hpp"
#include "references/nearest_name.hpp"
#include "rig/bench.hpp"

namespace blondel {

const RegisterMap& meter_map() {
  static const RegisterMap map = RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string());
  return map;
}

const RegisterPoint& point_named(const Settings& at) {
  const auto name = at.text();
  if (const auto* point = meter_map().find(name)) return *point;
  if (const auto at_word = name.find('$'); at_word != std::string::npos)
    throw at.failure(fmt::format(
        "'{}' stands for nothing here; is there a for_each with that word around it? Where letters follow a "
        "word, it stands in braces: \"${{word}}_f\"",
        name));
  std::vector<std::string> names;
  for (const auto& point : meter_map().points()) names.push_back(point.name);
  const auto near = nearest_name(name, names);
  throw at.failure(
      fmt::format("no register is called '{}'{}", name, near ? "; is it what '" + *near + "' was meant to be?" : ""));
}

bool in_firmware(const RegisterPoint& point, int firmware) {
  return point.after_firmware == 0 || firmware > point.after_firmware;
}

void require_point(const RegisterPoint& point, const std::string& where, const Bench& bench, const Outlook& outlook,
                   Findings& findings) {
  const auto refuse = [&](Fault fault, std::string what) {
    findings.refusals.push_back({fault, where, std::move(what)});
  };
  if (bench.file().meter != "series-4000-k")
    refuse(Fault::incapable, "there is a register map of series-4000-k, none of " + bench.file().meter);
  if (point.system_types.empty() && !point.name.starts_with("reserved_"))
    refuse(Fault::malformed, fmt::format("register {} ({}) is only in the siblings of this meter that keep a log",
                                         point.number, point.name));
  if (!in_firmware(point, outlook.min_firmware))
    refuse(
        Fault::malformed,
        fmt::format("register {} ({}) does not exist up to firmware {:.3f}, and the plan admits {}; newer meters are "
                    "asked for by 'identify: {{min_firmware: {}}}'",
                    point.number, point.name, point.after_firmware / 1000.0,
                    outlook.min_firmware ? fmt::format("{:.3f}", outlook.min_firmware / 1000.0) : "any firmware",
                    point.after_firmware + 1));
}

const std::vector<std::string>& points_for_the_oracle() {
  static const std::vector<std::string> points = {"system_type",
                                                  "ct_primary",
                                                  "ct_secondary",
                                                  "pt_ratio",
                                                  "system_voltage",
                                                  "display_units",
                                                  "scale_factor_i",
                                                  "scale_factor_v",
                                                  "scale_factor_w",
                                                  "scale_factor_e",
                                                  "phase_loss_voltage_threshold",
                                                  "phase_loss_imbalance_threshold",
                                                  "pulse_energy",
                                                  "pulse_duration",
                                                  "demand_subintervals",
                                                  "demand_subinterval_length",
                                                  "power_up_count"};
  return points;
}

}  // namespace blondel
