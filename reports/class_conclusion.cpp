#include "reports/class_conclusion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <map>
#include <tuple>

#include "reports/number_text.hpp"

namespace blondel {
namespace {

bool judged_against(const ClassView& one, const MeasurementView& m) {
  return m.standard == one.standard && m.edition == one.edition &&
         (one.steps.empty() || std::ranges::find(one.steps, m.step) != one.steps.end());
}

/// Unity first, then inductive, then capacitive, the larger factor first.
std::pair<int, double> factor_order(const std::string& factor) {
  const int side = factor.find("cap") != std::string::npos ? 2 : factor.find("ind") != std::string::npos ? 1 : 0;
  const auto digits = factor.find_first_of("0123456789");
  return {side, digits == std::string::npos ? 0 : -std::strtod(factor.c_str() + digits, nullptr)};
}

/// Where the requirement stands in the class; one that the class does not name comes last.
std::size_t requirement_order(const ClassView& one, const MeasurementView& m) {
  const auto found = std::ranges::find(one.requirements, m.requirement, &RequirementView::requirement);
  return static_cast<std::size_t>(found - one.requirements.begin());
}

/// What was measured of one load point of one requirement.
struct JudgedPoint {
  std::string text;
  Verdict verdict = Verdict::pass;
  bool informative = true;
  bool measured = true;   ///< false: the meter registered nothing there
  bool by_power = false;  ///< by the power that the meter shows: what it counts was not looked at
};
using PointKey = std::array<std::string, 5>;

PointKey key_of(const MeasurementView& m) {
  return {m.requirement, m.point, m.load, m.energy, m.power_factor};
}

std::vector<JudgedPoint> judged_points(const std::vector<const MeasurementView*>& lines,
                                       std::map<std::string, int>& by_requirement) {
  std::vector<JudgedPoint> points;
  std::map<PointKey, std::size_t> places;
  for (const auto* m : lines) {
    const auto [place, fresh] = places.try_emplace(key_of(*m), points.size());
    if (fresh) {
      ++by_requirement[m->requirement];
      auto text = m->point.empty() ? words_of(m->name) : m->point;
      if (!m->requirement.empty()) text += fmt::format(" ({})", m->requirement);
      points.push_back({std::move(text)});
    }
    auto& point = points[place->second];
    if (!m->no_measurement.empty()) point.measured = false;
    if (m->method == "registers") point.by_power = true;
    // A limit that decides nothing does not speak where another one of this point does.
    if (m->informative.empty() && point.informative)
      point = {std::move(point.text), m->verdict, false, point.measured, point.by_power};
    if (m->informative.empty() || point.informative) point.verdict = worse(point.verdict, m->verdict);
  }
  return points;
}

std::string count_of(int count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// What a limit that decides nothing says of the points: "2 inside their limits, 1 outside".
std::string informative_words(const std::vector<JudgedPoint>& points) {
  int inside = 0, outside = 0, open = 0;
  for (const auto& point : points)
    ++(point.verdict == Verdict::pass ? inside : point.verdict == Verdict::fail ? outside : open);
  auto text = fmt::format("for information only, {} measured: {} would conform",
                          count_of(static_cast<int>(points.size()), "point", "points"), inside);
  if (outside > 0) text += fmt::format(", {} would not", outside);
  if (open > 0) text += fmt::format(", {} undecided", open);
  return text;
}

/// "2 of 17 points: a, b", "2 of 17 points: a, b (no measurement)"
std::string named_points(const std::vector<const JudgedPoint*>& which, int of) {
  constexpr std::size_t most_named = 3;
  auto text = fmt::format("{} of {}: ", which.size(), count_of(of, "point", "points"));
  for (std::size_t i = 0; i < std::min(which.size(), most_named); ++i) text += (i == 0 ? "" : ", ") + which[i]->text;
  if (which.size() > most_named) text += fmt::format(" and {} more", which.size() - most_named);
  const auto none = static_cast<std::size_t>(std::ranges::count(which, false, &JudgedPoint::measured));
  if (none > 0) text += none == which.size() ? " (no measurement)" : fmt::format(" (no measurement at {})", none);
  return text;
}

void add_clause(std::string& to, const std::string& clause, const char* between) {
  if (!clause.empty()) to += (to.empty() ? "" : between) + clause;
}

/// What is left out, in words, and how much it is.
std::pair<std::string, int> left_out(const ClassView& one, const std::map<std::string, int>& measured) {
  int whole = 0, points = 0, missing = 0;
  for (const auto& requirement : one.requirements) {
    const auto found = measured.find(requirement.requirement);
    const int here = found == measured.end() ? 0 : found->second;
    missing += std::max(0, requirement.points - here);
    // With no point of it in the plan the requirement itself is left out, in however many words that is said.
    if (requirement.points == 0 && here == 0)
      ++whole;
    else
      points += static_cast<int>(requirement.not_covered.size());
  }
  const int lacks = static_cast<int>(one.lacks.size());
  std::string text;
  const auto say = [&](int count, const char* singular, const char* plural) {
    if (count > 0) add_clause(text, count_of(count, singular, plural), ", ");
  };
  say(missing, "planned point not measured", "planned points not measured");
  say(whole, "requirement not covered", "requirements not covered");
  say(points, "point not covered", "points not covered");
  say(lacks, "part of the standard without known figures", "parts of the standard without known figures");
  return {text, missing + whole + points + lacks};
}

std::string verdict_words(const std::vector<JudgedPoint>& points, int deciding) {
  std::vector<const JudgedPoint*> failed, undecided, broken;
  for (const auto& point : points) {
    if (point.informative) continue;
    if (point.verdict == Verdict::fail) failed.push_back(&point);
    if (point.verdict == Verdict::inconclusive || point.verdict == Verdict::skipped) undecided.push_back(&point);
    if (point.verdict > Verdict::fail) broken.push_back(&point);
  }
  if (deciding == 0) return points.empty() ? "nothing was measured" : informative_words(points);
  std::string text;
  if (!failed.empty()) add_clause(text, "does not conform at " + named_points(failed, deciding), "; ");
  if (!undecided.empty()) add_clause(text, "undecided at " + named_points(undecided, deciding), "; ");
  if (!broken.empty()) add_clause(text, "no result at " + named_points(broken, deciding), "; ");
  if (text.empty())
    return deciding == 1 ? "conforms at the one point measured"
                         : fmt::format("conforms at all {} points measured", deciding);
  const auto others = static_cast<std::size_t>(deciding) - failed.size() - undecided.size() - broken.size();
  if (others > 0) text += fmt::format("; conforms at the other {}", others);
  return text;
}

}  // namespace

std::vector<const MeasurementView*> class_lines(const ClassView& of, const PositionView& position) {
  std::vector<const MeasurementView*> lines;
  for (const auto& m : position.measurements)
    if (judged_against(of, m)) lines.push_back(&m);
  std::ranges::stable_sort(lines, {}, [&](const MeasurementView* m) {
    return std::tuple{requirement_order(of, *m),
                      m->requirement,
                      m->energy,
                      factor_order(m->power_factor),
                      m->current_ratio.value_or(std::numeric_limits<double>::infinity()),
                      m->load};
  });
  return lines;
}

bool in_a_class(const RunView& run, const MeasurementView& m) {
  return std::ranges::any_of(run.classes, [&](const ClassView& one) { return judged_against(one, m); });
}

bool of_a_class(const RunView& run, const std::string& not_covered) {
  return std::ranges::any_of(run.classes,
                             [&](const ClassView& one) { return not_covered.starts_with(one.standard + ", "); });
}

ClassConclusion conclude(const ClassView& of, const PositionView& position) {
  ClassConclusion said;
  std::map<std::string, int> by_requirement;
  const auto points = judged_points(class_lines(of, position), by_requirement);
  Verdict worst = Verdict::pass;
  for (const auto& point : points) {
    ++(point.informative ? said.informative : said.points);
    if (point.informative) continue;
    worst = worse(worst, point.verdict);
    if (point.verdict != Verdict::pass) ++said.not_passed;
    if (point.verdict == Verdict::fail) said.verdict = Verdict::fail;
  }
  if (said.points > 0 && said.verdict != Verdict::fail)
    said.verdict = worst == Verdict::skipped ? Verdict::inconclusive : worst;
  if (said.points == 0 && said.informative > 0) said.verdict = Verdict::skipped;
  said.text = verdict_words(points, said.points);
  auto [open, count] = left_out(of, by_requirement);
  said.not_covered = count;
  const auto by_power = static_cast<int>(
      std::ranges::count_if(points, [](const JudgedPoint& p) { return p.by_power && p.measured && !p.informative; }));
  if (by_power > 0)
    add_clause(
        open,
        count_of(by_power, "point by the power shown and not by energy", "points by the power shown and not by energy"),
        ", ");
  if (said.informative > 0 && said.points > 0)
    add_clause(open, count_of(said.informative, "point for information only", "points for information only"), ", ");
  if (!open.empty()) said.text += fmt::format("; {}: no statement on the class as a whole", open);
  return said;
}

}  // namespace blondel
