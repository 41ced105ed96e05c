#include "rig/class_test/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "rig/class_test/point_doubt.hpp"

namespace blondel {

namespace {

/// More than six looks gain little and widen the last band.
constexpr int most_looks = 6;

/// What one method would make of a point.
struct Prospect {
  Schedule schedule;
  double expected_s = std::numeric_limits<double>::infinity();
  std::string why_not;
};

bool decides(const PointClaim& claim) {
  return claim.informative.empty();
}

/// What the time is planned by: the claims that decide, or all where none does.
std::vector<const PointClaim*> deciding(const std::vector<PointClaim>& claims) {
  std::vector<const PointClaim*> some, all;
  for (const auto& claim : claims) {
    all.push_back(&claim);
    if (decides(claim)) some.push_back(&claim);
  }
  return some.empty() ? all : some;
}

double limit_percent(const PointClaim& claim) {
  return in_percent(claim.limit.limit);
}

/// From the shortest to the longest time, each so many times as long as the one before, in whole seconds.
std::vector<double> looks_between(double shortest_s, double longest_s) {
  std::vector<double> looks;
  const double step = std::max(1.5, std::pow(longest_s / shortest_s, 1.0 / (most_looks - 1)));
  for (double t = shortest_s; t < longest_s * 0.999 && looks.size() + 1 < most_looks; t *= step)
    looks.push_back(std::ceil(t - 1e-9));
  looks.push_back(std::ceil(longest_s - 1e-9));
  const auto same = std::unique(looks.begin(), looks.end());
  looks.erase(same, looks.end());
  return looks;
}

/// Plans a point with one method.
class Planner {
 public:
  Planner(const ScheduleNeeds& needs, const Result<PointInputs>& certified, const PlannedPoint& point,
          const std::vector<PointClaim>& claims, EnergyMethod& method)
      : needs_{needs}, certified_{certified}, point_{point}, claims_{claims}, method_{method} {}

  Result<Prospect> plan() {
    Prospect prospect;
    prospect.schedule.method = &method_;
    prospect.schedule.boundaries.resize(claims_.size());
    if (const auto why = method_.cannot(needs_.bench, point_)) {
      prospect.why_not = *why;
      return prospect;
    }
    const auto& bench = needs_.bench.file();
    const double longest_s = in_seconds(method_.longest());
    if (needs_.time.kind == TimeSettings::Kind::given) {
      const double s = in_seconds(method_.usual_window(bench, point_, strictest()));
      if (s > longest_s)
        prospect.why_not = fmt::format("would take {:.0f} s, longer than the {:.0f} s the plan allows", s, longest_s);
      give(prospect, {s}, 1);
      return prospect;
    }
    const double shortest_s = in_seconds(method_.shortest(bench, point_));
    if (shortest_s > longest_s) {
      prospect.why_not =
          fmt::format("would take {:.0f} s at least, longer than the {:.0f} s the plan allows", shortest_s, longest_s);
      return prospect;
    }
    return needs_.time.kind == TimeSettings::Kind::fixed ? fixed(std::move(prospect), shortest_s, longest_s)
                                                         : adaptive(std::move(prospect), shortest_s, longest_s);
  }

  /// Boundaries for the claims that decide, and what they make of the expected time.
  Result<void> draw_boundaries(Schedule& schedule) const {
    if (schedule.looks_s.size() < 2) return {};
    const auto falls = dependence(Seconds{schedule.looks_s.front()});
    if (!falls) return tl::unexpected<Error>{falls.error()};
    std::map<double, SequentialPlan> by_limit;
    schedule.expected_looks = 1;
    for (std::size_t c = 0; c < claims_.size(); ++c) {
      if (!decides(claims_[c])) continue;
      const double limit = limit_percent(claims_[c]);
      if (!by_limit.contains(limit)) {
        auto made =
            SequentialPlan::make({-limit, limit, needs_.rule, *falls, schedule.looks_s, needs_.time.early_risk});
        if (!made) return tl::unexpected<Error>{made.error()};
        by_limit.emplace(limit, std::move(*made));
      }
      schedule.boundaries[c] = by_limit.at(limit);
      schedule.expected_looks = std::max(
          schedule.expected_looks, looks_needed(by_limit.at(limit), schedule.looks_s, expected_error(claims_[c])));
    }
    return {};
  }

 private:
  Ratio strictest() const {
    Ratio least = claims_.front().limit.limit;
    for (const auto* claim : deciding(claims_)) least = std::min(least, claim->limit.limit);
    return least;
  }

  static void give(Prospect& prospect, std::vector<double> looks_s, std::size_t expected) {
    prospect.schedule.looks_s = std::move(looks_s);
    prospect.schedule.expected_looks = expected;
    prospect.expected_s = prospect.schedule.looks_s[expected - 1];
  }

  Result<Budget> budget_after(double s) const {
    if (!certified_) return tl::unexpected<Error>{certified_.error()};
    return point_budget(planned_inputs(*certified_, needs_.bench, point_, method_, Seconds{s}));
  }

  /// The expanded uncertainty wanted by the most exacting claim, in %.
  double wanted_percent() const {
    double least = std::numeric_limits<double>::infinity();
    for (const auto* claim : deciding(claims_)) least = std::min(least, *needs_.time.wanted(limit_percent(*claim)));
    return least;
  }

  /// The shortest whole second after which the uncertainty wanted is reached; nothing where it never is.
  Result<std::optional<double>> time_wanted(double shortest_s, double longest_s) const {
    const double wanted = wanted_percent();
    // It falls with time: the first whole second is found by halving.
    auto low = static_cast<long>(std::ceil(shortest_s)), high = static_cast<long>(longest_s);
    const auto enough = [&](long s) -> Result<bool> {
      const auto budget = budget_after(static_cast<double>(s));
      if (!budget) return tl::unexpected<Error>{budget.error()};
      return 2 * budget->combined() <= wanted;
    };
    const auto at_last = enough(high);
    if (!at_last) return tl::unexpected<Error>{at_last.error()};
    if (!*at_last) return std::optional<double>{};
    while (low < high) {
      const long middle = (low + high) / 2;
      if (*enough(middle))
        high = middle;
      else
        low = middle + 1;
    }
    return std::optional<double>{static_cast<double>(low)};
  }

  std::string out_of_reach(const Budget& budget, double longest_s) const {
    const auto& lines = budget.contributions();
    const auto largest =
        std::ranges::max_element(lines, {}, [](const Contribution& c) { return c.standard_uncertainty; });
    return fmt::format(
        "reaches U = {:.2g} % in the {:.0f} s the plan allows, where {:.2g} % are wanted; the largest "
        "term is {}, u = {:.2g} %",
        2 * budget.combined(), longest_s, wanted_percent(), largest->source, largest->standard_uncertainty);
  }

  Result<Prospect> fixed(Prospect prospect, double shortest_s, double longest_s) const {
    const auto s = time_wanted(shortest_s, longest_s);
    if (!s) return tl::unexpected<Error>{s.error()};
    if (!*s)
      prospect.why_not = out_of_reach(*budget_after(longest_s), longest_s);
    else
      give(prospect, {**s}, 1);
    return prospect;
  }

  Result<Prospect> adaptive(Prospect prospect, double shortest_s, double longest_s) const {
    const auto wanted_s = time_wanted(shortest_s, longest_s);
    if (!wanted_s) return tl::unexpected<Error>{wanted_s.error()};
    if (!*wanted_s) {
      prospect.why_not = out_of_reach(*budget_after(longest_s), longest_s);
      return prospect;
    }
    if (std::ranges::none_of(claims_, decides)) {
      // Nothing is decided, so nothing can be certain: measured as long as the uncertainty wants.
      give(prospect, {**wanted_s}, 1);
      return prospect;
    }
    const auto looks = looks_between(shortest_s, longest_s);
    const auto falls = dependence(Seconds{looks.front()});
    if (!falls) return tl::unexpected<Error>{falls.error()};
    std::size_t expected = 1;
    for (const auto& claim : claims_)
      if (decides(claim)) expected = std::max(expected, looks_by_the_rule(*falls, looks, claim));
    give(prospect, looks, expected);
    return prospect;
  }

  Result<TimeDependence> dependence(Seconds window) const {
    if (!certified_) return tl::unexpected<Error>{certified_.error()};
    return time_dependence(planned_inputs(*certified_, needs_.bench, point_, method_, window), window);
  }

  double expected_error(const PointClaim& claim) const {
    return needs_.time.expected_error.value_or(limit_percent(claim) / 4);
  }

  /// After how many looks the rule itself would decide a value at the expected error.
  std::size_t looks_by_the_rule(const TimeDependence& falls, const std::vector<double>& looks,
                                const PointClaim& claim) const {
    const double limit = limit_percent(claim);
    for (std::size_t k = 0; k < looks.size(); ++k)
      if (decide(expected_error(claim), 2 * falls.at(looks[k]), -limit, limit, needs_.rule) != Verdict::inconclusive)
        return k + 1;
    return looks.size();
  }

  /// After how many looks a value at the expected error would end.
  static std::size_t looks_needed(const SequentialPlan& boundary, const std::vector<double>& looks, double error) {
    for (std::size_t j = 0; j < boundary.looks().size(); ++j) {
      const auto& look = boundary.looks()[j];
      if (boundary.decide_at(j, error, look.standard_uncertainty) == SequentialPlan::Stop::go_on) continue;
      const auto at = std::ranges::lower_bound(looks, look.seconds - 1e-9);
      return static_cast<std::size_t>(at - looks.begin()) + 1;
    }
    return looks.size();
  }

  const ScheduleNeeds& needs_;
  const Result<PointInputs>& certified_;
  const PlannedPoint& point_;
  const std::vector<PointClaim>& claims_;
  EnergyMethod& method_;
};

std::string why_chosen(const std::vector<Prospect>& prospects, const Prospect& best, const BenchFile& bench) {
  std::string others;
  for (const auto& p : prospects) {
    if (&p == &best) continue;
    others += fmt::format("; {}: {}", p.schedule.method->name(),
                          p.why_not.empty() ? fmt::format("{:.0f} s", p.expected_s) : p.why_not);
  }
  const auto setting = best.schedule.method->setting(bench);
  return fmt::format("quickest, {:.0f} s expected{}{}", best.expected_s, others.empty() ? "" : others,
                     setting.empty() ? "" : "; " + setting);
}

}  // namespace

Result<Schedule> make_schedule(const ScheduleNeeds& needs, const PlannedPoint& point,
                               const std::vector<PointClaim>& claims, const std::vector<EnergyMethod*>& methods) {
  std::vector<Prospect> prospects;
  const auto certified = certified_inputs(needs.bench, needs.traceability, point);
  for (auto* method : methods) {
    Planner planner{needs, certified, point, claims, *method};
    auto prospect = planner.plan();
    if (!prospect) return tl::unexpected<Error>{std::move(prospect.error())};
    prospects.push_back(std::move(*prospect));
  }
  Prospect* best = nullptr;
  for (auto& p : prospects)
    if (p.why_not.empty() && (!best || p.expected_s < best->expected_s)) best = &p;
  if (!best) {
    std::string reasons;
    for (const auto& p : prospects)
      reasons +=
          fmt::format("{}{} {}", reasons.empty() ? "" : "; ", "by " + p.schedule.method->name() + " it", p.why_not);
    return fail(Fault::incapable, point.point.text(), reasons);
  }
  if (needs.time.kind == TimeSettings::Kind::adaptive) {
    const auto drawn = Planner{needs, certified, point, claims, *best->schedule.method}.draw_boundaries(best->schedule);
    if (!drawn) return tl::unexpected<Error>{drawn.error()};
    best->expected_s = best->schedule.looks_s[best->schedule.expected_looks - 1];
  }
  if (methods.size() > 1) best->schedule.why = why_chosen(prospects, *best, needs.bench.file());
  return std::move(best->schedule);
}

}  // namespace blondel
