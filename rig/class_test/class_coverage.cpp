#include "rig/class_test/class_coverage.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace blondel {

const char* requirement::of(const ClassPoint& point) {
  return point.element == 0 ? balanced : single_phase;
}

std::string nothing_left(const std::string& first_reason) {
  return fmt::format(
      "nothing of it can be tested on this bench ({}); expected another bench, or 'may_be_left_out: true'",
      first_reason);
}

ClassCoverage::ClassCoverage(const ClaimedClass& claimed, SystemType system) : claimed_{claimed} {
  const auto& standard = *claimed.standard;
  // A wiring without elements of its own leaves the points of single-phase load out, and says so below.
  const int elements = elements_of(system);
  for (const auto& point : points_of(claimed, elements, false))
    if (const auto claim = claim_at(claimed, point)) wants(requirement::of(point), claim->limit.clause, point.text());
  if (elements == 0 && standard.class_limits(claimed.class_name, "single-phase", claimed.connection)) {
    named(requirement::single_phase).points = {
        {"every element in turn", "the wiring of the bench has no element that carries current alone"}};
  }
  if (const auto found = standard.difference(claimed.class_name, claimed.connection))
    for (int element = 1; element <= elements; ++element)
      wants(requirement::difference, found->to.from.clause, fmt::format("element {}", element));
  if (const auto found = standard.starting_current(claimed.class_name, claimed.connection))
    wants(requirement::starting, found->to.from.clause, fmt::format("{:g} In", found->ratio_to_in));
  if (const auto found = standard.no_load(claimed.class_name, claimed.connection))
    wants(requirement::no_load, found->to.from.clause, fmt::format("{:g} Un", found->voltage.si()));
  if (const auto found = standard.meter_constant(claimed.class_name, claimed.connection))
    wants(requirement::constant, found->to.from.clause, "register against pulses");
  if (const auto found = standard.repeatability(claimed.class_name, claimed.connection))
    wants(requirement::repeatability, found->to.from.clause, fmt::format("{} runs", found->runs));
  for (const auto& influence : standard.influences(claimed.class_name, claimed.connection))
    wants("limits of variation", influence.to.from.clause,
          influence.influence + (influence.change.empty() ? "" : " " + influence.change) +
              (influence.factor.empty() ? "" : ", factor " + influence.factor));
  for (const auto& other : standard.others(claimed.class_name, claimed.connection))
    wants("other requirements", other.to.from.clause, other.item + ": " + other.value);
}

ClassCoverage::Requirement& ClassCoverage::named(const std::string& name) {
  const auto found = std::ranges::find(requirements_, name, &Requirement::name);
  if (found != requirements_.end()) return *found;
  requirements_.push_back({name, {}, {}});
  return requirements_.back();
}

void ClassCoverage::wants(const std::string& requirement, const std::string& clause, const std::string& point) {
  auto& all = named(requirement);
  if (all.clause.find(clause) == std::string::npos) all.clause += (all.clause.empty() ? "" : "; ") + clause;
  if (std::ranges::none_of(all.points, [&](const Point& p) { return p.text == point; }))
    all.points.push_back({point, "not in the plan"});
}

void ClassCoverage::set(const std::string& requirement, const std::string& point, const std::string& why) {
  auto& points = named(requirement).points;
  const auto found = std::ranges::find(points, point, &Point::text);
  if (found == points.end())
    points.push_back({point, why});
  else if (!found->why.empty())
    found->why = why;
}

void ClassCoverage::covers(const std::string& requirement, const std::string& point) {
  set(requirement, point, {});
}

void ClassCoverage::cannot(const std::string& requirement, const std::string& point, const std::string& why) {
  set(requirement, point, why);
}

std::vector<std::string> ClassCoverage::not_covered() const {
  std::vector<std::string> lines;
  for (const auto& one : requirements_) {
    std::map<std::string, std::string> by_reason;
    for (const auto& point : one.points)
      if (!point.why.empty()) by_reason[point.why] += (by_reason[point.why].empty() ? "" : "; ") + point.text;
    for (const auto& [why, points] : by_reason)
      lines.push_back(fmt::format("{}{}{}, {}: {}: {}", claimed_.name(), one.clause.empty() ? "" : ", ", one.clause,
                                  one.name, points, why));
  }
  return lines;
}

nlohmann::ordered_json ClassCoverage::record() const {
  const auto& standard = *claimed_.standard;
  nlohmann::ordered_json requirements = nlohmann::ordered_json::array();
  for (const auto& one : requirements_) {
    nlohmann::ordered_json missing = nlohmann::ordered_json::array();
    for (const auto& point : one.points)
      if (!point.why.empty()) missing.push_back({{"what", point.text}, {"why", point.why}});
    requirements.push_back({{"requirement", one.name},
                            {"clause", one.clause},
                            {"points", one.points.size() - missing.size()},
                            {"not_covered", std::move(missing)}});
  }
  nlohmann::ordered_json scope = nlohmann::ordered_json::array(), lacks = nlohmann::ordered_json::array();
  for (const auto& note : standard.scope()) scope.push_back(note.text);
  for (const auto& absent : standard.not_covered())
    if (absent.classes.empty() || std::ranges::find(absent.classes, claimed_.class_name) != absent.classes.end())
      lacks.push_back({{"what", absent.what}, {"why", absent.why}});
  nlohmann::ordered_json marks = nlohmann::ordered_json::object();
  for (const auto& [mark, figures] : standard.marks(claimed_.class_name)) marks[mark] = figures;
  nlohmann::ordered_json fields = {
      {"standard", claimed_.name()}, {"edition", standard.edition()}, {"title", standard.title()}};
  // Which points there are hangs on both, and a plan may say them.
  if (const auto* column = standard.connection(claimed_.class_name, claimed_.connection)) {
    fields["connection"] = column->name;
    fields["imax"] = fmt::format("{:.6g} {}", claimed_.imax_to_in, column->rated(claimed_.class_name));
  }
  if (!claimed_.informative.empty()) fields["informative"] = claimed_.informative;
  fields["requirements"] = std::move(requirements);
  fields["scope"] = std::move(scope);
  fields["lacks"] = std::move(lacks);
  fields["marks"] = std::move(marks);
  return fields;
}

}  // namespace blondel
