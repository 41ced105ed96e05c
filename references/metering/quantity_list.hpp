#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/metering/quantities.hpp"
#include "references/metering/sampled_metering.hpp"

namespace blondel {

/// One line of a table, one member of a JSON object.
struct NamedQuantity {
  std::string name;             ///< snake_case and stable: "active_power_a", "voltage_ab"
  std::string unit;             ///< "V", "A", "W", "var", "VA", "Hz", "deg"; empty for ratios and power factors
  std::optional<double> value;  ///< nothing where it was not measured or is not defined
  std::string withheld;         ///< then: why. Empty otherwise
};

/// Every quantity of a reading, in a fixed order: lines, elements, totals, three-phase. Quantities without meaning in
/// the service are not listed. An element is called by its voltage where that is not its current's phase:
/// "active_power_a" of v_a·i_a, "active_power_ab" of v_ab·i_a. Angles count from start_angle().
/// @param withheld  why what needs a spectrum is not there, if it is not
std::vector<NamedQuantity> quantity_list(const Quantities& quantities, const std::string& withheld = {});
/// The same of samples, with the reason of the first flag.
std::vector<NamedQuantity> quantity_list(const SampledReading& reading);

/// Every line of every spectrum the service needs: "va_h1", V, and "va_h1_angle", deg; DC is "va_h0", signed and
/// without angle. Angles count from start_angle(): the fundamental of the first channel that lives stands at 0, and
/// order h is turned by h times as much.
std::vector<NamedQuantity> harmonic_list(const PhasorSet& set, Service service);

}  // namespace blondel
