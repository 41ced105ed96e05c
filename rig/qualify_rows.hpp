#pragma once

#include <string>
#include <vector>

#include "drivers/sim/bench/fault_catalogue.hpp"
#include "reports/fault_matrix.hpp"
#include "rig/qualification.hpp"
#include "rig/qualify_case.hpp"

namespace blondel {

/// A fault of one seed on its way to a row of the matrix.
struct SizedFault {
  const sim::CataloguedFault* fault;
  QualifyCase c;
  std::string judged_by;  ///< the measurement that chose its size, or why it has none
};

/// What became of a fault, and which steps alone would have caught it.
/// @param good  what the good meter did at the same seed
FaultRow row_of(const SizedFault& sized, const CaseResult& result, const CaseResult& good,
                const Qualification& promised);

/// What became of a meter that must not fail.
HarmlessRow row_of(const QualifyCase& c, const CaseResult& result);

/// The plan's own step of a name in the record: all passes of a block are one.
std::string block_of(const std::string& step);

}  // namespace blondel
