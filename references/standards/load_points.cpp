#include "references/standards/load_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace blondel {
namespace {

constexpr double last_bits = 1e-9;

/// Currents of a row, and why each was chosen.
std::vector<std::pair<double, std::string>> currents(const LimitRow& row, double imax) {
  if (row.from > imax * (1 + last_bits)) return {};
  if (row.with_end && row.below == row.from) return {{row.from, "the row's current"}};
  std::vector<std::pair<double, std::string>> all{{row.from, "lower end of the row"}};
  const double end = row.below.value_or(imax);
  const bool in_inside = row.from < 1 - last_bits && (row.below && !row.with_end ? 1 < end : 1 <= end);
  if (in_inside) all.emplace_back(1.0, "In");
  if (!row.below && imax > row.from * (1 + last_bits) && std::abs(imax - 1) > last_bits) all.emplace_back(imax, "Imax");
  if (row.with_end && row.below && *row.below <= imax && std::abs(*row.below - 1) > last_bits)
    all.emplace_back(*row.below, "upper end of the row");
  return all;
}

std::vector<Angle> lags(const LimitRow& row) {
  if (row.sine) {
    const double lag = *row.sine >= 1 - last_bits ? std::numbers::pi / 2 : std::asin(*row.sine);
    return {Angle{lag}, Angle{-lag}};
  }
  if (row.through) return {row.power_factor.lag(), row.through->lag()};
  return {row.power_factor.lag()};
}

Condition condition(const LimitRow& row, Angle lag, double ratio, double imax) {
  Condition at{row.power_factor, ratio, imax, row.sine};
  if (row.through && lag.si() < 0) at.power_factor = *row.through;
  return at;
}

void add_points(const LimitTable& table, double imax, int element, std::vector<NominalPoint>& all) {
  for (const auto& row : table.rows())
    for (const auto lag : lags(row))
      for (const auto& [ratio, why] : currents(row, imax)) {
        const auto limit = table.limit(condition(row, lag, ratio, imax));
        if (!limit || !limit->same_row(row)) continue;
        all.push_back({table.load_kind(), element, lag, ratio, *limit, row.on_request, why});
      }
}

}  // namespace

std::string NominalPoint::text() const {
  std::string factor;
  if (limit.sine)
    factor = fmt::format("sin {:.6g} {}", *limit.sine, lag.si() > 0 ? "ind" : "cap");
  else if (const auto pf = PowerFactor::of_lag(lag))
    factor = "PF " + show(*pf);
  return fmt::format("{:.6g} In, {}{}", ratio_to_in, factor,
                     element > 0 ? fmt::format(", element {} alone", element) : "");
}

std::vector<NominalPoint> load_points(const Standard& standard, const std::string& class_name, double imax_to_in,
                                      const std::string& connection, int elements) {
  const auto* column = standard.connection(class_name, connection);
  if (column && column->imax) imax_to_in = *column->imax;
  std::vector<NominalPoint> all;
  if (const auto balanced = standard.class_limits(class_name, "balanced", connection))
    add_points(*balanced, imax_to_in, 0, all);
  if (const auto single = standard.class_limits(class_name, "single-phase", connection))
    for (int element = 1; element <= elements; ++element) add_points(*single, imax_to_in, element, all);
  return all;
}

}  // namespace blondel
