#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "references/side_by_side.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/class_test/class_results.hpp"
#include "rig/class_test/point_measurement.hpp"
#include "rig/class_test/point_order.hpp"
#include "rig/class_test/points_settings.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Percentage error at the load points of one class or of several: one stimulus for all, every position judged against
/// the reference meter, never against the set-point, and every limit by the same measurement.
class Accuracy final : public Step {
 public:
  explicit Accuracy(const Settings& at)
      : where_{at.where()},
        classes_{read_claimed_classes(at)},
        points_{PointsSettings::of(at, classes_)},
        time_{TimeSettings::of(at)},
        set_up_{std::make_shared<PulseSetUp>(at)} {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    read_methods(at);
    if (const auto left_out = at.find("may_be_left_out")) may_be_left_out_ = left_out->boolean();
  }

  std::string kind() const override { return "accuracy"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench& bench) const override {
    std::vector<std::string> all;
    ClassResults expected;
    // Which rule decides makes no point possible or impossible: the one that was asked for last is as good as any.
    for (const auto& item : feasible(bench, rule_))
      for (const auto& claim : item.claims) {
        all.emplace_back("percentage_error");
        expected.promise(claim, item.planned.point);
      }
    all.insert(all.end(), expected.differences().size(), "difference");
    return all;
  }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    const auto system = bench.file().system;
    for (const auto& claimed : classes_) findings.coverage_of(claimed, system);
    const Traceability traceability{bench};
    ClassResults expected;
    std::map<const ClaimedClass*, Prospects> prospects;
    const auto all = items(bench);
    make_schedules(bench, traceability, outlook.rule, all);
    for (const auto& item : all) {
      const auto& point = item.planned.point;
      const auto refusal = refusal_of(bench, traceability, outlook.rule, item);
      // What the standard asks for and the bench cannot do is left out, and said; what the plan asks for must be.
      if (refusal && !points_.by_the_standard()) findings.refusals.push_back(*refusal);
      for (const auto& claim : item.claims) {
        auto& coverage = findings.coverage_of(*claim.of, system);
        auto& prospect = prospects[claim.of];
        if (prospect.why_not.empty()) prospect.why_not = claim.informative;
        prospect.decided += claim.informative.empty();
        if (refusal) {
          if (prospect.refusal.empty()) prospect.refusal = point.text() + ": " + refusal->what;
          coverage.cannot(requirement::of(point), point.text(), refusal->what);
        } else {
          coverage.covers(requirement::of(point), point.text());
          ++prospect.possible;
          expected.promise(claim, point);
        }
      }
    }
    for (const auto& claimed : classes_) refuse_what_none_decides(claimed, prospects[&claimed], findings);
    for (const auto& [claimed, element] : expected.differences())
      findings.coverage_of(claimed, system).covers(requirement::difference, fmt::format("element {}", element));
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    const Traceability traceability{bench};
    Duration total = preparation(bench.file());
    for (const auto& item : in_order(bench, outlook.rule, *outlook.source)) {
      const auto schedule = value_or_throw(schedule_of(bench, traceability, outlook.rule, item));
      total += outlook.source->apply(item.planned.load) + steady_slot_ +
               PointMeasurement::duration(schedule, schedule.expected_looks);
    }
    return total;
  }

  Task<void> run(Run& run) const override {
    const Traceability traceability{run.bench};
    Time slot = run.clock.now() + preparation(run.bench.file());
    if (needs_pulse_set_up()) co_await set_up_->begin(run, slot);
    for (const auto& method : methods_) co_await method->begin(run, slot);
    co_await run.until(slot, "preparing the meters");
    ClassResults results;
    const auto items = in_order(run.bench, run.plan.rule, run.stimulus.forecast());
    for (const auto& item : items) {
      const auto& planned = item.planned;
      run.progress.now_doing(planned.point.text());
      slot += run.stimulus.foretell(planned.load);
      co_await run.stimulus.apply(planned.load, 1s);
      co_await run.until(slot, "settling");
      const auto reading = co_await run.stimulus.steady(percent(0.05), slot += steady_slot_);
      // A source that has tripped would look like wrong wiring.
      co_await run.bench.source().check();
      check_stimulus(planned.load, reading);
      co_await run.until(slot, "steady state");
      const auto schedule = value_or_throw(schedule_of(run.bench, traceability, run.plan.rule, item));
      PointMeasurement measurement{run, {traceability, planned, item.claims, schedule, run.plan.rule}};
      slot = co_await measurement.measure(slot);
      judge(run, item, schedule, measurement, results);
    }
    results.judge_differences(run);
    run.record.commit();
  }

 private:
  /// A point of this step on a bench, and what it is judged by.
  struct Item {
    PlannedPoint planned;
    std::vector<PointClaim> claims;
    std::string where;  ///< its place in the plan
  };

  /// What becomes of the points of a class.
  struct Prospects {
    int decided = 0, possible = 0;
    std::string why_not, refusal;  ///< of the first that decides nothing, and of the first that cannot be measured
  };

  /// What nobody measures and what nothing decides would pass with every meter.
  void refuse_what_none_decides(const ClaimedClass& claimed, const Prospects& prospects, Findings& findings) const {
    if (!claimed.informative.empty() || (prospects.possible == 0 && prospects.refusal.empty())) return;
    if (const auto wrong = undecided(claimed, prospects.decided > 0, prospects.why_not))
      findings.refusals.push_back({Fault::malformed, claimed.where, *wrong});
    if (prospects.possible == 0 && points_.by_the_standard() && !may_be_left_out_)
      findings.refusals.push_back({Fault::incapable, claimed.where, nothing_left(prospects.refusal)});
  }

  void read_methods(const Settings& at) {
    auto words = energy_method_words();
    auto known = words;
    known.emplace_back("auto");
    const auto chosen = known[at.at("method").one_of(known)];
    if (const auto among = at.find("among")) {
      if (chosen != "auto") throw among->failure("expected it only where the method is auto");
      words.clear();
      for (const auto& item : among->items()) words.push_back(known[item.one_of(energy_method_words())]);
      if (words.empty()) throw among->failure("expected at least one method");
    } else if (chosen != "auto") {
      words = {chosen};
    }
    for (const auto& word : words) methods_.push_back(energy_method(word, at, set_up_));
    // A meter can show the right power and count the wrong energy. Whoever takes that risk names the method.
    if (chosen == "auto" && !at.has("among"))
      std::erase_if(methods_, [](const auto& method) { return !method->counts_energy(); });
  }

  bool needs_pulse_set_up() const {
    return std::ranges::any_of(methods_, [](const auto& m) { return m->needs_pulse_set_up(); });
  }

  Duration preparation(const BenchFile& bench) const {
    Duration total = needs_pulse_set_up() ? set_up_->preparation(bench) : Duration{};
    for (const auto& method : methods_) total += method->preparation(bench);
    return total;
  }

  std::vector<Item> items(const Bench& bench) const {
    std::vector<Item> all;
    for (const auto& wanted : points_.points(elements_of(bench.file().system))) {
      Item item{{wanted.point, load_of(wanted.point, bench.file(), system_voltage_, frequency_), 0}, {}, wanted.where};
      item.planned.power = power_of(item.planned.load, wanted.point.energy);
      for (const auto& claimed : classes_)
        if (auto claim = claim_at(claimed, wanted.point)) item.claims.push_back(std::move(*claim));
      all.push_back(std::move(item));
    }
    return all;
  }

  std::optional<Findings::Finding> refusal_of(const Bench& bench, const Traceability& traceability, DecisionRule rule,
                                              const Item& item) const {
    if (const auto refusal = bench.refuses(item.planned.load))
      return Findings::Finding{refusal->fault, item.where, refusal->what};
    const auto& schedule = schedule_of(bench, traceability, rule, item);
    if (schedule) return std::nullopt;
    return Findings::Finding{schedule.error().fault, item.where, schedule.error().where + ": " + schedule.error().what};
  }

  /// The points that the bench can do, as the plan has them.
  std::vector<Item> feasible(const Bench& bench, DecisionRule rule) const {
    auto all = items(bench);
    if (!points_.by_the_standard()) return all;
    const Traceability traceability{bench};
    std::erase_if(all, [&](const Item& item) { return refusal_of(bench, traceability, rule, item).has_value(); });
    return all;
  }

  std::vector<Item> in_order(const Bench& bench, DecisionRule rule, const SourceForecast& now) const {
    auto given = feasible(bench, rule);
    if (!points_.cheapest_order()) return given;
    std::vector<LoadPoint> loads;
    for (const auto& item : given) loads.push_back(item.planned.load);
    std::vector<Item> ordered;
    for (const auto i : cheapest_order(loads, now)) ordered.push_back(std::move(given[i]));
    return ordered;
  }

  /// Computed once for a bench, a day and a rule: lint, prediction and run ask for the same.
  void forget_those_of_others(const Bench& bench, const Traceability& traceability, DecisionRule rule) const {
    rule_ = rule;
    auto for_whom = fmt::format("{}\n{}\n{}", bench.file().text, show(traceability.today()), blondel::name(rule));
    if (for_whom != schedules_for_) schedules_.clear();
    schedules_for_ = std::move(for_whom);
  }

  Result<Schedule> made_for(const Bench& bench, const Traceability& traceability, DecisionRule rule,
                            const Item& item) const {
    std::vector<EnergyMethod*> methods;
    for (const auto& method : methods_) methods.push_back(method.get());
    return make_schedule({bench, traceability, time_, rule}, item.planned, item.claims, methods);
  }

  /// All that will be asked for, which is most of the work of a lint.
  void make_schedules(const Bench& bench, const Traceability& traceability, DecisionRule rule,
                      const std::vector<Item>& items) const {
    forget_those_of_others(bench, traceability, rule);
    std::vector<const Item*> missing;
    for (const auto& item : items)
      if (!schedules_.contains(item.planned.point.text()) && !bench.refuses(item.planned.load))
        missing.push_back(&item);
    auto made =
        side_by_side(missing.size(), [&](std::size_t i) { return made_for(bench, traceability, rule, *missing[i]); });
    for (std::size_t i = 0; i < missing.size(); ++i)
      schedules_.emplace(missing[i]->planned.point.text(), std::move(made[i]));
  }

  const Result<Schedule>& schedule_of(const Bench& bench, const Traceability& traceability, DecisionRule rule,
                                      const Item& item) const {
    forget_those_of_others(bench, traceability, rule);
    const auto known = schedules_.find(item.planned.point.text());
    if (known != schedules_.end()) return known->second;
    return schedules_.emplace(item.planned.point.text(), made_for(bench, traceability, rule, item)).first->second;
  }

  void judge(Run& run, const Item& item, const Schedule& schedule, const PointMeasurement& measurement,
             ClassResults& results) const {
    const char* what = item.planned.point.energy == MeteredEnergy::active ? "active" : "reactive";
    run.record.add(
        "reading",
        {{"position", 0},
         {"what", fmt::format("{} power by the reference meter", what)},
         {"values",
          {{item.planned.point.energy == MeteredEnergy::active ? "mean_w" : "mean_var", measurement.reference_mean()},
           {item.planned.point.energy == MeteredEnergy::active ? "readings_w" : "readings_var",
            measurement.reference_readings()}}}});
    for (std::size_t i = 0; i < run.positions.size(); ++i) {
      auto& position = run.positions[i];
      if (position.lost) continue;
      if (const auto& why_not = measurement.why_not(i); !why_not.empty())
        judge_missed(run, position, item, schedule, why_not, results);
      for (std::size_t c = 0; c < item.claims.size(); ++c)
        if (const auto& error = measurement.error(i, c)) {
          judge_error(run, position, item.planned.point, item.claims[c], schedule, *error);
          results.found(item.claims[c], item.planned.point, position.number, *error);
        }
    }
    run.record.commit();
  }

  /// A meter that registers nothing fails, whether or not a limit there decides.
  static void judge_missed(Run& run, Position& position, const Item& item, const Schedule& schedule,
                           const std::string& why, ClassResults& results) {
    const auto& point = item.planned.point;
    bool decides = false;
    for (const auto& claim : item.claims) {
      judge_no_measurement(run, position, line_of(run, position, point, claim, schedule), why);
      results.missed(claim, point, position.number, why);
      decides = decides || claim.informative.empty();
    }
    if (!decides)
      run.judge(position, Verdict::fail,
                fmt::format("no measurement by {} at {}: {}", schedule.method->name(), point.text(), why));
  }

  /// All of a line of the record but what was found.
  static Measurement line_of(const Run& run, const Position& position, const ClassPoint& point, const PointClaim& claim,
                             const Schedule& schedule) {
    auto m = class_measurement(*claim.of, requirement::of(point), {claim.limit.clause, claim.limit.mark, "", ""},
                               run.plan.rule);
    m.position = position.number;
    m.name = "percentage_error";
    m.point = point.text();
    m.current_ratio = point.current_ratio;
    m.power_factor = point.factor();
    m.load = point.load();
    m.method = schedule.method->name();
    m.method_why = schedule.why;
    m.unit = "%";
    m.upper = in_percent(claim.limit.limit);
    m.lower = -*m.upper;
    return m;
  }

  static void judge_error(Run& run, Position& position, const ClassPoint& point, const PointClaim& claim,
                          const Schedule& schedule, const PointError& error) {
    auto m = line_of(run, position, point, claim, schedule);
    m.value = error.value_percent;
    m.raw = error.raw_percent;
    m.budget = error.budget;
    m.verdict = error.verdict;
    m.measuring = {error.seconds, error.looks, static_cast<int>(schedule.looks_s.size()), error.stopped};
    judge_or_inform(run, position, m);
  }

  // Three readings of the reference that agree, with some to spare.
  static constexpr Duration steady_slot_ = 10s;

  std::string where_;
  std::string name_ = "accuracy";
  std::vector<ClaimedClass> classes_;
  PointsSettings points_;
  TimeSettings time_;
  std::shared_ptr<PulseSetUp> set_up_;
  Voltage system_voltage_;
  Frequency frequency_;
  bool may_be_left_out_ = false;
  std::vector<std::unique_ptr<EnergyMethod>> methods_;
  mutable DecisionRule rule_{};  // of these schedules
  mutable std::string schedules_for_;
  mutable std::map<std::string, Result<Schedule>> schedules_;  // by the point's text
};

const bool accuracy_listed =
    steps().add("accuracy", "percentage error at the load points of one class or several, with its uncertainty",
                [](const Settings& at) { return std::make_unique<Accuracy>(at); });

}  // namespace

}  // namespace blondel
