#include "rig/steps/pulse_train.hpp"

#include <algorithm>
#include <cmath>

namespace blondel {

PulseShape pulse_shape(const std::vector<ContactEdge>& edges, Time from, Time to, double wanted_ms) {
  PulseShape shape{.closures = 0, .gaps = 0, .closure_ms = wanted_ms, .gap_ms = wanted_ms};
  for (std::size_t i = 1; i < edges.size(); ++i) {
    if (edges[i - 1].at < from || edges[i].at > to) continue;
    const double ms = 1e3 * in_seconds(edges[i].at - edges[i - 1].at);
    const bool closure = edges[i - 1].closed;
    ++(closure ? shape.closures : shape.gaps);
    auto& worst = closure ? shape.closure_ms : shape.gap_ms;
    if (std::abs(ms - wanted_ms) > std::abs(worst - wanted_ms)) worst = ms;
  }
  return shape;
}

double counted_too_much(const std::vector<ContactEdge>& edges, const CounterReading& first,
                        const CounterReading& second, Duration staleness) {
  const auto closures_until = [&](Time at) {
    return static_cast<double>(
        std::ranges::count_if(edges, [&](const ContactEdge& e) { return e.closed && e.at <= at; }));
  };
  const double counted = std::fmod(second.count - first.count + 4294967296.0, 4294967296.0);
  const double least = closures_until(second.asked - staleness) - closures_until(first.answered);
  const double most = closures_until(second.answered) - closures_until(first.asked - staleness);
  if (counted < least) return counted - least;
  return counted > most ? counted - most : 0;
}

}  // namespace blondel
