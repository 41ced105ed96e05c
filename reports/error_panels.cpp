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
  std::string load, energy, power_factor;
  std::vector<PanelLimits> limits;
  std::map<int, std::vector<ErrorPoint>> by_position;
};

PanelLimits& limits_of(std::vector<PanelLimits>& all, const std::string& standard) {
  const auto found = std::ranges::find(all, standard, &PanelLimits::standard);
  return found == all.end() ? all.emplace_back(PanelLimits{standard, {}, {}}) : *found;
}

/// Where two limits of one standard are given for one current the tighter one is drawn, and the wider guard band.
void tighten(PanelLimits& limits, const MeasurementView& m) {
  if (m.guard_accept || m.guard_reject) {
    auto& [accept, reject] = limits.guards[*m.current_ratio];
    accept = std::max(accept, m.guard_accept.value_or(0));
    reject = std::max(reject, m.guard_reject.value_or(0));
  }
  auto [place, fresh] = limits.steps.try_emplace(*m.current_ratio, m.lower, m.upper);
  if (fresh) return;
  auto& [lower, upper] = place->second;
  if (m.lower) lower = std::max(lower.value_or(*m.lower), *m.lower);
  if (m.upper) upper = std::min(upper.value_or(*m.upper), *m.upper);
}

std::string standard_of(const MeasurementView& m) {
  if (m.requirement.empty()) return {};
  return m.edition.empty() ? m.standard : m.standard + " (" + m.edition + ")";
}

/// One measurement that several standards judged is in the record once for each, and on the chart once.
bool same_measurement(const MeasurementView& a, const MeasurementView& b) {
  return standard_of(a) != standard_of(b) && a.step == b.step && a.method == b.method &&
         a.current_ratio == b.current_ratio && a.point == b.point && a.value == b.value;
}

void add_point(std::vector<ErrorPoint>& points, const MeasurementView& m) {
  const auto known = m.requirement.empty() ? points.end() : std::ranges::find_if(points, [&](const ErrorPoint& point) {
    return std::ranges::all_of(point.judged, [&](auto* one) { return same_measurement(*one, m); });
  });
  if (known == points.end()) {
    points.push_back({&m, {&m}});
    return;
  }
  known->judged.push_back(&m);
  const auto weight = [](const MeasurementView& one) { return std::pair{one.informative.empty(), one.verdict}; };
  if (weight(m) > weight(*known->shown)) known->shown = &m;
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

/// The same, of every standard.
bool agree(const std::vector<PanelLimits>& a, const std::vector<PanelLimits>& b) {
  return a.size() == b.size() && std::ranges::all_of(a, [&](const PanelLimits& one) {
           const auto other = std::ranges::find(b, one.standard, &PanelLimits::standard);
           return other != b.end() && agree(one.steps, other->steps);
         });
}

void merge_limits(std::vector<PanelLimits>& into, const std::vector<PanelLimits>& from) {
  for (const auto& one : from) {
    auto& mine = limits_of(into, one.standard);
    mine.steps.insert(one.steps.begin(), one.steps.end());
    for (const auto& [ratio, guard] : one.guards) {
      auto& [accept, reject] = mine.guards[ratio];
      accept = std::max(accept, guard.first);
      reject = std::max(reject, guard.second);
    }
  }
}

std::vector<ErrorPanel> panels_of(std::vector<Group> groups) {
  std::ranges::stable_sort(groups, [](const Group& a, const Group& b) {
    const auto key = [](const Group& g) {
      return std::tuple{g.energy.starts_with("reactive"), g.load != "balanced", g.load, rank(g.power_factor)};
    };
    return key(a) < key(b);
  });
  std::vector<ErrorPanel> panels;
  for (auto& group : groups) {
    auto home = std::ranges::find_if(panels, [&](const ErrorPanel& panel) {
      return panel.load == group.load && panel.energy == group.energy && agree(panel.limits, group.limits);
    });
    if (home == panels.end()) home = panels.insert(panels.end(), ErrorPanel{group.load, group.energy, {}, {}, {}});
    home->power_factors.push_back(group.power_factor);
    merge_limits(home->limits, group.limits);
    for (auto& [position, points] : group.by_position) {
      std::ranges::stable_sort(points, {}, [](const ErrorPoint& point) { return *point.shown->current_ratio; });
      home->series.push_back({position, group.power_factor, std::move(points)});
    }
  }
  return panels;
}

std::vector<std::string> standards_in(const std::vector<ErrorPanel>& panels) {
  std::vector<std::string> all;
  for (const auto& panel : panels)
    for (const auto& one : panel.limits)
      if (!one.standard.empty() && std::ranges::find(all, one.standard) == all.end()) all.push_back(one.standard);
  return all;
}

}  // namespace

std::vector<ErrorFigure> error_figures(const RunView& run) {
  std::map<std::string, std::vector<Group>> by_method;
  for (const auto& position : run.positions) {
    if (!position.judged) continue;
    for (const auto& m : position.measurements) {
      if (m.name != "percentage_error" || !m.value || !m.current_ratio || !(*m.current_ratio > 0)) continue;
      auto& groups = by_method[m.method_why.empty() ? m.method : "chosen for each point"];
      auto group = std::ranges::find_if(groups, [&](const Group& g) {
        return g.load == m.load && g.energy == m.energy && g.power_factor == m.power_factor;
      });
      if (group == groups.end()) group = groups.insert(groups.end(), Group{m.load, m.energy, m.power_factor, {}, {}});
      tighten(limits_of(group->limits, standard_of(m)), m);
      add_point(group->by_position[position.position], m);
    }
  }
  std::vector<ErrorFigure> figures;
  for (auto& [method, groups] : by_method) {
    auto panels = panels_of(std::move(groups));
    auto standards = standards_in(panels);
    figures.push_back({method, std::move(standards), std::move(panels)});
  }
  return figures;
}

}  // namespace blondel
