#include "reports/error_panels.hpp"

#include <algorithm>
#include <tuple>

namespace blondel {
namespace {

/// Unity first, then inductive, then capacitive.
std::tuple<int, std::string> rank(const std::string& power_factor) {
  const int side = power_factor.find("ind") != std::string::npos   ? 1
                   : power_factor.find("cap") != std::string::npos ? 2
                                                                   : 0;
  return {side, power_factor};
}

struct Group {
  std::string load, power_factor;
  LimitSteps limits;
  std::map<int, std::vector<const MeasurementView*>> by_position;
};

/// Where two limits are given for one current the tighter one is drawn.
void tighten(LimitSteps& limits, const MeasurementView& m) {
  auto [place, fresh] = limits.try_emplace(*m.current_ratio, m.lower, m.upper);
  if (fresh) return;
  auto& [lower, upper] = place->second;
  if (m.lower) lower = std::max(lower.value_or(*m.lower), *m.lower);
  if (m.upper) upper = std::min(upper.value_or(*m.upper), *m.upper);
}

/// Whether two sets of limits agree at every current they have in common, and have one in common.
bool agree(const LimitSteps& a, const LimitSteps& b) {
  bool met = false;
  for (const auto& [ratio, limits] : a) {
    const auto other = b.find(ratio);
    if (other == b.end()) continue;
    if (other->second != limits) return false;
    met = true;
  }
  return met;
}

std::vector<ErrorPanel> panels_of(std::vector<Group> groups) {
  std::ranges::stable_sort(groups, [](const Group& a, const Group& b) {
    const bool a_whole = a.load == "balanced", b_whole = b.load == "balanced";
    return std::tuple{!a_whole, a.load, rank(a.power_factor)} < std::tuple{!b_whole, b.load, rank(b.power_factor)};
  });
  std::vector<ErrorPanel> panels;
  for (auto& group : groups) {
    auto home = std::ranges::find_if(
        panels, [&](const ErrorPanel& panel) { return panel.load == group.load && agree(panel.limits, group.limits); });
    if (home == panels.end()) home = panels.insert(panels.end(), ErrorPanel{group.load, {}, {}, {}});
    home->power_factors.push_back(group.power_factor);
    home->limits.insert(group.limits.begin(), group.limits.end());
    for (auto& [position, points] : group.by_position) {
      std::ranges::stable_sort(points, {}, [](const MeasurementView* m) { return *m->current_ratio; });
      home->series.push_back({position, group.power_factor, std::move(points)});
    }
  }
  return panels;
}

}  // namespace

std::vector<ErrorFigure> error_figures(const RunView& run) {
  std::map<std::string, std::vector<Group>> by_method;
  for (const auto& position : run.positions) {
    if (!position.judged) continue;
    for (const auto& m : position.measurements) {
      if (m.name != "percentage_error" || !m.value || !m.current_ratio || !(*m.current_ratio > 0)) continue;
      auto& groups = by_method[m.method];
      auto group = std::ranges::find_if(
          groups, [&](const Group& g) { return g.load == m.load && g.power_factor == m.power_factor; });
      if (group == groups.end()) group = groups.insert(groups.end(), Group{m.load, m.power_factor, {}, {}});
      tighten(group->limits, m);
      group->by_position[position.position].push_back(&m);
    }
  }
  std::vector<ErrorFigure> figures;
  for (auto& [method, groups] : by_method) figures.push_back({method, panels_of(std::move(groups))});
  return figures;
}

}  // namespace blondel
