#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "drivers/time/together.hpp"
#include "references/quantity_text.hpp"
#include "references/standards/standard_list.hpp"
#include "rig/balanced_load.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/steps/accuracy_method.hpp"
#include "rig/steps/accuracy_point.hpp"
#include "rig/steps/stimulus_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Percentage error of active energy at the load points of a class: one stimulus for all, every position judged
/// against the reference meter, never against the set-point.
class Accuracy final : public Step {
 public:
  explicit Accuracy(const Settings& at) : where_{at.where()}, table_{load_table(at)} {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    method_ = at.at("method").one_of({"registers", "pulses"}) == 0 ? power_by_registers(at) : power_by_pulses(at);
    for (const auto& item : at.at("points").items()) points_.push_back(read_accuracy_point(item, table_));
    if (points_.empty()) throw at.at("points").failure("expected at least one point");
  }

  std::string kind() const override { return "accuracy"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises() const override {
    return std::vector<std::string>(points_.size(), "percentage_error");
  }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    for (const auto& point : points_) {
      const auto load = load_at(bench.file(), point);
      if (const auto refusal = bench.refuses(load))
        findings.refusals.push_back({refusal->fault, point.where, refusal->what});
      const auto power = power_at(bench.file(), point);
      if (const auto window = method_->window(bench.file(), power, point.limit.limit); window > method_->longest())
        findings.refusals.push_back(
            {Fault::incapable, point.where,
             fmt::format("{} by {} would take {:.0f} s, longer than the {:.0f} s the plan allows", point.text(),
                         method_->name(), in_seconds(window), in_seconds(method_->longest()))});
    }
    note_bands(table_, points_, findings.bands);
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    Duration total = method_->preparation(bench.file());
    for (const auto& point : points_)
      total += outlook.source->apply(load_at(bench.file(), point)) + steady_slot_ +
               method_->window(bench.file(), power_at(bench.file(), point), point.limit.limit) + judging_slot_;
    return total;
  }

  Task<void> run(Run& run) const override {
    Time slot = run.clock.now() + method_->preparation(run.bench.file());
    co_await method_->begin(run, slot);
    co_await run.until(slot, "preparing the meters");
    for (const auto& point : points_) {
      run.progress.now_doing(point.text());
      const auto load = load_at(run.bench.file(), point);
      slot += run.stimulus.foretell(load);
      co_await run.stimulus.apply(load, 1s);
      co_await run.until(slot, "settling");
      const auto reading = co_await run.stimulus.steady(percent(0.05), slot += steady_slot_);
      // A source that has tripped would look like wrong wiring.
      co_await run.bench.source().check();
      check_stimulus(load, reading);
      co_await run.until(slot, "steady state");
      slot += method_->window(run.bench.file(), power_at(run.bench.file(), point), point.limit.limit);
      co_await measure(run, point, load, slot);
      co_await run.until(slot += judging_slot_, "judging");
    }
  }

 private:
  static LimitTable load_table(const Settings& at) {
    const auto standard = at.at("standard");
    std::optional<std::string> edition;
    if (const auto year = at.find("edition")) edition = year->text();
    return StandardList::ours().table(standard.text(), "balanced", edition, standard.where());
  }

  Current rated(const BenchFile& bench) const { return bench.ct_substitute.primary; }
  LoadPoint load_at(const BenchFile& bench, const AccuracyPoint& point) const {
    return balanced_load(bench.system, system_voltage_, rated(bench) * point.current_ratio, point.power_factor.lag(),
                         frequency_);
  }
  ActivePower power_at(const BenchFile& bench, const AccuracyPoint& point) const {
    return balanced_power(bench.system, system_voltage_, rated(bench) * point.current_ratio, point.power_factor.lag());
  }

  Task<void> watch_position(Run& run, Position& position, Registered& into, Time end) const {
    into = co_await method_->watch(run, position, end);
  }
  static Task<void> watch_truth(Run& run, ReferenceMean& into, Time end) { into = co_await watch_reference(run, end); }
  static Task<void> watch_all(Run& run, Run::Body watch, Time by, Run::Troubles& troubles) {
    troubles = co_await run.side_by_side(std::move(watch), by);
  }

  Task<void> measure(Run& run, const AccuracyPoint& point, const LoadPoint& load, Time end) const {
    ReferenceMean truth;
    std::vector<Registered> registered(run.positions.size());
    const Run::Body watch = [this, &run, &registered, end](Position& position) {
      return watch_position(run, position, registered[static_cast<std::size_t>(&position - run.positions.data())], end);
    };
    std::vector<Task<void>> both;
    both.push_back(watch_truth(run, truth, end));
    Run::Troubles troubles;
    both.push_back(watch_all(run, watch, end + judging_slot_ - Run::settling, troubles));
    co_await together(run.clock, std::move(both));
    // Nobody is judged by a window in which the source tripped.
    co_await run.bench.source().check();
    const auto refused = troubles;
    co_await run.settle("accuracy", std::move(troubles));

    run.record.add("reading", {{"position", 0},
                               {"what", "active power by the reference meter"},
                               {"values", {{"mean_w", truth.active.si()}, {"readings_w", truth.readings}}}});
    for (std::size_t i = 0; i < run.positions.size(); ++i)
      if (!run.positions[i].lost && !refused[i]) judge(run, run.positions[i], point, load, truth, registered[i]);
    run.record.commit();
  }

  void judge(Run& run, Position& position, const AccuracyPoint& point, const LoadPoint& load,
             const ReferenceMean& truth, const Registered& registered) const {
    Measurement m;
    m.position = position.number;
    m.name = "percentage_error";
    m.point = point.text();
    m.current_ratio = point.current_ratio;
    m.power_factor = show(point.power_factor);
    m.method = method_->name();
    m.unit = "%";
    m.lower = -in_percent(point.limit.limit);
    m.upper = in_percent(point.limit.limit);
    m.rule = run.plan.rule;
    m.standard = point.limit.standard;
    m.edition = point.limit.edition;
    m.clause = point.limit.clause;
    m.mark = point.limit.mark;
    m.value = 100 * (registered.power.si() / truth.active.si() - 1);

    const double tangent = std::abs(std::tan(point.power_factor.lag().si()));
    const auto& ct = run.bench.file().ct_substitute;
    const double inf = std::numeric_limits<double>::infinity();
    Budget budget{"%"};
    // The certificate speaks of apparent power; seen from active power it weighs 1 / PF.
    budget.add(
        {"reference meter",
         100 * run.bench.reference().expanded_uncertainty(load).si() / 2 * truth.apparent.si() / truth.active.si(), inf,
         "B", "normal"});
    budget.add(truth.spread_of_readings());
    budget.add({"CT substitute, ratio", 100 * ct.ratio_uncertainty.si() / 2, inf, "B", "normal"});
    budget.add({"CT substitute, phase", 100 * ct.phase_uncertainty.si() / 2 * tangent, inf, "B", "normal"});
    for (const auto& doubt : registered.doubt) budget.add(doubt);
    m.verdict = decide(m.value, budget.expanded(), *m.lower, *m.upper, run.plan.rule);
    if (leaves_open(m.value, registered.open_percent, *m.upper, m.verdict)) m.verdict = Verdict::inconclusive;
    m.budget = std::move(budget);
    if (!registered.why_not.empty()) {
      run.judge(position, Verdict::fail,
                fmt::format("no measurement by {} at {}: {}", method_->name(), point.text(), registered.why_not));
      return;
    }
    run.judge(position, m);
  }

  /// Whether a value that is known to ± `open` only might as well have got another verdict, or any.
  static bool leaves_open(double value, double open, double limit, Verdict verdict) {
    if (open > limit) return true;
    return verdict == Verdict::fail && std::abs(value) - open <= limit;
  }

  // Three readings of the reference that agree, with some to spare.
  static constexpr Duration steady_slot_ = 10s;
  // The last answers and the decision.
  static constexpr Duration judging_slot_ = 4s;

  std::string where_;
  std::string name_ = "accuracy";
  LimitTable table_;
  Voltage system_voltage_;
  Frequency frequency_;
  std::unique_ptr<AccuracyMethod> method_;
  std::vector<AccuracyPoint> points_;
};

const bool accuracy_listed =
    steps().add("accuracy", "percentage error at the load points of a class, by registers or by pulses",
                [](const Settings& at) { return std::make_unique<Accuracy>(at); });

}  // namespace

}  // namespace blondel
