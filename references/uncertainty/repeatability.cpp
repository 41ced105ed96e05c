#include "references/uncertainty/repeatability.hpp"

#include <cmath>
#include <utility>

namespace blondel {

double Repeatability::of_mean() const {
  return standard_deviation / std::sqrt(static_cast<double>(readings));
}

Contribution Repeatability::contribution(std::string source) const {
  Contribution c;
  c.source = std::move(source);
  c.standard_uncertainty = of_mean();
  c.degrees_of_freedom = degrees_of_freedom();
  c.evaluation = "A";
  c.distribution = "normal";
  return c;
}

Result<Repeatability> repeatability(std::span<const double> readings) {
  if (readings.size() < 2)
    return fail(Fault::malformed, "repeatability", fmt::format("{} reading(s) have no spread", readings.size()));
  const auto n = static_cast<double>(readings.size());
  double sum = 0;
  for (const double r : readings) sum += r;
  if (!std::isfinite(sum)) return fail(Fault::malformed, "repeatability", "a reading is not a finite number");
  const double mean = sum / n;
  double squares = 0;  // a second pass: the difference of two large sums would lose the spread of steady readings
  for (const double r : readings) squares += (r - mean) * (r - mean);
  return Repeatability{mean, std::sqrt(squares / (n - 1)), readings.size()};
}

}  // namespace blondel
