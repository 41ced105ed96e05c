#pragma once

#include <memory>
#include <vector>

#include "rig/step.hpp"

namespace blondel {

/// How many steps a plan may run, those of all passes of its blocks counted.
inline constexpr long long most_steps = 10'000;

/// The steps of a list, blocks replaced by the steps of their passes, in the order in which they run.
///
/// A step of a pass carries the pass before its name: "for_each ct=100 A / expect". Names that the plan gives stand
/// once; steps without a name that would be called the same are numbered.
/// @throws Failure(malformed) with file, line and column: a step that is wrong, a name twice, too many steps.
std::vector<std::unique_ptr<Step>> read_steps(const Settings& list);

}  // namespace blondel
