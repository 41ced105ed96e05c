#pragma once

#include <string>
#include <vector>

#include "references/metering/connection.hpp"
#include "references/standards/power_factor.hpp"
#include "references/uncertainty/budget.hpp"
#include "rig/bench.hpp"
#include "rig/traceability.hpp"

namespace blondel {

/// One register that is compared with the reference.
struct SheetReading {
  std::string register_name;  ///< "voltage_an_f"
  std::string name;           ///< "voltage_a"
  std::string quantity;       ///< "voltage", "current", "frequency", "power factor"
  std::vector<int> elements;  ///< of the reference, from 1, that its truth comes from

  /// What of the reference's it is held against; of a power factor nothing alone.
  Traceability::Reading of_reference() const;
};

/// The registers of the Series 4000-K that have a value in this wiring at a load: voltages, currents, power factors of
/// the phases, and the frequency.
std::vector<SheetReading> sheet_readings(const LoadPoint& load, SystemType system);

/// What the reference's reading is to be corrected by and doubted for, relative.
struct SheetDoubt {
  double correction{};  ///< truth at the meter over the reference's reading, less 1
  Budget budget{"%"};   ///< of the meter's error in percent: certificates, leads and CT substitute
};

/// Where a register is compared.
struct SheetComparison {
  const Bench& bench;
  const Traceability& traceability;
  LoadPoint load;
  LoadPoint for_ratio;  ///< at which the certificates of the CT substitute are asked
  PowerFactor factor;
};
/// @pre the certificates reach the voltage, the current and the CT substitute there, as lint has seen
SheetDoubt sheet_doubt(const SheetComparison& at, int position, const SheetReading& reading);

}  // namespace blondel
