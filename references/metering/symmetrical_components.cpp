#include "references/metering/symmetrical_components.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace blondel {

SymmetricalComponents symmetrical_components(const std::array<std::complex<double>, 3>& phasors) {
  const auto& [a, b, c] = phasors;
  const std::complex<double> third{-0.5, std::sqrt(0.75)};  // a turn of 120 degrees
  const std::complex<double> back = std::conj(third);
  return {(a + b + c) / 3.0, (a + third * b + back * c) / 3.0, (a + back * b + third * c) / 3.0};
}

Rotation rotation(const SymmetricalComponents& voltage) {
  const double forward = std::abs(voltage.positive), backward = std::abs(voltage.negative);
  if (backward < 0.8 * forward) return Rotation::abc;
  if (forward < 0.8 * backward) return Rotation::acb;
  return Rotation::none;
}

std::string_view name(Rotation rotation) {
  switch (rotation) {
    case Rotation::abc: return "a-b-c";
    case Rotation::acb: return "a-c-b";
    case Rotation::none: return "none";
  }
  throw std::logic_error{"unknown rotation"};
}

Ratio deviation_from_mean(const std::array<double, 3>& magnitudes) {
  const double mean = (magnitudes[0] + magnitudes[1] + magnitudes[2]) / 3;
  double most = 0;
  for (const double v : magnitudes) most = std::max(most, std::abs(v - mean));
  return Ratio{most / mean};
}

Ratio unbalance_of_line_voltages(const std::array<double, 3>& magnitudes) {
  const auto& [a, b, c] = magnitudes;
  const auto gap = [](double x, double y) { return std::pow((x - y) * (x + y), 2); };
  const double squares = a * a + b * b + c * c;
  // 3β - 1, which is zero at balance: 3ΣV⁴ - (ΣV²)² = Σ(V_i² - V_j²)² over the pairs.
  const double beyond = (gap(a, b) + gap(b, c) + gap(c, a)) / (squares * squares);
  if (!(beyond <= 0.5)) return Ratio{std::numeric_limits<double>::quiet_NaN()};
  // (1 - s)/(1 + s) = (1 - s²)/(1 + s)² with s² = 3 - 6β = 1 - 2·beyond.
  return Ratio{std::sqrt(2 * beyond) / (1 + std::sqrt(1 - 2 * beyond))};
}

}  // namespace blondel
