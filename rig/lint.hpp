#pragma once

#include <string>
#include <vector>

#include "rig/bench.hpp"
#include "rig/plan.hpp"

namespace blondel {

/// What can be said of a plan on a bench before anything is energised.
struct LintResult {
  Findings findings;
  Duration predicted{};  ///< bench time of the whole run
  int exit_code() const;
};

LintResult lint(const Plan& plan, const Bench& bench);

}  // namespace blondel
