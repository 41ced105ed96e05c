#include "references/series_4000_k/expectation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace blondel::series_4000_k {
namespace {

double distance(const Permitted& range, double reading) {
  return std::max({range.lower - reading, reading - range.upper, 0.0});
}

}  // namespace

const Permitted& Expectation::nearest(double reading) const {
  if (values.empty()) throw std::logic_error{"nothing is permitted here by value"};
  return *std::ranges::min_element(values, {}, [&](const Permitted& p) { return distance(p, reading); });
}

std::string Expectation::objection(double reading) const {
  if (!judged()) return {};
  if (alerts) {
    if (!(reading >= 0 && reading <= 0xFFFF)) return "is no bit field";
    return alerts->objection(static_cast<std::uint16_t>(reading));
  }
  if (std::isnan(reading)) return no_value ? "" : "has no value";
  if (values.empty()) return fmt::format("reads {} where there is no value", reading);
  const auto& range = nearest(reading);
  // What scale factors make of a whole number depends on the order of multiplication in its last bits.
  const double last_bits = range.lower == range.upper ? 1e-12 * std::abs(range.value) : 0;
  if (distance(range, reading) <= last_bits) return {};
  if (range.lower == range.upper) return fmt::format("reads {}, expected {}", reading, range.value);
  return fmt::format("reads {:.6g}, expected {:.6g} to {:.6g}", reading, range.lower, range.upper);
}

Permitted around(double value, double half_width) {
  return {value, value - half_width, value + half_width};
}

Permitted exactly(double value) {
  return {value, value, value};
}

Expectation no_verdict(std::string why) {
  Expectation e;
  e.basis.clause = std::move(why);
  return e;
}

Expectation without_value(std::string why) {
  Expectation e;
  e.no_value = true;
  e.basis = {"Series 4000-K data sheet", "", std::move(why), "V"};
  return e;
}

Expectation exact(std::vector<double> values, std::string why) {
  Expectation e;
  for (const double v : values) e.values.push_back(exactly(v));
  e.basis = {"Series 4000-K data sheet", "", std::move(why), "V"};
  return e;
}

}  // namespace blondel::series_4000_k
