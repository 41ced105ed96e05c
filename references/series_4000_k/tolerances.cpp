#include "references/series_4000_k/tolerances.hpp"

#include <cmath>

namespace blondel::series_4000_k {
namespace {

/// A quotient that misses an end of a range by its last bits stands on it.
constexpr double last_bits = 1e-9;

bool within(double value, double from, double to) {
  return value >= from * (1 - last_bits) && value <= to * (1 + last_bits);
}

std::optional<Ratio> with_temperature(double tolerance_percent, Temperature ambient) {
  const double t = ambient.si();
  if (!(t >= -30 && t <= 70)) return std::nullopt;
  return percent(tolerance_percent + 0.015 * std::abs(t - 25));
}

}  // namespace

std::optional<Ratio> voltage_tolerance(Voltage line_to_neutral, Temperature ambient) {
  if (!within(line_to_neutral.si(), 90, 600 / std::numbers::sqrt3)) return std::nullopt;
  return with_temperature(0.4, ambient);
}

std::optional<Ratio> current_tolerance(double load, Temperature ambient) {
  if (within(load, 0.05, 1)) return with_temperature(0.4, ambient);
  if (within(load, 0.01, 0.05)) return with_temperature(0.8, ambient);
  return std::nullopt;
}

}  // namespace blondel::series_4000_k
