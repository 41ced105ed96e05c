#pragma once

#include <string>

#include "references/metering/phasor_metering.hpp"
#include "references/series_4000_k/expected_registers.hpp"
#include "references/uncertainty/budget.hpp"
#include "references/uncertainty/repeatability.hpp"
#include "rig/bench_file.hpp"

namespace blondel {

/// What the truth behind a register is known by.
struct RegisterTruth {
  Quantities quantities;          ///< on the primary side
  series_4000_k::Energies since;  ///< between the two readings
  Ratio reference_uncertainty;    ///< expanded, k = 2, of apparent power; with the doubt of harmonics
  CtSubstitute ct;
  ActiveEnergy per_pulse;
};

/// The doubt about the truth of a point, in its unit: the reference meter, its repeatability where it was read
/// directly, and the CT substitute. The register's own step and the time it counted stand in its limits.
/// @param name   of a float point; an integer has the budget of its float
/// @param spread of the reference's readings of the same quantity, or null
Budget register_budget(const std::string& name, const std::string& unit, const RegisterTruth& truth,
                       const Repeatability* spread);

}  // namespace blondel
