#include "rig/steps/accuracy_point.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rig/steps/stimulus_settings.hpp"

namespace blondel {

std::string AccuracyPoint::text() const {
  return fmt::format("{} In, PF {}", current_ratio, show(power_factor));
}

AccuracyPoint read_accuracy_point(const Settings& at, const LimitTable& table) {
  const auto ratio_at = at.at("current");
  const auto factor_at = at.at("power_factor");
  AccuracyPoint point;
  point.where = at.where();
  point.current_ratio = read_current_ratio(ratio_at);
  point.power_factor = value_or_throw(parse_power_factor(factor_at.text(), factor_at.where()));
  at.finish();
  const auto limit = table.limit({point.power_factor, point.current_ratio});
  if (!limit)
    throw at.failure(fmt::format("{} sets no limit at {} In and power factor {}", table.standard(), point.current_ratio,
                                 show(point.power_factor)));
  point.limit = *limit;
  return point;
}

void note_bands(const LimitTable& table, const std::vector<AccuracyPoint>& points, std::map<std::string, bool>& bands) {
  for (const auto& row : table.rows()) {
    const auto band = fmt::format("{}, {}: PF {} from {} In {}", table.standard(), row.clause, show(row.power_factor),
                                  row.from, row.below ? fmt::format("to below {} In", *row.below) : "to Imax");
    const bool covered = std::ranges::any_of(points, [&](const AccuracyPoint& p) { return p.limit.same_row(row); });
    bands[band] = bands[band] || covered;
  }
}

}  // namespace blondel
