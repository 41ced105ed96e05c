#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/fault_matrix.hpp"
#include "rig/qualify_workshop.hpp"

namespace blondel {

/// What a plan is to be proved against.
struct QualifyRequest {
  std::string plan, bench, out;
  std::vector<std::uint64_t> seeds = {1};
  bool good = true, variants = true, twins = true, faults = true;
  std::vector<std::string> only;  ///< names of faults and variants; empty: all
  int position = 1;               ///< whose meter is exchanged and judged
  unsigned processes = 1;
};

/// Runs the plan against the good meter, every permitted reading of the data sheet, and every fault of the catalogue
/// with its harmless twin, and says which step caught what.
///
/// For every seed the good meter and a probe of every fault in a number are run first; the sizes of these faults and of
/// their twins follow from them (see sizes_for).
/// @throws Failure when plan or bench are malformed or refused, or the bench has no simulation section.
FaultMatrix qualify(const QualifyRequest& request, const QualifyWorkshop::Report& report);

}  // namespace blondel
