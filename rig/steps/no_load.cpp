#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/quantity_text.hpp"
#include "rig/balanced_load.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/class_test/class_results.hpp"
#include "rig/class_test/constants_of.hpp"
#include "rig/class_test/trial_step.hpp"
#include "rig/fetch_edges.hpp"
#include "rig/port_time.hpp"
#include "rig/run.hpp"
#include "rig/steps/no_limit.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Voltage and no current: for the time of the standard the contact must give no more pulses than it permits, and the
/// energy register must not rise at all. The time follows from the constant that the meters are set up for: a larger
/// one makes it shorter by as much as each pulse is worth less. Classes with the same voltage are judged from one
/// application.
class NoLoadTest final : public TrialStep {
 public:
  explicit NoLoadTest(const Settings& at)
      : TrialStep{at, "no_load", "a no-load test", [](const ClaimedClass& claimed) {
                    const auto found = claimed.standard->no_load(claimed.class_name, claimed.connection);
                    return found ? std::optional{found->to.from.mark} : std::nullopt;
                  }} {
    if (const auto least = at.find("at_least")) {
      at_least_ = least->duration();
      if (at_least_ < 1s || at_least_ > 24h) throw least->failure("expected 1 s to 24 h");
    }
  }

  std::string kind() const override { return "no_load"; }
  std::vector<std::string> promises(const Bench& bench) const override {
    std::vector<std::string> all;
    for (const auto& one : applications(bench))
      for (const auto& trial : one.trials) {
        if (gives_pulses(*trial.claimed)) all.emplace_back("no_load_pulses");
        all.emplace_back("no_load_energy");
      }
    return all;
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    const auto all = applications(bench);
    if (all.empty()) return {};
    const auto read = read_slot(bench.file());
    Duration total = set_up().preparation(bench.file());
    for (const auto& one : all) {
      total += outlook.source->apply(one.load) + proof_slot_ + read;
      Duration watched{};
      for (const auto& trial : one.trials) watched = std::max(watched, trial.time) + proof_slot_ + read;
      total += watched;
    }
    return total;
  }

  Task<void> run(Run& run) const override {
    const auto all = applications(run.bench);
    if (all.empty()) co_return;
    Time slot = run.clock.now() + set_up().preparation(run.bench.file());
    co_await set_up().begin(run, slot);
    co_await run.until(slot, "preparing the meters");
    for (const auto& one : all) {
      run.progress.now_doing(fmt::format("no load, {:g} Un", one.ratio));
      slot += run.stimulus.foretell(one.load);
      co_await run.stimulus.apply(one.load, 1s);
      co_await run.until(slot, "settling");
      slot = co_await prove_stimulus(run, one, slot);
      slot = co_await watch(run, one, slot);
    }
  }

 private:
  /// What one class wants.
  struct Trial {
    const ClaimedClass* claimed{};
    NoLoad rule;
    Duration time{};
  };
  /// What a position's energy register held, by index; not a number where it was not read.
  using Energies = std::vector<double>;

  std::optional<Error> cannot(const ClaimedClass& claimed, const Bench& bench) const override {
    const auto trial = trial_of(claimed, bench);
    return trial ? std::nullopt : std::optional{trial.error()};
  }
  void check_class(const ClaimedClass& claimed, const Bench& bench, Findings& findings) const override {
    auto& coverage = findings.coverage_of(claimed, bench.file().system);
    const auto text = point(rule_of(claimed));
    if (const auto why_not = cannot(claimed, bench))
      coverage.cannot(requirement::no_load, text, why_not->what);
    else
      coverage.covers(requirement::no_load, text);
  }

  static NoLoad rule_of(const ClaimedClass& claimed) {
    return *claimed.standard->no_load(claimed.class_name, claimed.connection);
  }
  static std::string point(const NoLoad& rule) { return fmt::format("{:g} Un", rule.voltage.si()); }
  /// The contact gives active energy only.
  static bool gives_pulses(const ClaimedClass& claimed) { return claimed.standard->energy() == MeteredEnergy::active; }
  std::string energy_register() const {
    return gives_pulses(classes().front()) ? "real_energy_f" : "reactive_energy_f";
  }

  LoadPoint load(const BenchFile& bench, double ratio) const {
    return balanced_load(bench.system, system_voltage() * ratio, Current{0}, Angle{0}, frequency());
  }

  Result<Trial> trial_of(const ClaimedClass& claimed, const Bench& bench) const {
    const auto rule = rule_of(claimed);
    if (const auto refusal = bench.refuses(load(bench.file(), rule.voltage.si())))
      return fail(refusal->fault, "no load", std::string{refusal->what});
    const auto time = no_load_time(rule, constants_of(claimed, set_up(), bench.file(), system_voltage()));
    if (!time) return tl::unexpected<Error>{time.error()};
    const Duration whole = seconds(std::ceil(time->si()));
    return Trial{&claimed, rule, std::max({whole, at_least_, shortest_})};
  }

  /// Of each, the shortest time first.
  std::vector<Application<Trial>> applications(const Bench& bench) const {
    std::vector<Application<Trial>> all;
    for (const auto& claimed : classes())
      if (const auto trial = trial_of(claimed, bench)) {
        const double ratio = trial->rule.voltage.si();
        add_trial(all, ratio, load(bench.file(), ratio), *trial);
      }
    for (auto& one : all) std::ranges::stable_sort(one.trials, {}, &Trial::time);
    return all;
  }

  /// That voltage stands at the terminals and no current flows: without the one, and with the other, the test says
  /// nothing. @returns the end of its slot
  static Task<Time> prove_stimulus(Run& run, const Application<Trial>& one, Time slot) {
    co_await run.bench.source().check();
    const auto reading = co_await run.bench.reference().next();
    check_stimulus(one.load, reading);
    const Current most = run.bench.file().ct_substitute.primary * 0.0005;
    for (std::size_t k = 0; k < reading.current.size(); ++k)
      if (one.load.phases[k].voltage.si() > 0 && !(std::abs(reading.current[k].si()) < most.si()))
        throw Failure{Fault::wiring, "reference meter",
                      fmt::format("phase {} has {} where no current was set", "ABC"[k], show(reading.current[k]))};
    slot += proof_slot_;
    co_await run.until(slot, "proving the stimulus");
    co_return slot;
  }

  Task<Time> watch(Run& run, const Application<Trial>& one, Time slot) const {
    Energies before(run.positions.size(), std::nan(""));
    slot += read_slot(run.bench.file());
    co_await read_energies(run, before, slot);
    co_await run.until(slot, "the energy registers");
    for (auto& position : run.positions) co_await fetch_edges(*position.pulses, position.number);
    const Time from = slot;
    std::vector<std::vector<ContactEdge>> edges(run.positions.size());
    for (const auto& trial : one.trials) {
      slot = std::max(slot, from + trial.time);
      co_await run.until(slot, "no load");
      for (std::size_t i = 0; i < edges.size(); ++i) {
        const auto found = co_await fetch_edges(*run.positions[i].pulses, run.positions[i].number);
        edges[i].insert(edges[i].end(), found.begin(), found.end());
      }
      // Without voltage no meter would creep.
      slot = co_await prove_stimulus(run, one, slot);
      Energies after(run.positions.size(), std::nan(""));
      slot += read_slot(run.bench.file());
      co_await read_energies(run, after, slot);
      for (std::size_t i = 0; i < edges.size(); ++i) {
        auto& position = run.positions[i];
        if (position.lost) continue;
        if (gives_pulses(*trial.claimed)) judge_pulses(run, position, trial, edges[i], from);
        judge_energy(run, position, trial, before[i], after[i]);
      }
      run.record.commit();
      co_await run.until(slot, "the energy registers");
    }
    co_return slot;
  }

  Task<void> read_energies(Run& run, Energies& into, Time slot) const {
    const Run::Body read = [this, &run, &into](Position& position) {
      return read_energy(run, position, energy_register(), into[index(run, position)]);
    };
    co_await run.each("energy at no load", read, slot);
  }
  static Task<void> read_energy(Run& run, Position& position, std::string name, double& into) {
    const std::vector<std::string> points = {name};
    const auto values = co_await run.read(position, points);
    into = values.at(name);
  }
  static std::size_t index(const Run& run, const Position& position) {
    return static_cast<std::size_t>(&position - run.positions.data());
  }

  Measurement measurement(const Run& run, const Position& position, const Trial& trial) const {
    auto m = class_measurement(*trial.claimed, requirement::no_load, trial.rule.to.from, run.plan.rule);
    m.position = position.number;
    m.point = fmt::format("{}, no current, {:.0f} s", point(trial.rule), in_seconds(trial.time));
    return m;
  }

  void judge_pulses(Run& run, Position& position, const Trial& trial, const std::vector<ContactEdge>& edges,
                    Time from) const {
    if (!set_up().ready(position)) {
      run.judge(position, Verdict::fail, "no load: it was not set up for pulses");
      return;
    }
    auto m = measurement(run, position, trial);
    m.name = "no_load_pulses";
    m.method = "pulses";
    m.unit = "pulses";
    m.value = static_cast<double>(std::ranges::count_if(
        edges, [&](const ContactEdge& e) { return e.closed && e.at >= from && e.at < from + trial.time; }));
    m.upper = trial.rule.most_pulses;
    m.verdict = decide(m.value, 0, -no_limit, *m.upper, m.rule);
    judge_or_inform(run, position, m);
  }

  /// The standard speaks of pulses; that a register must stand still without a load is this rig's own rule.
  void judge_energy(Run& run, Position& position, const Trial& trial, double before, double after) const {
    auto m = measurement(run, position, trial);
    m.name = "no_load_energy";
    m.method = "energy registers";
    m.method_why = "besides the pulses: a register that rises registers what is not there";
    m.unit = gives_pulses(*trial.claimed) ? "Wh" : "varh";
    m.value = 1000 * (after - before);
    m.lower = 0;
    m.upper = 0;
    m.verdict = decide(m.value, 0, *m.lower, *m.upper, m.rule);
    judge_or_inform(run, position, m);
  }

  static Duration read_slot(const BenchFile& bench) { return PortTime{bench}.slot(1, 2); }
  // The source's answer and a reading of the reference; then the registers are of no load alone.
  static constexpr Duration proof_slot_ = 6s;
  // A meter renews pulses and registers once a second.
  static constexpr Duration shortest_ = 10s;

  Duration at_least_{};
};

const bool no_load_listed = steps().add("no_load", "whether meters stand still with voltage and without current",
                                        [](const Settings& at) { return std::make_unique<NoLoadTest>(at); });

}  // namespace

}  // namespace blondel
