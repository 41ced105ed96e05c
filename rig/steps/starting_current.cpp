#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/quantity_text.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/class_test/class_results.hpp"
#include "rig/class_test/constants_of.hpp"
#include "rig/class_test/trial_step.hpp"
#include "rig/fetch_edges.hpp"
#include "rig/run.hpp"
#include "rig/steps/no_limit.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// The least current at which a meter must register: balanced, at unity, watched at its pulses, which are set up as
/// frequent as they may be. Classes with the same current are judged from one application.
class StartingCurrentTest final : public TrialStep {
 public:
  explicit StartingCurrentTest(const Settings& at)
      : TrialStep{at, "starting_current", "a starting current",
                  [](const ClaimedClass& claimed) {
                    const auto found = claimed.standard->starting_current(claimed.class_name, claimed.connection);
                    return found ? std::optional{found->to.from.mark} : std::nullopt;
                  }},
        longest_where_{where()} {
    if (const auto longest = at.find("longest")) {
      longest_ = longest->duration();
      longest_where_ = longest->where();
      if (longest_ < 10s || longest_ > 6h) throw longest->failure("expected 10 s to 6 h");
    }
  }

  std::string kind() const override { return "starting_current"; }
  std::vector<std::string> promises(const Bench& bench) const override {
    std::vector<std::string> all;
    for (const auto& one : applications(bench))
      for (const auto& trial : one.trials) all.emplace_back(measured(trial));
    return all;
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    const auto all = applications(bench);
    if (all.empty()) return {};
    Duration total = set_up().preparation(bench.file());
    for (const auto& one : all) total += outlook.source->apply(one.load) + steady_slot_ + window(one) + fetch_slot_;
    return total;
  }

  Task<void> run(Run& run) const override {
    const auto all = applications(run.bench);
    if (all.empty()) co_return;
    Time slot = run.clock.now() + set_up().preparation(run.bench.file());
    co_await set_up().begin(run, slot);
    co_await run.until(slot, "preparing the meters");
    for (const auto& one : all) {
      run.progress.now_doing(fmt::format("starting current, {:g} In", one.ratio));
      slot += run.stimulus.foretell(one.load);
      co_await run.stimulus.apply(one.load, 1s);
      co_await run.until(slot, "settling");
      // So near to nothing a reading scatters more than under load; what starts a meter need not be known better.
      const auto reading = co_await run.stimulus.steady(percent(0.5), slot += steady_slot_);
      co_await run.bench.source().check();
      check_stimulus(one.load, reading);
      co_await run.until(slot, "steady state");
      for (auto& position : run.positions) co_await fetch_edges(*position.pulses, position.number);
      const Time from = slot;
      co_await run.until(slot += window(one), "the starting current");
      // Without a load no meter would start.
      co_await run.bench.source().check();
      for (auto& position : run.positions) {
        const auto edges = co_await fetch_edges(*position.pulses, position.number);
        if (!position.lost) judge_position(run, position, one, edges, from);
      }
      run.record.commit();
      co_await run.until(slot += fetch_slot_, "the pulses at the starting current");
    }
  }

 private:
  /// What one class wants.
  struct Trial {
    const ClaimedClass* claimed{};
    StartingCurrent start;
    StartVerdict verdict;
    double period_s{};  ///< from pulse to pulse of a meter without error
    Duration window{};  ///< that it takes to tell
  };
  static Duration window(const Application<Trial>& one) {
    return std::ranges::max(one.trials, {}, &Trial::window).window;
  }

  std::optional<Error> cannot(const ClaimedClass& claimed, const Bench& bench) const override {
    const auto trial = trial_of(claimed, bench);
    return trial ? std::nullopt : std::optional{trial.error()};
  }
  void check_class(const ClaimedClass& claimed, const Bench& bench, Findings& findings) const override {
    auto& coverage = findings.coverage_of(claimed, bench.file().system);
    const auto text = fmt::format("{:g} In", ratio(claimed));
    const auto trial = trial_of(claimed, bench);
    if (!trial) {
      coverage.cannot(requirement::starting, text, trial.error().what);
    } else if (trial->window > longest_) {
      findings.refusals.push_back({Fault::malformed, longest_where_,
                                   fmt::format("expected a longest of at least {}: at {} a pulse comes every {:.3g} s",
                                               show(std::chrono::nanoseconds{trial->window}), text, trial->period_s)});
    } else {
      coverage.covers(requirement::starting, text);
    }
  }

  static double ratio(const ClaimedClass& claimed) {
    return claimed.standard->starting_current(claimed.class_name, claimed.connection)->ratio_to_in;
  }
  static const char* measured(const Trial& trial) {
    return trial.verdict.kind == StartVerdict::Kind::keeps_registering ? "starting_pulses" : "starting_time";
  }

  ClassPoint point(const ClaimedClass& claimed) const {
    return {claimed.standard->energy(), ratio(claimed), Angle{0}, 0};
  }

  Result<Trial> trial_of(const ClaimedClass& claimed, const Bench& bench) const {
    constexpr const char* where = "starting current";
    if (claimed.standard->energy() == MeteredEnergy::reactive)
      return fail(Fault::incapable, where, "the pulse contact gives active energy only");
    const auto verdict = claimed.standard->start_verdict(claimed.class_name, claimed.connection);
    if (!verdict) return fail(Fault::incapable, where, "it is not known how this standard judges a start");
    if (const auto refusal = bench.refuses(load_of(point(claimed), bench.file(), system_voltage(), frequency())))
      return fail(refusal->fault, where, std::string{refusal->what});
    const auto period = start_pulse_time(constants_of(claimed, set_up(), bench.file(), system_voltage()));
    if (!period) return tl::unexpected<Error>{period.error()};
    const double t = period->si();
    const double wanted_s = verdict->kind == StartVerdict::Kind::keeps_registering
                                // Two pulses are seen of a meter that registers no less than half.
                                ? 6 * t
                                // Time for both to be late; longer, so that what is missing is seen to be.
                                : 2 * verdict->times * t + 5;
    return Trial{&claimed, *claimed.standard->starting_current(claimed.class_name, claimed.connection), *verdict, t,
                 seconds(std::ceil(wanted_s))};
  }

  std::vector<Application<Trial>> applications(const Bench& bench) const {
    std::vector<Application<Trial>> all;
    for (const auto& claimed : classes())
      if (const auto trial = trial_of(claimed, bench))
        add_trial(all, ratio(claimed), load_of(point(claimed), bench.file(), system_voltage(), frequency()), *trial);
    return all;
  }

  void judge_position(Run& run, Position& position, const Application<Trial>& one,
                      const std::vector<ContactEdge>& edges, Time from) const {
    if (!set_up().ready(position)) {
      run.judge(position, Verdict::fail, "starting current: it was not set up for pulses");
      return;
    }
    for (const auto& trial : one.trials) {
      std::vector<Time> pulses;
      for (const auto& edge : edges)
        if (edge.closed && edge.at >= from && edge.at < from + trial.window) pulses.push_back(edge.at);
      judge_trial(run, position, trial, pulses, from);
    }
  }

  void judge_trial(Run& run, Position& position, const Trial& trial, const std::vector<Time>& pulses, Time from) const {
    auto m = class_measurement(*trial.claimed, requirement::starting, trial.start.to.from, run.plan.rule);
    const auto at = point(*trial.claimed);
    m.position = position.number;
    m.name = measured(trial);
    m.point = at.text();
    m.current_ratio = at.current_ratio;
    m.power_factor = at.factor();
    m.load = at.load();
    m.method = "pulses";
    double expanded = 0;
    if (trial.verdict.kind == StartVerdict::Kind::keeps_registering) {
      m.unit = "pulses";
      m.value = static_cast<double>(pulses.size());
      m.lower = 2;
    } else {
      m.unit = "s";
      m.value = slowest_s(pulses, from, from + trial.window);
      m.upper = trial.verdict.times * trial.period_s;
      Budget budget{"s"};
      budget.add({"time stamps of both pulses", in_seconds(position.pulses->stamp_uncertainty()) * std::sqrt(2.0),
                  std::numeric_limits<double>::infinity(), "B", "normal"});
      budget.add(rectangular("pulses come with the meter's update", in_seconds(position.meter->refresh()) / 2));
      expanded = budget.expanded();
      m.budget = std::move(budget);
    }
    m.verdict = decide(m.value, expanded, m.lower.value_or(-no_limit), m.upper.value_or(no_limit), m.rule);
    judge_or_inform(run, position, m);
  }

  /// The longer wait of the two: for the first pulse and, from there, for the second. What did not come was waited for
  /// until the end.
  static double slowest_s(const std::vector<Time>& pulses, Time from, Time end) {
    const Time first = pulses.empty() ? end : pulses[0];
    const Time second = pulses.size() < 2 ? end : pulses[1];
    return std::max(in_seconds(first - from), in_seconds(second - first));
  }

  // Three readings of the reference that agree, with some to spare.
  static constexpr Duration steady_slot_ = 10s;
  static constexpr Duration fetch_slot_ = 2s;

  std::string longest_where_;
  Duration longest_ = 10min;
};

const bool starting_current_listed =
    steps().add("starting_current", "whether meters start and keep registering at the least current of a class",
                [](const Settings& at) { return std::make_unique<StartingCurrentTest>(at); });

}  // namespace

}  // namespace blondel
