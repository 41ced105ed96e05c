#include "rig/pulse_train.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

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

namespace {

/// Half of the closures are no longer than this.
Duration median_closure(const std::vector<ContactEdge>& edges) {
  std::vector<Duration> closures;
  for (std::size_t i = 1; i < edges.size(); ++i)
    if (edges[i - 1].closed && !edges[i].closed) closures.push_back(edges[i].at - edges[i - 1].at);
  if (closures.empty()) return {};
  const auto middle = closures.begin() + static_cast<std::ptrdiff_t>(closures.size() / 2);
  std::ranges::nth_element(closures, middle);
  return *middle;
}

/// The closures that do not follow on another one as soon as the contact can.
std::vector<Time> burst_starts(const std::vector<Time>& closures, Time from, Duration closure) {
  std::vector<Time> starts;
  Time before = from;
  for (const Time at : closures) {
    if (at - before > closure * 5 / 2) starts.push_back(at);
    before = at;
  }
  return starts;
}

/// Updates between the bursts' beginnings; nothing where they are not whole updates apart.
std::optional<std::vector<int>> updates_between(const std::vector<Time>& starts, Duration update) {
  // The meter's clock, the sample at which it closes the contact, and the time stamps.
  constexpr double clock = 2e-4, edge_s = 1e-3;
  std::vector<int> updates;
  for (std::size_t i = 1; i < starts.size(); ++i) {
    const double gap = in_seconds(starts[i] - starts[i - 1]);
    const double whole = std::round(gap / in_seconds(update));
    if (whole < 1 || std::abs(gap - whole * in_seconds(update)) > edge_s + clock * gap) return std::nullopt;
    updates.push_back(static_cast<int>(whole));
  }
  return updates;
}

}  // namespace

std::optional<PulseBursts> find_bursts(const std::vector<ContactEdge>& edges, Time from, Time to, Duration update) {
  std::vector<Time> closures;
  for (const auto& edge : edges)
    if (edge.closed && edge.at >= from && edge.at <= to) closures.push_back(edge.at);
  const auto starts = burst_starts(closures, from, median_closure(edges));
  if (starts.size() < 3) return std::nullopt;
  const auto updates = updates_between(starts, update);
  if (!updates) return std::nullopt;
  const double first = in_seconds(starts.front() - from), span = in_seconds(starts.back() - starts.front());
  PulseBursts bursts{.period_s = span / std::accumulate(updates->begin(), updates->end(), 0.0), .given = {}};
  // The last update of which the window holds the whole burst.
  const auto last = static_cast<std::size_t>((in_seconds(to - from) - first) / bursts.period_s) - 1;
  bursts.given.assign(last + 1, 0);
  constexpr double early_s = 0.002;
  for (const Time at : closures) {
    const double update_number = std::floor((in_seconds(at - starts.front()) + early_s) / bursts.period_s);
    // The first burst belongs to the time before.
    if (update_number >= 1 && update_number <= static_cast<double>(last))
      ++bursts.given[static_cast<std::size_t>(update_number)];
  }
  std::partial_sum(bursts.given.begin(), bursts.given.end(), bursts.given.begin());
  return bursts;
}

}  // namespace blondel
