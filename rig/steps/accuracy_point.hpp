#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "references/settings.hpp"
#include "references/standards/limit_table.hpp"
#include "references/standards/power_factor.hpp"

namespace blondel {

/// One load point of a class test, as a plan asks for it.
struct AccuracyPoint {
  double current_ratio{};  ///< I / In, nominal
  PowerFactor power_factor;
  LimitRow limit;     ///< what its standard says
  std::string where;  ///< its place in the plan

  std::string text() const;
};

/// Reads `{current: 0.05 In, power_factor: 0.5 ind}` and finds its limit. @throws Failure(malformed) where it stands,
/// also when the standard has no limit there: no limit is never a pass.
AccuracyPoint read_accuracy_point(const Settings& at, const LimitTable& table);

/// Notes for every band of a class whether one of these points lies in it.
void note_bands(const LimitTable& table, const std::vector<AccuracyPoint>& points, std::map<std::string, bool>& bands);

}  // namespace blondel
