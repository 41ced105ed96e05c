#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rig/qualify_case.hpp"

namespace blondel {

/// How large a fault in a number is to be, and its harmless twin, in the unit of the probe.
struct FaultSizes {
  double outside{};       ///< the first measurement stands 1.5 of its expanded uncertainties outside its limit
  double inside{};        ///< no measurement stands closer than that inside its own
  std::string judged_by;  ///< the measurement of `outside`
};

/// Chooses the sizes from two runs of the same seed: a good meter, and one with a fault of the size `probe`.
///
/// A measurement's value moves in proportion to the size, or to its square (`power` 2: offset, noise). Only numbers
/// with an uncertainty count, which a tenth of the way to a limit moved, and no integers and no counts: their steps
/// would be taken for the fault's effect, and each integer has a float of the same meaning.
/// @returns nothing where the probe moves no number that has a limit: then no step of the plan can judge the fault.
std::optional<FaultSizes> sizes_for(const CaseResult& good, const CaseResult& probed, double probe, int power);

}  // namespace blondel
