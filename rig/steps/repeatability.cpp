#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rig/check_stimulus.hpp"
#include "rig/class_test/class_coverage.hpp"
#include "rig/class_test/class_results.hpp"
#include "rig/class_test/point_doubt.hpp"
#include "rig/class_test/point_measurement.hpp"
#include "rig/class_test/point_order.hpp"
#include "rig/class_test/points_settings.hpp"
#include "rig/step.hpp"
#include "rig/steps/no_limit.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// How far the percentage error spreads when one point is measured again and again at close intervals, under a load
/// that stands meanwhile.
class RepeatedRuns final : public Step {
 public:
  explicit RepeatedRuns(const Settings& at)
      : where_{at.where()},
        classes_{read_claimed_classes(at)},
        points_{PointsSettings::of(at, classes_)},
        set_up_{std::make_shared<PulseSetUp>(at)} {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    if (points_.by_the_standard())
      throw at.at("points").failure("expected a list of points: the standard leaves open at which ones it is repeated");
    const auto words = energy_method_words();
    method_ = energy_method(words[at.at("method").one_of(words)], at, set_up_);
    // All runs alike: a time that follows from what is found would make them differ.
    at.at("window").duration();
    for (const auto& claimed : classes_)
      if (const auto figure = figure_of(claimed)) runs_ = std::max(runs_, figure->runs);
    if (runs_ < 2)
      throw Failure{Fault::malformed, classes_.front().where,
                    fmt::format("{} of {} asks for no repeated runs, as far as is known", classes_.front().name(),
                                classes_.front().standard->edition())};
    for (const auto& claimed : classes_)
      if (const auto figure = figure_of(claimed)) {
        const auto why = why_informative(claimed, figure->to.from.mark);
        if (const auto wrong = undecided(claimed, why.empty(), why))
          throw Failure{Fault::malformed, claimed.where, *wrong};
      }
    for (const auto& wanted : points_.points(3)) {
      const auto claims = claims_at(wanted.point);
      if (std::ranges::none_of(claims, [](const PointClaim& c) { return figure_of(*c.of).has_value(); }))
        throw Failure{
            Fault::malformed, wanted.where,
            fmt::format("none of the classes that ask for repeated runs sets a limit at {}", wanted.point.text())};
    }
  }

  std::string kind() const override { return "repeatability"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench& bench) const override {
    std::vector<std::string> all;
    for (const auto& item : items(bench))
      for (const auto& claim : item.claims)
        if (figure_of(*claim.of)) all.emplace_back("spread");
    return all;
  }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    const Traceability traceability{bench};
    for (const auto& item : items(bench)) {
      if (const auto refusal = bench.refuses(item.planned.load)) {
        findings.refusals.push_back({refusal->fault, item.where, refusal->what});
        continue;
      }
      const auto schedule = schedule_of(bench, traceability, outlook.rule, item);
      if (!schedule)
        findings.refusals.push_back(
            {schedule.error().fault, item.where, schedule.error().where + ": " + schedule.error().what});
      else if (const auto blind = too_blind(bench, traceability, item, *schedule))
        findings.refusals.push_back({Fault::incapable, item.where, *blind});
    }
    for (const auto& claimed : classes_) {
      auto& coverage = findings.coverage_of(claimed, bench.file().system);
      if (const auto figure = figure_of(claimed))
        coverage.covers(requirement::repeatability, fmt::format("{} runs", figure->runs));
      else
        coverage.cannot(requirement::repeatability, "repeated runs", "no figure of the standard is known");
    }
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    const Traceability traceability{bench};
    Duration total = preparation(bench.file());
    for (const auto& item : in_order(bench, *outlook.source)) {
      const auto schedule = value_or_throw(schedule_of(bench, traceability, outlook.rule, item));
      total += outlook.source->apply(item.planned.load) + steady_slot_ +
               runs_ * PointMeasurement::duration(schedule, schedule.looks_s.size());
    }
    return total;
  }

  Task<void> run(Run& run) const override {
    const Traceability traceability{run.bench};
    Time slot = run.clock.now() + preparation(run.bench.file());
    if (method_->needs_pulse_set_up()) co_await set_up_->begin(run, slot);
    co_await method_->begin(run, slot);
    co_await run.until(slot, "preparing the meters");
    const auto items = in_order(run.bench, run.stimulus.forecast());
    for (const auto& item : items) {
      const auto& load = item.planned.load;
      run.progress.now_doing(item.planned.point.text());
      slot += run.stimulus.foretell(load);
      co_await run.stimulus.apply(load, 1s);
      co_await run.until(slot, "settling");
      const auto reading = co_await run.stimulus.steady(percent(0.05), slot += steady_slot_);
      // A source that has tripped would look like wrong wiring.
      co_await run.bench.source().check();
      check_stimulus(load, reading);
      co_await run.until(slot, "steady state");
      slot = co_await repeat_at(run, traceability, item, slot);
    }
    run.record.commit();
  }

 private:
  struct Item {
    PlannedPoint planned;
    std::vector<PointClaim> claims;
    std::string where;  ///< its place in the plan
  };
  /// The errors of one position, run by run; fewer than there were runs where one had no value.
  using Errors = std::vector<PointError>;

  static std::optional<RepeatabilityLimit> figure_of(const ClaimedClass& claimed) {
    return claimed.standard->repeatability(claimed.class_name, claimed.connection);
  }

  std::vector<PointClaim> claims_at(const ClassPoint& point) const {
    std::vector<PointClaim> claims;
    for (const auto& claimed : classes_)
      if (auto claim = claim_at(claimed, point)) claims.push_back(std::move(*claim));
    return claims;
  }

  Duration preparation(const BenchFile& bench) const {
    return (method_->needs_pulse_set_up() ? set_up_->preparation(bench) : Duration{}) + method_->preparation(bench);
  }

  std::vector<Item> items(const Bench& bench) const {
    std::vector<Item> all;
    for (const auto& wanted : points_.points(elements_of(bench.file().system))) {
      Item item{{wanted.point, load_of(wanted.point, bench.file(), system_voltage_, frequency_), 0},
                claims_at(wanted.point),
                wanted.where};
      item.planned.power = power_of(item.planned.load, wanted.point.energy);
      all.push_back(std::move(item));
    }
    return all;
  }

  std::vector<Item> in_order(const Bench& bench, const SourceForecast& now) const {
    auto given = items(bench);
    if (!points_.cheapest_order()) return given;
    std::vector<LoadPoint> loads;
    for (const auto& item : given) loads.push_back(item.planned.load);
    std::vector<Item> ordered;
    for (const auto i : cheapest_order(loads, now)) ordered.push_back(std::move(given[i]));
    return ordered;
  }

  Result<Schedule> schedule_of(const Bench& bench, const Traceability& traceability, DecisionRule rule,
                               const Item& item) const {
    TimeSettings time;
    time.kind = TimeSettings::Kind::given;
    const std::vector<EnergyMethod*> only = {method_.get()};
    return make_schedule({bench, traceability, time, rule}, item.planned, item.claims, only);
  }

  /// u of one run, in %, from what falls with the measuring time: pulses, registers and windows.
  static double quantisation_of(const Bench& bench, const Traceability& traceability, const Item& item,
                                const Schedule& schedule) {
    const double window_s = schedule.looks_s.back();
    const auto inputs = planned_inputs(value_or_throw(certified_inputs(bench, traceability, item.planned)), bench,
                                       item.planned, *schedule.method, Seconds{window_s});
    return value_or_throw(time_dependence(inputs, Seconds{window_s})).quantisation / window_s;
  }

  /// Why the method could not tell a spread at the limit from its own, or nothing: a good meter must not fail by it.
  static std::optional<std::string> too_blind(const Bench& bench, const Traceability& traceability, const Item& item,
                                              const Schedule& schedule) {
    const double expanded = 2 * std::sqrt(2.0) * quantisation_of(bench, traceability, item, schedule);
    for (const auto& claim : item.claims)
      if (const auto figure = figure_of(*claim.of))
        if (const double limit = figure->share_of_limit * in_percent(claim.limit.limit); expanded > limit)
          return fmt::format(
              "the difference of two runs by {} of {:.0f} s is known to {:.2g} %, and the limit is {:.2g} %",
              schedule.method->name(), schedule.looks_s.back(), expanded, limit);
    return std::nullopt;
  }

  Task<Time> repeat_at(Run& run, const Traceability& traceability, const Item& item, Time slot) const {
    const auto schedule = value_or_throw(schedule_of(run.bench, traceability, run.plan.rule, item));
    std::vector<Errors> found(run.positions.size());
    for (int k = 0; k < runs_; ++k) {
      PointMeasurement measurement{run, {traceability, item.planned, item.claims, schedule, run.plan.rule}};
      slot = co_await measurement.measure(slot);
      for (std::size_t i = 0; i < run.positions.size(); ++i) {
        if (run.positions[i].lost) continue;
        // The error is the same whichever limit it is compared with.
        if (const auto& error = measurement.error(i, 0)) {
          found[i].push_back(*error);
        } else if (const auto& why = measurement.why_not(i); !why.empty()) {
          run.judge(run.positions[i], Verdict::fail,
                    fmt::format("no measurement by {} at {}, run {}: {}", schedule.method->name(),
                                item.planned.point.text(), k + 1, why));
        }
      }
    }
    for (std::size_t i = 0; i < run.positions.size(); ++i)
      if (!run.positions[i].lost) judge(run, run.positions[i], traceability, item, schedule, found[i]);
    run.record.commit();
    co_return slot;
  }

  /// What the difference of two runs is doubted by: what repeated readings say of each, and what falls with the
  /// measuring time. The rest (certificates, CT substitutes, leads) is the same in both and leaves no trace.
  static void add_own_doubt(Budget& budget, const PointError& error, const char* which, double quantisation) {
    budget.add({fmt::format("pulses, registers and windows, {} run", which), quantisation,
                std::numeric_limits<double>::infinity(), "B", "normal"});
    for (auto line : error.budget.contributions()) {
      if (line.evaluation != "A") continue;
      line.source += fmt::format(", {} run", which);
      budget.add(std::move(line));
    }
  }

  void judge(Run& run, Position& position, const Traceability& traceability, const Item& item, const Schedule& schedule,
             const Errors& errors) const {
    nlohmann::ordered_json each = nlohmann::ordered_json::array();
    for (const auto& error : errors) each.push_back(error.value_percent);
    run.record.add("reading", {{"position", position.number},
                               {"what", fmt::format("percentage errors run by run at {}", item.planned.point.text())},
                               {"values", {{"percent", std::move(each)}}}});
    const double quantisation = quantisation_of(run.bench, traceability, item, schedule);
    for (const auto& claim : item.claims) {
      const auto figure = figure_of(*claim.of);
      if (!figure || errors.size() < static_cast<std::size_t>(figure->runs)) continue;
      const auto [least, most] = std::minmax_element(
          errors.begin(), errors.begin() + figure->runs,
          [](const PointError& a, const PointError& b) { return a.value_percent < b.value_percent; });
      auto m = class_measurement(*claim.of, requirement::repeatability, figure->to.from, run.plan.rule);
      if (m.informative.empty()) m.informative = claim.informative;
      m.position = position.number;
      m.name = "spread";
      m.point = fmt::format("{}, {} runs", item.planned.point.text(), figure->runs);
      m.current_ratio = item.planned.point.current_ratio;
      m.power_factor = item.planned.point.factor();
      m.load = item.planned.point.load();
      m.method = schedule.method->name();
      m.unit = "%";
      m.upper = figure->share_of_limit * in_percent(claim.limit.limit);
      m.value = most->value_percent - least->value_percent;
      m.budget = Budget{"%"};
      add_own_doubt(*m.budget, *most, "highest", quantisation);
      add_own_doubt(*m.budget, *least, "lowest", quantisation);
      m.verdict = decide(m.value, m.budget->expanded(), -no_limit, *m.upper, run.plan.rule);
      judge_or_inform(run, position, m);
    }
  }

  // Three readings of the reference that agree, with some to spare.
  static constexpr Duration steady_slot_ = 10s;

  std::string where_;
  std::string name_ = "repeatability";
  std::vector<ClaimedClass> classes_;
  PointsSettings points_;
  std::shared_ptr<PulseSetUp> set_up_;
  std::unique_ptr<EnergyMethod> method_;
  int runs_ = 0;
  Voltage system_voltage_;
  Frequency frequency_;
};

const bool repeatability_listed =
    steps().add("repeatability", "the spread of the percentage error over runs at close intervals",
                [](const Settings& at) { return std::make_unique<RepeatedRuns>(at); });

}  // namespace

}  // namespace blondel
