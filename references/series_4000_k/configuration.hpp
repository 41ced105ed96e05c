#pragma once

#include <chrono>
#include <map>
#include <string>

#include "references/error.hpp"
#include "references/metering/connection.hpp"
#include "references/quantity.hpp"

namespace blondel::series_4000_k {

/// How a Series 4000-K is set up: registers 130 to 150 in the words of the trade, as shipped unless said otherwise.
struct Configuration {
  SystemType type = SystemType::wye;             ///< 130
  Current ct_primary{100};                       ///< 131
  int ct_secondary = 1;                          ///< 132: 1 = 1 V, 3 = 1/3 V
  double pt_ratio = 1;                           ///< 133, divided by 100
  Voltage system_voltage{600};                   ///< 134, primary: between lines, in system type 10 line to neutral
  int display_units = 1;                         ///< 137: 0 = IEC, 1 = IEEE
  Ratio phase_loss_drop = percent(10);           ///< 142
  Ratio imbalance = percent(25);                 ///< 143
  ActiveEnergy per_pulse = watt_hours(1000);     ///< 144
  std::chrono::milliseconds closure{500};        ///< 145, as the meter chose it
  int demand_subintervals = 1;                   ///< 149
  std::chrono::seconds demand_subinterval{900};  ///< 150; 0 = closed by command
  bool operator==(const Configuration&) const = default;
};

/// From what the points of registers 130 to 150 hold, by the names of the register map and in its units.
/// @returns an Error (malformed) at `where` for a point that is missing or a system type there is not.
Result<Configuration> configuration_of(const std::map<std::string, double>& points, const std::string& where);

}  // namespace blondel::series_4000_k
