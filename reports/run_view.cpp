#include "reports/run_view.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace blondel {

std::optional<double> MeasurementView::share_of_limit() const {
  if (!value || (!lower && !upper)) return std::nullopt;
  // Two limits stand around a value that is right, and the way begins there.
  if (lower && upper && *lower < *upper) {
    const double middle = (*lower + *upper) / 2, half = (*upper - *lower) / 2, free = resolution.value_or(0);
    const double away = std::abs(*value - middle);
    if (away > half) return away / half;
    if (free >= half) return std::nullopt;
    return std::max(0.0, away - free) / (half - free);
  }
  // One bound alone says where it ends and not where it begins: nobody can tell how far a value inside has gone.
  const bool inside = (!lower || *value >= *lower) && (!upper || *value <= *upper);
  if (inside) return std::nullopt;
  const double limit = lower && *value < *lower ? *lower : *upper;
  return limit * *value > 0 ? std::max(std::abs(*value / limit), std::abs(limit / *value)) : HUGE_VAL;
}

const MeasurementView* PositionView::worst() const {
  const MeasurementView* found = nullptr;
  for (const auto& one : measurements) {
    // What is for information only explains no verdict.
    if (!one.informative.empty()) continue;
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
