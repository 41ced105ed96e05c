#include "reports/run_view.hpp"

#include <algorithm>
#include <cmath>

namespace blondel {

std::optional<double> MeasurementView::share_of_limit() const {
  if (!value) return std::nullopt;
  // Limits that do not enclose 0 stand around a value that is right, and the way begins there.
  if (lower && upper && *lower < *upper && (*lower > 0 || *upper < 0))
    return std::abs(*value - (*lower + *upper) / 2) / ((*upper - *lower) / 2);
  std::optional<double> share;
  const auto consider = [&](const std::optional<double>& limit, double sign) {
    if (!limit) return;
    // A limit of zero is used up by anything on its far side.
    const double used = *limit * sign > 0 ? *value / *limit : *value * sign > *limit * sign ? HUGE_VAL : 0.0;
    share = std::max(share.value_or(used), used);
  };
  consider(lower, -1.0);
  consider(upper, 1.0);
  return share;
}

const MeasurementView* PositionView::worst() const {
  const MeasurementView* found = nullptr;
  for (const auto& one : measurements) {
    const auto key = [](const MeasurementView& m) { return std::pair{m.verdict, m.share_of_limit().value_or(-1.0)}; };
    if (!found || key(one) > key(*found)) found = &one;
  }
  return found;
}

const StepView* RunView::step(int number) const {
  const auto found = std::ranges::find(steps, number, &StepView::number);
  return found == steps.end() ? nullptr : &*found;
}

bool RunView::has_unverified_limits() const {
  return std::ranges::any_of(positions, [](const PositionView& position) {
    return std::ranges::any_of(position.measurements, &MeasurementView::limit_unverified);
  });
}

}  // namespace blondel
