#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "drivers/time/together.hpp"
#include "references/quantity_text.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/port_time.hpp"
#include "rig/reference_phasors.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/steps/alarm_witnesses.hpp"
#include "rig/steps/crossing.hpp"
#include "rig/steps/no_limit.hpp"
#include "rig/steps/phase_loss_points.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Phase loss: one line's voltage is lowered to where the meter must not yet tell it, then to where it must, and raised
/// again to where it must be over. Alert register and alarm contact are two witnesses, and both are asked.
///
/// The limits are those of every permitted reading at once: the meter's accuracy, the rounding of printed limits and a
/// recovery up to 2 % above the limit are left to it. What counts is the reference meter's reading of the lines.
class PhaseLoss final : public Step {
 public:
  explicit PhaseLoss(const Settings& at) : where_{at.where()} {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    current_ratio_ = read_current_ratio(at.at("current"));
    if (const auto drop = at.find("drop")) {
      drop_percent_ = std::round(in_percent(drop->ratio()));
      if (drop_percent_ < 1 || drop_percent_ > 99 || std::abs(drop_percent_ - in_percent(drop->ratio())) > 1e-9)
        throw drop->failure("expected whole percents from 1 % to 99 %");
    }
    if (const auto phase = at.find("phase")) phase_ = phase->one_of({"A", "B", "C"});
    if (const auto margin = at.find("margin")) {
      margin_ = margin->ratio().si();
      if (!(margin_ >= 0.0005 && margin_ <= 0.05)) throw margin->failure("expected 0.05 % to 5 %");
    }
  }

  std::string kind() const override { return "phase_loss"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override {
    return {"phase_loss_clear_voltage", "phase_loss_trip_voltage",   "phase_loss_trip_delay",
            "phase_loss_trip_delay",    "phase_loss_recovery_delay", "phase_loss_recovery_delay"};
  }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    const auto& file = bench.file();
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    require_configured_voltage(outlook, system_voltage_, where_, findings);
    for (const auto& socket : file.sockets)
      if (socket.alarm.empty())
        findings.refusals.push_back(
            {Fault::incapable, where_, fmt::format("position {} has no input for its alarm contact", socket.position)});
    if (!connection(file.system).current[phase_] && !(file.system == SystemType::two_wire_ll && phase_ == 1)) {
      findings.refusals.push_back(
          {Fault::incapable, where_,
           fmt::format("there is no phase {} in a {} service", phase_name(), blondel::name(file.system))});
      return;
    }
    refuse_slow_ports(file, where_, findings);
    const auto bounds = phase_loss_bounds(at(file));
    const auto shares = bounds ? points_beyond(at(file), *bounds, margin_) : std::nullopt;
    if (!shares) {
      findings.refusals.push_back(
          {Fault::incapable, where_,
           fmt::format("lowering phase {} alone never shows whether a drop of {:.0f} % is told: within what its data "
                       "sheet permits the meter may tell either everywhere{}",
                       phase_name(), drop_percent_, larger_drop(at(file)))});
      return;
    }
    for (const auto& point : points(file, *shares))
      if (const auto refusal = bench.refuses(point)) {
        findings.refusals.push_back({refusal->fault, where_, refusal->what});
        break;
      }
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    Duration total = write_slot(bench.file()) + nominal_watch_ + clear_watch_ + trip_watch_ + recovery_watch_ +
                     4 * turns(bench.file());
    for (const auto& point : points(bench.file(), shares(bench.file()))) total += outlook.source->apply(point);
    return total;
  }

  Task<void> run(Run& run) const override {
    const auto& file = run.bench.file();
    const auto test = at(file);
    const auto limits = bounds(file);
    const auto loads = points(file, shares(file));
    const auto voltage_at = [&](double share) {
      return deciding_voltage(test, phasor_metering(phasors(test.load(share)), test.configuration.type));
    };
    Time slot = run.clock.now() + write_slot(file);
    run.progress.now_doing("setting the phase-loss thresholds");
    const Run::Body write = [this, &run](Position& position) { return write_thresholds(run, position); };
    co_await run.each("phase-loss set-up", write, slot);
    co_await run.until(slot, "phase-loss set-up");

    Look nominal{.what = "nominal voltage", .load = loads[0], .watch = nominal_watch_, .lost_before = true};
    co_await look(run, slot, test, nominal);

    Look clear{.what = "just above the limit", .load = loads[1], .watch = clear_watch_};
    co_await look(run, slot, test, clear);
    judge_voltage(run, clear, "phase_loss_clear_voltage", voltage_at(limits.clear).voltage.si(), no_limit);

    const auto lost = voltage_at(limits.lost);
    Look trip{.what = "just below the limit", .load = loads[2], .watch = trip_watch_, .wanted = true};
    trip.passed = [&](const DecidingVoltage& v) { return v.voltage <= lost.voltage; };
    trip.mark = lost.voltage;
    co_await look(run, slot, test, trip);
    judge_voltage(run, trip, "phase_loss_trip_voltage", -no_limit, lost.voltage.si());
    judge_delays(run, trip, "phase_loss_trip_delay", series_4000_k::alarm_delay);

    const auto over = voltage_at(limits.recovered);
    Look recovery{.what = "recovered", .load = loads[3], .watch = recovery_watch_, .lost_before = true};
    recovery.passed = [&](const DecidingVoltage& v) { return v.voltage >= over.voltage; };
    recovery.mark = over.voltage;
    co_await look(run, slot, test, recovery);
    judge_delays(run, recovery, "phase_loss_recovery_delay", series_4000_k::recovery_delay);
  }

  Task<void> conclude(Run& run) const override { co_await settle_alarm_doubts(run); }

 private:
  /// One stimulus and what came of it.
  struct Look {
    std::string what;
    LoadPoint load;
    Duration watch;                                        ///< after the output has settled
    bool lost_before = false;                              ///< a phase may have been lost before
    bool wanted = false;                                   ///< whether a phase is lost now
    std::function<bool(const DecidingVoltage&)> passed{};  ///< whether the output is where it decides; empty: no matter
    Voltage mark{};                                        ///< ... which is beyond this

    LoadPoint widest{};  ///< what may stand on the way to it
    Quantities truth{};  ///< by the reference meter, settled
    DecidingVoltage voltage{};
    double voltage_uncertainty{};
    Crossing crossing{};
    std::vector<AlarmWitnesses> seen{};  ///< by place in the run's positions
    std::vector<bool> right{};           ///< whether both witnesses told at the end what they must
  };

  char phase_name() const { return static_cast<char>('A' + phase_); }

  PhaseLossCase at(const BenchFile& file) const {
    PhaseLossCase test;
    test.configuration.type = file.system;
    test.configuration.system_voltage = system_voltage_;
    test.configuration.phase_loss_drop = percent(drop_percent_);
    test.configuration.imbalance = percent(99);
    test.phase = phase_;
    test.current = file.ct_substitute.primary * current_ratio_;
    test.frequency = frequency_;
    return test;
  }

  /// The next drop that could be tested, in words.
  std::string larger_drop(PhaseLossCase test) const {
    for (double wider = drop_percent_ + 1; wider <= 99; ++wider) {
      test.configuration.phase_loss_drop = percent(wider);
      const auto found = phase_loss_bounds(test);
      if (found && points_beyond(test, *found, margin_)) return fmt::format("; a drop of {:.0f} % shows", wider);
    }
    return {};
  }

  PhaseLossBounds bounds(const BenchFile& file) const {
    const auto found = phase_loss_bounds(at(file));
    if (!found) throw std::logic_error{"a phase-loss step was not linted"};
    return *found;
  }

  /// Each a little further than where all readings agree.
  PhaseLossBounds shares(const BenchFile& file) const {
    const auto found = points_beyond(at(file), bounds(file), margin_);
    if (!found) throw std::logic_error{"a phase-loss step was not linted"};
    return *found;
  }

  /// Nominal, just above, just below, recovered.
  std::vector<LoadPoint> points(const BenchFile& file, const PhaseLossBounds& shares) const {
    const auto test = at(file);
    return {test.load(1), test.load(shares.clear), test.load(shares.lost), test.load(shares.recovered)};
  }

  /// With the imbalance at 99 % only the voltage rule can act.
  Task<void> write_thresholds(Run& run, Position& position) const {
    const std::vector<std::pair<std::string, double>> wanted = {{"phase_loss_voltage_threshold", drop_percent_},
                                                                {"phase_loss_imbalance_threshold", 99}};
    co_await run.configure(position, wanted);
  }

  static Task<void> watch_one(Run& run, Position& position, AlarmWitnesses& into, Time end) {
    into = co_await watch_alarm(run, position, end);
    if (!into.bits())
      throw Failure{Fault::timeout, fmt::format("position {}", position.number), "no answer about its alerts"};
  }
  static Task<void> watch_all(Run& run, Run::Body watch, Time by, Run::Troubles& troubles) {
    troubles = co_await run.side_by_side(std::move(watch), by);
  }

  Task<void> watch_output(Run& run, const PhaseLossCase& test, Look& look, Time told, Time settled, Time end) const {
    if (look.passed) {
      // The way there begins at what stood before, which the range for its end may not hold.
      co_await run.bench.reference().prepare(look.widest, 200ms);
      const std::function<bool(const ReferenceReading&)> beyond = [&test, &look](const ReferenceReading& reading) {
        return look.passed(deciding_voltage(test, phasor_metering(phasors_of(reading), test.configuration.type)));
      };
      const auto mark = show(look.mark);
      look.crossing = co_await watch_crossing(run, told, beyond, mark, end);
    }
    co_await run.clock.pause_until(settled, {}, "settling");
    if (look.passed) co_await run.bench.reference().prepare(look.load, 200ms);
    const auto reading = co_await run.stimulus.steady(percent(0.1), end);
    co_await run.bench.source().check();
    check_stimulus(look.load, reading);
    look.truth = phasor_metering(phasors_of(reading), test.configuration.type);
    look.voltage = deciding_voltage(test, look.truth);
    look.voltage_uncertainty = look.voltage.voltage.si() * run.bench.reference().expanded_uncertainty(look.load).si();
    must_decide(test, look, reading, run.bench.reference().expanded_uncertainty(look.load));
  }

  static LoadPoint wider(const LoadPoint& before, LoadPoint after) {
    for (std::size_t k = 0; k < 3; ++k) {
      auto& phase = after.phases[k];
      phase.voltage = std::max(phase.voltage, before.phases[k].voltage);
      phase.current = std::max(phase.current, before.phases[k].current);
    }
    return after;
  }

  /// Nobody is judged where the output, within its uncertainty, leaves the meter a choice.
  static void must_decide(const PhaseLossCase& test, const Look& look, const ReferenceReading& reading, Ratio doubt) {
    for (const double scale : {1 - doubt.si(), 1 + doubt.si()}) {
      auto shifted = reading;
      for (auto& u : shifted.voltage) u = u * scale;
      const auto truth = phasor_metering(phasors_of(shifted), test.configuration.type);
      if (alarm_contact_closed(true, test.expected(truth, look.lost_before)) != look.wanted)
        throw Failure{Fault::instrument, "stimulus",
                      fmt::format("{}: {} stands at {}, where a meter may tell either", look.what, look.voltage.name,
                                  show(look.voltage.voltage))};
    }
  }

  Task<void> look(Run& run, Time& slot, const PhaseLossCase& test, Look& look) const {
    run.progress.now_doing(look.what);
    for (auto& position : run.positions)
      if (!position.lost) co_await fetch_edges(*position.alarm, position.number);
    look.seen.resize(run.positions.size());
    look.right.assign(run.positions.size(), false);
    const Time told = run.clock.now();
    const Time settled = slot + run.stimulus.foretell(look.load);
    slot = settled + look.watch + turns(run.bench.file());
    const Time end = slot - answers_;
    look.widest = wider(run.stimulus.present().value_or(look.load), look.load);
    co_await run.stimulus.apply(look.load, 200ms);
    const Run::Body watch = [&run, &look, end](Position& position) {
      return watch_one(run, position, look.seen[static_cast<std::size_t>(&position - run.positions.data())], end);
    };
    Run::Troubles troubles;
    std::vector<Task<void>> both;
    both.push_back(watch_output(run, test, look, told, settled, end));
    both.push_back(watch_all(run, watch, slot - Run::settling, troubles));
    co_await together(run.clock, std::move(both));
    co_await run.bench.source().check();
    const auto refused = troubles;
    co_await run.settle("phase loss", std::move(troubles));
    note(run, look);
    for (std::size_t i = 0; i < run.positions.size(); ++i)
      if (!run.positions[i].lost && !refused[i]) look.right[i] = judge_witnesses(run, i, test, look);
    run.record.commit();
    co_await run.until(slot, look.what);
  }

  static void note(Run& run, const Look& look) {
    run.record.add(
        "reading",
        {{"position", 0},
         {"what", "deciding voltage by the reference meter, " + look.what},
         {"values", {{look.voltage.name, look.voltage.voltage.si()}, {"limit_v", look.voltage.limit.si()}}}});
    for (std::size_t i = 0; i < run.positions.size(); ++i)
      if (const auto& seen = look.seen[i]; seen.bits())
        run.record.add("reading", {{"position", run.positions[i].number},
                                   {"what", "alert register and alarm contact, " + look.what},
                                   {"values", {{"alert_bitmap", *seen.bits()}, {"closed", seen.closed}}}});
  }

  bool judge_witnesses(Run& run, std::size_t i, const PhaseLossCase& test, const Look& look) const {
    auto& position = run.positions[i];
    const auto& seen = look.seen[i];
    if (!seen.bits()) {
      run.judge(position, Verdict::fail, fmt::format("{}: no answer about its alerts", look.what));
      return false;
    }
    if (seen.closed) position.alarm_loop_proved = true;
    const auto objection = test.expected(look.truth, look.lost_before).objection(*seen.bits());
    const auto complaint = complain({.wanted = look.wanted,
                                     .objection = objection,
                                     .bits = *seen.bits(),
                                     .closed = seen.closed,
                                     .proved = position.alarm_loop_proved});
    if (complaint.verdict == Verdict::pass) return true;
    const auto cause = fmt::format("phase loss, {} ({} = {:.2f} V, limit {:.2f} V): {}", look.what, look.voltage.name,
                                   look.voltage.voltage.si(), look.voltage.limit.si(), complaint.cause);
    run.judge(position, complaint.verdict, cause);
    if (complaint.verdict == Verdict::inconclusive) position.alarm_doubt = cause;
    return false;
  }

  Measurement measurement(const Run& run, std::size_t i, const Look& look, const char* name) const {
    Measurement m;
    m.position = run.positions[i].number;
    m.name = name;
    m.point = fmt::format("phase {}, {:.0f} % drop, {}", phase_name(), drop_percent_, look.voltage.name);
    m.current_ratio = current_ratio_;
    m.power_factor = "1";
    m.rule = run.plan.rule;
    return m;
  }

  void judge_voltage(Run& run, const Look& look, const char* name, double lower, double upper) const {
    for (std::size_t i = 0; i < run.positions.size(); ++i) {
      if (!look.right[i]) continue;
      auto m = measurement(run, i, look, name);
      m.unit = "V";
      m.value = look.voltage.voltage.si();
      if (lower > -no_limit) m.lower = lower;
      if (upper < no_limit) m.upper = upper;
      Budget budget{"V"};
      budget.add(certificate("reference meter", look.voltage_uncertainty));
      m.verdict = decide(m.value, budget.expanded(), lower, upper, run.plan.rule);
      m.budget = std::move(budget);
      run.judge(run.positions[i], m);
    }
  }

  void judge_delays(Run& run, const Look& look, const char* name, Seconds most) const {
    for (std::size_t i = 0; i < run.positions.size(); ++i) {
      if (!look.right[i]) continue;
      const auto by_contact = look.seen[i].contact_changed(look.wanted);
      const auto by_register = look.seen[i].register_changed(look.wanted);
      judge_delay(run, i, look, name, most, "contact", by_contact);
      judge_delay(run, i, look, name, most, "register", by_register);
      const double apart = by_contact.apart_s(by_register);
      if (apart <= agree_s) continue;
      run.judge(run.positions[i], Verdict::fail,
                fmt::format("phase loss, {}: alert register and alarm contact are {:.1f} s apart", look.what, apart));
    }
  }

  void judge_delay(Run& run, std::size_t i, const Look& look, const char* name, Seconds most, const char* witness,
                   const WitnessChange& change) const {
    auto m = measurement(run, i, look, name);
    m.method = witness;
    m.unit = "s";
    m.value = look.crossing.to(change.middle());
    m.upper = most.si();
    Budget budget{"s"};
    budget.add(look.crossing.doubt());
    if (change.half_width_s() > 0) budget.add(rectangular("how often the meter was asked", change.half_width_s()));
    m.verdict = decide(m.value, budget.expanded(), -no_limit, most.si(), run.plan.rule);
    // Who could be asked too seldom to tell is not blamed for it.
    if (m.verdict == Verdict::fail && m.value - change.half_width_s() <= most.si()) m.verdict = Verdict::inconclusive;
    m.budget = std::move(budget);
    run.judge(run.positions[i], m);
  }

  // Reading, writing, the meter's two seconds of settling and reading back, at 1200 baud, with a repeat.
  static Duration write_slot(const BenchFile& bench) { return PortTime{bench}.with_neighbours(14s, 5, 26); }
  /// How much longer a look takes where meters share a port, until each was asked once more.
  static Duration turns(const BenchFile& bench) { return PortTime{bench}.with_neighbours({}, 1, 1); }
  // Watching a settled output: as long as the meter may take, and the last answers.
  static constexpr Duration answers_ = 4s;
  static constexpr Duration nominal_watch_ = 9s, clear_watch_ = 7500ms, trip_watch_ = 7500ms, recovery_watch_ = 9s;
  // Register and contact may differ by a window or two.
  static constexpr double agree_s = 3;

  std::string where_;
  std::string name_ = "phase_loss";
  Voltage system_voltage_;
  Frequency frequency_;
  double current_ratio_{};
  double drop_percent_ = 10;
  std::size_t phase_ = 0;
  double margin_ = 0.002;
};

const bool phase_loss_listed =
    steps().add("phase_loss", "phase-loss alarm of one line, by alert register and alarm contact",
                [](const Settings& at) { return std::make_unique<PhaseLoss>(at); });

}  // namespace

}  // namespace blondel
