#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "references/uncertainty/decision.hpp"
#include "rig/qualification.hpp"
#include "rig/step.hpp"

namespace blondel {

/// What is tested: a plan file, read and checked whole.
struct Plan {
  enum class OnFail { go_on, stop };
  enum class Leave { as_found, shipping };

  std::string name, path, text;
  std::string meter;  ///< the driver of the meters it is written for
  OnFail on_fail{};
  Leave leave{};
  DecisionRule rule{};
  bool overdue_allowed = false;  ///< certificates of the bench that are overdue are told of, not refused
  /// What the predicted bench time must stay within, and where the plan says so.
  struct TimeLimit {
    Duration most;
    std::string where;
  };
  std::optional<TimeLimit> time_limit;
  std::optional<Qualification> qualify;  ///< what it promises to catch
  std::vector<std::unique_ptr<Step>> steps;
};

/// @throws Failure(malformed) with file, line and column.
Plan load_plan(const std::string& path);

}  // namespace blondel
