#pragma once

#include <functional>
#include <string>

#include "references/catalog.hpp"
#include "references/settings.hpp"

namespace blondel {

/// One pass of a block: the steps under its `do`, and what tells it from the other passes ("ct=100 A").
struct Pass {
  std::string text;
  Settings steps;
};

/// Steps that are done more than once. A plan is written with blocks and run without them: every pass becomes steps.
struct StepBlock {
  std::string name;                     ///< the one the plan gave it, or its kind
  std::string where;                    ///< where the plan says how often
  long long passes{};                   ///< how many
  std::function<Pass(long long)> pass;  ///< the n-th, from 0
};

using MakeBlock = std::function<StepBlock(const Settings&)>;
Catalog<MakeBlock>& step_blocks();

}  // namespace blondel
