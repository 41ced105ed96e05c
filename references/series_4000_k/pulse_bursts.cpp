#include "references/series_4000_k/pulse_bursts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace blondel::series_4000_k {
namespace {

/// Adds what the newest update says of the rate, together with every one before it.
void narrow(RateBounds& bounds, const std::vector<int>& given, double slack) {
  const auto newest = given.size() - 1;
  for (std::size_t i = 0; i < newest; ++i) {
    const double pulses = given[newest] - given[i];
    const auto updates = static_cast<double>(newest - i);
    bounds.least = std::max(bounds.least, (pulses - 1 - slack) / updates);
    bounds.most = std::min(bounds.most, (pulses + 1 + slack) / updates);
  }
}

constexpr RateBounds anything{0, std::numeric_limits<double>::infinity()};

RateBounds bounds_of(const std::vector<int>& given, double slack) {
  RateBounds bounds = anything;
  std::vector<int> seen;
  for (const int count : given) {
    seen.push_back(count);
    narrow(bounds, seen, slack);
  }
  return bounds;
}

int updates_from(double begin, double rate, double within, int most) {
  RateBounds bounds = anything;
  std::vector<int> given{0};
  while (static_cast<int>(given.size()) <= most) {
    given.push_back(static_cast<int>(std::floor(begin + rate * static_cast<double>(given.size()))));
    narrow(bounds, given, 0);
    if (bounds.half_width() <= within * rate) break;
  }
  return std::min(most, static_cast<int>(given.size()) - 1);
}

}  // namespace

std::optional<RateBounds> rate_from_counts(const std::vector<int>& given) {
  if (given.size() < 3 || given.back() <= 0) return std::nullopt;
  // A source is never quite steady; a hundredth of a pulse is more than it adds within a window.
  constexpr double steady = 0.01;
  for (double slack = steady; slack < 2; slack *= 2)
    if (const auto bounds = bounds_of(given, slack); bounds.least < bounds.most)
      // Where the counts only just fit, their bounds are closer than they deserve.
      return slack > steady ? bounds_of(given, 2 * slack) : bounds;
  return std::nullopt;
}

int updates_to_tell(double rate, double within, int most) {
  if (!(rate > 0) || !(within > 0) || most < 1)
    throw std::logic_error{"a rate, its bounds and the updates are above 0"};
  constexpr int beginnings = 7;
  // The meter's error, the source's and that of what stands between them.
  constexpr double near = 0.003;
  int updates = 1;
  for (const double factor : {1 - near, 1.0, 1 + near})
    for (int k = 0; k < beginnings; ++k)
      updates = std::max(updates, updates_from(k / double{beginnings}, rate * factor, within, most));
  return updates;
}

}  // namespace blondel::series_4000_k
