#include "rig/class_test/class_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rig/class_test/class_coverage.hpp"

namespace blondel {

namespace {

/// At unity; of reactive energy at sin φ 1, inductive.
bool at_full_factor(const ClassPoint& point) {
  const double wanted = point.energy == MeteredEnergy::active ? 0 : std::numbers::pi / 2;
  return std::abs(point.lag.si() - wanted) < 1e-6;
}

/// Both budgets, as if nothing in them were common: what is, would make the difference more certain, and which part
/// that is no certificate says.
Budget budget_of_difference(const PointError& alone, const PointError& balanced) {
  Budget both{"%"};
  for (const auto* error : {&alone, &balanced})
    for (auto line : error->budget.contributions()) {
      line.source += error == &alone ? ", one element" : ", balanced";
      line.group.clear();
      both.add(std::move(line));
    }
  return both;
}

}  // namespace

Measurement class_measurement(const ClaimedClass& claimed, const std::string& requirement, const Provenance& from,
                              DecisionRule rule) {
  Measurement m;
  m.requirement = requirement;
  m.energy = claimed.standard->energy() == MeteredEnergy::active ? "active energy" : "reactive energy";
  m.rule = rule;
  m.standard = claimed.name();
  m.edition = claimed.standard->edition();
  m.clause = from.clause;
  m.mark = from.mark;
  m.informative = why_informative(claimed, from.mark);
  return m;
}

void judge_or_inform(Run& run, Position& position, const Measurement& measurement) {
  if (measurement.informative.empty())
    run.judge(position, measurement);
  else
    run.inform(position, measurement);
}

void judge_no_measurement(Run& run, Position& position, Measurement measurement, const std::string& why) {
  measurement.value = std::nan("");
  measurement.raw.reset();
  measurement.budget.reset();
  measurement.measuring.reset();
  measurement.verdict = Verdict::fail;
  measurement.why_not = why;
  judge_or_inform(run, position, measurement);
}

ClassResults::OfClass* ClassResults::of(const PointClaim& claim, const ClassPoint& point) {
  const auto limit = claim.of->standard->difference(claim.of->class_name, claim.of->connection);
  if (!limit || std::abs(point.current_ratio - limit->ratio_to_in) > 1e-9 || !at_full_factor(point)) return nullptr;
  const auto known = std::ranges::find_if(classes_, [&](const OfClass& c) { return c.claimed.same_as(*claim.of); });
  if (known != classes_.end()) return &*known;
  classes_.push_back({*claim.of, *limit, {}});
  return &classes_.back();
}

void ClassResults::promise(const PointClaim& claim, const ClassPoint& point) {
  if (auto* one = of(claim, point)) one->by_element[point.element].promised = true;
}

std::vector<std::pair<ClaimedClass, int>> ClassResults::differences() const {
  std::vector<std::pair<ClaimedClass, int>> all;
  for (const auto& one : classes_) {
    if (!one.by_element.contains(0)) continue;
    for (const auto& [element, at] : one.by_element)
      if (element != 0) all.emplace_back(one.claimed, element);
  }
  return all;
}

void ClassResults::found(const PointClaim& claim, const ClassPoint& point, int position, const PointError& error) {
  if (auto* one = of(claim, point)) one->by_element[point.element].by_position.insert_or_assign(position, error);
}

void ClassResults::missed(const PointClaim& claim, const ClassPoint& point, int position, const std::string& why) {
  if (auto* one = of(claim, point)) one->by_element[point.element].missed[position] = why;
}

void ClassResults::judge_differences(Run& run) const {
  for (auto& position : run.positions) {
    if (position.lost) continue;
    for (const auto& one : classes_)
      for (const auto& [element, at] : one.by_element)
        if (element != 0) judge_one(run, position, one, element);
  }
}

void ClassResults::judge_one(Run& run, Position& position, const OfClass& one, int element) const {
  const auto balanced = one.by_element.find(0);
  if (balanced == one.by_element.end()) return;
  const auto& alone = one.by_element.at(element);
  auto m = class_measurement(one.claimed, requirement::difference, one.limit.to.from, run.plan.rule);
  m.position = position.number;
  m.name = "difference";
  m.point = fmt::format("{:g} In, factor {}, element {} alone less balanced", one.limit.ratio_to_in, one.limit.factor,
                        element);
  m.current_ratio = one.limit.ratio_to_in;
  m.load = fmt::format("element {} alone", element);
  m.unit = "%";
  m.upper = in_percent(one.limit.limit);
  m.lower = -*m.upper;
  for (const auto* side : {&alone, &balanced->second})
    if (const auto why = side->missed.find(position.number); why != side->missed.end())
      return judge_no_measurement(run, position, std::move(m), why->second);
  const auto first = alone.by_position.find(position.number);
  const auto second = balanced->second.by_position.find(position.number);
  if (first == alone.by_position.end() || second == balanced->second.by_position.end()) return;
  m.value = first->second.value_percent - second->second.value_percent;
  m.budget = budget_of_difference(first->second, second->second);
  m.verdict = decide(m.value, m.budget->expanded(), *m.lower, *m.upper, m.rule);
  judge_or_inform(run, position, m);
}

}  // namespace blondel
