#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "drivers/time/together.hpp"
#include "references/quantity_text.hpp"
#include "references/series_4000_k/overrun_choice.hpp"
#include "references/series_4000_k/phase_loss.hpp"
#include "rig/balanced_load.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/fetch_edges.hpp"
#include "rig/port_time.hpp"
#include "rig/pulse_setting.hpp"
#include "rig/pulse_train.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/steps/alarm_witnesses.hpp"
#include "rig/steps/alert_glances.hpp"
#include "rig/steps/crossing.hpp"
#include "rig/steps/no_limit.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

constexpr auto overrun_bit = series_4000_k::alert::bit(series_4000_k::alert::pulse_overrun);
constexpr auto configuration_bit = series_4000_k::alert::bit(series_4000_k::alert::pulse_configuration);

/// Pulse overrun: a load above what the pulse output can show must be told, the contact must keep its full rate and
/// lose no count, and the printed cure (a larger energy per pulse, then the energies cleared) must end it.
///
/// Whether the alert stays after the load has gone is left to the meter. The cure destroys the energy registers, so the
/// plan has to allow it; what they held is in the record.
class PulseOverrun final : public Step {
 public:
  explicit PulseOverrun(const Settings& at) : where_{at.where()} {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    current_ratio_ = read_current_ratio(at.at("current"));
    if (current_ratio_ > 1.2) throw at.at("current").failure("expected at most 1.2 In, the meter's over-range");
    const auto clear = at.find("clear_energy");
    if (!clear)
      throw at.failure("expected 'clear_energy: allowed': the cure of an overrun clears the energy registers");
    clear->one_of({"allowed"});
  }

  std::string kind() const override { return "pulse_overrun"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override {
    return {"overrun_set_delay", "pulse_closure", "pulse_gap", "pulse_count_difference", "overrun_clear_delay"};
  }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    require_configured_voltage(outlook, system_voltage_, where_, findings);
    refuse_slow_ports(bench.file(), where_, findings);
    const auto found = series_4000_k::choose_overrun(bench.file().system, system_voltage_, current_ratio_);
    if (!found) {
      findings.refusals.push_back({found.error().fault, where_, found.error().what});
      return;
    }
    for (const auto& load : {relief(bench.file()), drive(bench.file())})
      if (const auto refusal = bench.refuses(load)) {
        findings.refusals.push_back({refusal->fault, where_, refusal->what});
        break;
      }
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    Duration total = write_slot(bench.file()) + before_watch_ + drive_watch_ + after_watch_ + 3 * turns(bench.file()) +
                     cure_slot(bench.file());
    for (const auto& load : {relief(bench.file()), drive(bench.file()), relief(bench.file())})
      total += outlook.source->apply(load);
    return total;
  }

  Task<void> run(Run& run) const override {
    const auto choice = choose(run.bench.file());
    std::vector<Case> cases(run.positions.size());
    Time slot = run.clock.now() + write_slot(run.bench.file());
    run.progress.now_doing("setting the pulse output");
    const Run::Body write = [this, &run, &choice, &cases](Position& position) {
      return write_choice(run, position, choice, of(run, cases, position));
    };
    co_await run.each("pulse overrun set-up", write, slot);
    co_await run.until(slot, "pulse overrun set-up");

    Look before{.what = "small load", .load = relief(run.bench.file()), .watch = before_watch_};
    co_await look(run, slot, choice, before, cases);
    for (std::size_t i = 0; i < cases.size(); ++i) judge_before(run, i, cases[i]);
    Look overrun{.what = "above capacity", .load = drive(run.bench.file()), .watch = drive_watch_, .overrun = true};
    co_await look(run, slot, choice, overrun, cases);
    for (std::size_t i = 0; i < cases.size(); ++i) judge_overrun(run, i, choice, overrun, cases[i]);
    Look after{.what = "small load again", .load = relief(run.bench.file()), .watch = after_watch_};
    co_await look(run, slot, choice, after, cases);
    for (std::size_t i = 0; i < cases.size(); ++i) judge_counts(run, i, choice, cases[i]);

    run.progress.now_doing("curing the overrun");
    slot += cure_slot(run.bench.file());
    const Time end = slot - answers_ - turns(run.bench.file());
    const Run::Body cure = [this, &run, &choice, &cases, end](Position& position) {
      return cure_one(run, position, choice, of(run, cases, position), end);
    };
    co_await run.each("cure of the overrun", cure, slot);
    // Without a load anything is cured.
    co_await run.bench.source().check();
    for (std::size_t i = 0; i < cases.size(); ++i) judge_cure(run, i, choice, cases[i]);
    co_await run.until(slot, "cure of the overrun");
  }

 private:
  /// One stimulus.
  struct Look {
    std::string what;
    LoadPoint load;
    Duration watch;        ///< after the output has settled
    bool overrun = false;  ///< whether its power is above the capacity
    Time settled{}, end{};
    Crossing crossing{};
  };
  /// One position through all of it.
  struct Case {
    bool ready = false;                 ///< set up, and heard of ever since
    bool before = false, told = false;  ///< the alert as it should be, without and with the overrun
    std::vector<AlertGlance> glances;   ///< of the look under way
    Time watched_from;
    std::vector<ContactEdge> edges;  ///< of the pulse contact since the first look
    CounterReading first, last;      ///< of the counter, at the end of the looks with small load
    std::uint16_t latched{};         ///< the alerts before the cure
    Time commanded;                  ///< the cure
    double resets{};                 ///< counted for it
    bool cured = false;
  };

  static Case& of(Run& run, std::vector<Case>& cases, const Position& position) {
    return cases[static_cast<std::size_t>(&position - run.positions.data())];
  }

  series_4000_k::OverrunChoice choose(const BenchFile& file) const {
    return value_or_throw(series_4000_k::choose_overrun(file.system, system_voltage_, current_ratio_));
  }
  LoadPoint load(const BenchFile& file, Angle lag) const {
    return balanced_load(file.system, system_voltage_, file.ct_substitute.primary * current_ratio_, lag, frequency_);
  }
  LoadPoint drive(const BenchFile& file) const { return load(file, Angle{0}); }
  /// The same current far from its voltage: a small power without a change of range.
  LoadPoint relief(const BenchFile& file) const { return load(file, degrees(85)); }

  Task<void> write_choice(Run& run, Position& position, series_4000_k::OverrunChoice choice, Case& seen) const {
    const PulseSetting wanted{choice.ct_primary, choice.per_pulse, choice.closure};
    const auto kept = co_await set_pulses(run, position, wanted);
    // With another closure this load overruns nothing.
    if (kept != choice.closure) throw closure_refused(position, wanted, kept);
    seen.ready = true;
  }

  Task<void> watch_output(Run& run, const series_4000_k::OverrunChoice& choice, Look& look, Time told) const {
    // On the source's side; 2 % above it every permitted reading says overrun.
    const ActivePower mark =
        choice.capacity * (1.02 * run.bench.file().ct_substitute.primary.si() / choice.ct_primary.si());
    const std::function<bool(const ReferenceReading&)> beyond = [mark](const ReferenceReading& reading) {
      return reading.active_total > mark;
    };
    const auto shown_mark = show(mark);
    if (look.overrun) look.crossing = co_await watch_crossing(run, told, beyond, shown_mark, look.end);
    co_await run.clock.pause_until(look.settled, {}, "settling");
    const auto reading = co_await run.stimulus.steady(percent(0.1), look.end);
    co_await run.bench.source().check();
    check_stimulus(look.load, reading);
    if (beyond(reading) != look.overrun)
      throw Failure{Fault::instrument, "stimulus",
                    fmt::format("{}: {} stand at the terminals where {} are the capacity", look.what,
                                show(reading.active_total), show(mark / 1.02))};
    run.record.add("reading",
                   {{"position", 0},
                    {"what", "active power by the reference meter, " + look.what},
                    {"values", {{"active_w", reading.active_total.si()}, {"capacity_w", mark.si() / 1.02}}}});
  }

  /// The pulse counters came with firmware 1.019.
  static bool has_counter(const Position& position) { return position.firmware > 1018; }

  static void must_have_answered(const Position& position, const Case& seen) {
    if (seen.glances.empty())
      throw Failure{Fault::timeout, fmt::format("position {}", position.number), "no answer about its alerts"};
  }

  static Task<void> watch_position(Run& run, Position& position, Case& seen, Time end, bool first) {
    if (!seen.ready) co_return;
    seen.watched_from = run.clock.now();
    seen.glances = co_await glance_at_alerts(run, position, end);
    must_have_answered(position, seen);
    if (has_counter(position)) {
      const std::vector<std::string> counter = {"pulse_counter_1_real"};
      const Time asked = run.clock.now();
      const auto values = co_await run.read(position, counter);
      seen.last = {values.at("pulse_counter_1_real"), asked, run.clock.now()};
      if (first) seen.first = seen.last;
    }
    const auto edges = co_await fetch_edges(*position.pulses, position.number);
    seen.edges.insert(seen.edges.end(), edges.begin(), edges.end());
  }
  static Task<void> watch_all(Run& run, Run::Body watch, Time by, Run::Troubles& troubles) {
    troubles = co_await run.side_by_side(std::move(watch), by);
  }

  Task<void> look(Run& run, Time& slot, const series_4000_k::OverrunChoice& choice, Look& look,
                  std::vector<Case>& cases) const {
    run.progress.now_doing(look.what);
    const bool first = cases.empty() || std::ranges::all_of(cases, [](const Case& c) { return c.glances.empty(); });
    if (first)
      for (auto& position : run.positions) co_await fetch_edges(*position.pulses, position.number);
    const Time told = run.clock.now();
    look.settled = slot + run.stimulus.foretell(look.load);
    slot = look.settled + look.watch + turns(run.bench.file());
    look.end = slot - answers_ - turns(run.bench.file());
    co_await run.stimulus.apply(look.load, 200ms);
    const Run::Body watch = [&run, &cases, &look, first](Position& position) {
      return watch_position(run, position, of(run, cases, position), look.end, first);
    };
    Run::Troubles troubles;
    std::vector<Task<void>> both;
    both.push_back(watch_output(run, choice, look, told));
    both.push_back(watch_all(run, watch, slot - Run::settling, troubles));
    co_await together(run.clock, std::move(both));
    co_await run.bench.source().check();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (troubles[i]) cases[i].ready = false;
      if (!cases[i].ready || cases[i].glances.empty()) continue;
      cases[i].latched = cases[i].glances.back().bits;
      run.record.add("reading", {{"position", run.positions[i].number},
                                 {"what", "alert register and pulse counter, " + look.what},
                                 {"values", {{"alert_bitmap", cases[i].latched}, {"counter", cases[i].last.count}}}});
    }
    co_await run.settle("pulse overrun", std::move(troubles));
    run.record.commit();
    co_await run.until(slot, look.what);
  }

  static void judge_before(Run& run, std::size_t i, Case& seen) {
    if (!seen.ready) return;
    seen.before = !seen.glances.empty() && (seen.latched & (overrun_bit | configuration_bit)) == 0;
    if (!seen.before)
      run.judge(run.positions[i], Verdict::fail,
                fmt::format("pulse overrun: alert register 0x{:04X} before anything was overrun", seen.latched));
  }

  void judge_overrun(Run& run, std::size_t i, const series_4000_k::OverrunChoice& choice, const Look& look,
                     Case& seen) const {
    if (!seen.ready || !seen.before) return;
    auto& position = run.positions[i];
    seen.told = !seen.glances.empty() && (seen.latched & overrun_bit) != 0;
    if (!seen.told || (seen.latched & configuration_bit))
      run.judge(position, Verdict::fail,
                fmt::format("pulse overrun: alert register 0x{:04X} at {:.0f} % of the pulse output's capacity",
                            seen.latched, 100 * choice.load));
    if (seen.told) {
      const auto change = alerts_changed(seen.glances, overrun_bit, true, seen.watched_from);
      Budget budget{"s"};
      budget.add(look.crossing.doubt());
      if (change.half_width_s() > 0) budget.add(rectangular("how often the meter was asked", change.half_width_s()));
      judge(run, i, choice, "overrun_set_delay", "s", look.crossing.to(change.middle()), -no_limit, set_within_s,
            std::move(budget));
    }
    const auto wanted = static_cast<double>(choice.closure.count());
    const auto shape = pulse_shape(seen.edges, look.end - full_rate_, look.end, wanted);
    if (shape.closures < 5) {
      run.judge(
          position, Verdict::fail,
          fmt::format("pulse overrun: {} pulses in {:.0f} s above capacity", shape.closures, in_seconds(full_rate_)));
      return;
    }
    const double stamp_ms = 1e3 * in_seconds(position.pulses->stamp_uncertainty()) * std::sqrt(2.0);
    const auto shape_budget = [stamp_ms] {
      Budget budget{"ms"};
      budget.add({"time stamps of both edges", stamp_ms, std::numeric_limits<double>::infinity(), "B", "normal"});
      return budget;
    };
    judge(run, i, choice, "pulse_closure", "ms", shape.closure_ms, 0.9 * wanted, 1.1 * wanted, shape_budget());
    judge(run, i, choice, "pulse_gap", "ms", shape.gap_ms, 0.9 * wanted, 1.1 * wanted, shape_budget());
  }

  void judge_counts(Run& run, std::size_t i, const series_4000_k::OverrunChoice& choice, const Case& seen) const {
    if (!seen.ready) return;
    if (!has_counter(run.positions[i])) {
      run.judge(run.positions[i], Verdict::inconclusive,
                "pulse overrun: its firmware has no pulse counter to compare the contact with");
      return;
    }
    const auto staleness = run.positions[i].meter->refresh() + 200ms;
    judge(run, i, choice, "pulse_count_difference", "pulses",
          counted_too_much(seen.edges, seen.first, seen.last, staleness), -1, 1, Budget{"pulses"});
  }

  /// What the registers held is on disk before they are cleared. A command whose answer was lost is not given again
  /// before it is known that it did not arrive.
  Task<void> clear_energy(Run& run, Position& position, Case& seen) const {
    const std::vector<std::string> held = {"real_energy", "apparent_energy", "reactive_energy", "energy_reset_count"};
    const auto before = co_await run.read(position, held);
    run.record.add("reading",
                   {{"position", position.number}, {"what", "energies before they are cleared"}, {"values", before}});
    run.record.commit();
    const std::vector<std::string> count = {"energy_reset_count"};
    for (int attempt = 1;; ++attempt) {
      std::exception_ptr lost;
      try {
        seen.commanded = run.clock.now();
        const std::string command = "clear_energy";
        co_await position.meter->command(command);
      } catch (const Failure& failure) {
        const bool communication = failure.error.fault == Fault::timeout || failure.error.fault == Fault::protocol;
        if (!communication || attempt == 3) throw;
        lost = std::current_exception();
      }
      co_await run.clock.pause(2s, {position.number, 0}, "the meter clears its energies");
      const auto after = co_await run.read(position, count);
      seen.resets = std::fmod(after.at("energy_reset_count") - before.at("energy_reset_count") + 32768.0, 32768.0);
      if (!lost || seen.resets > 0) break;
    }
    // A meter may count every register that it clears.
    position.own_energy_resets += static_cast<int>(seen.resets);
  }

  Task<void> cure_one(Run& run, Position& position, series_4000_k::OverrunChoice choice, Case& seen, Time end) const {
    if (!seen.ready) co_return;
    const std::vector<std::pair<std::string, double>> wanted = {{"pulse_energy", in_watt_hours(choice.cure)}};
    co_await run.configure(position, wanted);
    co_await clear_energy(run, position, seen);
    seen.watched_from = run.clock.now();
    seen.glances = co_await glance_at_alerts(run, position, end);
    must_have_answered(position, seen);
    seen.cured = true;
  }

  void judge_cure(Run& run, std::size_t i, const series_4000_k::OverrunChoice& choice, const Case& seen) const {
    if (!seen.cured) return;
    auto& position = run.positions[i];
    if (seen.resets == 0)
      run.judge(position, Verdict::fail, "pulse overrun: the meter does not count that its energies were cleared");
    const auto bits = seen.glances.back().bits;
    if (bits & (overrun_bit | configuration_bit)) {
      run.judge(position, Verdict::fail,
                fmt::format("pulse overrun: alert register 0x{:04X} after the load was reduced, the energy per pulse "
                            "raised to {:.0f} Wh and the energies cleared",
                            bits, in_watt_hours(choice.cure)));
      return;
    }
    auto change = alerts_changed(seen.glances, overrun_bit, false, seen.watched_from);
    // Where the first look already finds it clear, it went at any time since the command, or with the load.
    if (change.half_width_s() == 0) change = {seen.commanded, seen.glances.front().answered};
    if ((seen.latched & overrun_bit) == 0) change = {seen.commanded, seen.commanded};
    Budget budget{"s"};
    budget.add(rectangular("how often the meter was asked", change.half_width_s()));
    judge(run, i, choice, "overrun_clear_delay", "s", in_seconds(change.middle() - seen.commanded), -no_limit,
          clear_within_s, std::move(budget));
  }

  void judge(Run& run, std::size_t i, const series_4000_k::OverrunChoice& choice, const char* name, const char* unit,
             double value, double lower, double upper, Budget budget) const {
    Measurement m;
    m.position = run.positions[i].number;
    m.name = name;
    m.point = fmt::format("{:.0f} Wh, {} ms, {:.0f} % of capacity", in_watt_hours(choice.per_pulse),
                          choice.closure.count(), 100 * choice.load);
    m.current_ratio = current_ratio_;
    m.power_factor = "1";
    m.unit = unit;
    m.value = value;
    if (lower > -no_limit) m.lower = lower;
    if (upper < no_limit) m.upper = upper;
    m.rule = run.plan.rule;
    m.verdict = decide(value, budget.expanded(), lower, upper, run.plan.rule);
    m.budget = std::move(budget);
    run.judge(run.positions[i], m);
  }

  // Reading, writing, the meter's two seconds of settling, reading back, and the energy once more; at 1200 baud, with
  // repeats.
  static Duration write_slot(const BenchFile& bench) { return PortTime{bench}.with_neighbours(20s, 9, 14); }
  /// What the other meters of a port take when all are asked for alerts and counter.
  static Duration turns(const BenchFile& bench) { return PortTime{bench}.with_neighbours({}, 2, 2); }
  // The last look at the alerts, and the counter, asked for again if its answer is lost.
  static constexpr Duration answers_ = 8s;
  static constexpr Duration before_watch_ = 12s, after_watch_ = 12s;
  // The alert may wait until a pulse is owed; then some seconds at full rate.
  static constexpr Duration drive_watch_ = 21s, full_rate_ = 6s;
  // Writing, the command, what it took, and as long as the alert may take to go.
  static Duration cure_slot(const BenchFile& bench) {
    return PortTime{bench}.with_neighbours(24s, 8, 52) + turns(bench);
  }
  static constexpr double set_within_s = 10, clear_within_s = 5;

  std::string where_;
  std::string name_ = "pulse_overrun";
  Voltage system_voltage_;
  Frequency frequency_;
  double current_ratio_{};
};

const bool pulse_overrun_listed =
    steps().add("pulse_overrun", "pulse overrun alert, the contact at its full rate, and the printed cure",
                [](const Settings& at) { return std::make_unique<PulseOverrun>(at); });

}  // namespace

}  // namespace blondel
