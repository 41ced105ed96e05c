#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/quantity_text.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/class_test/class_coverage.hpp"
#include "rig/class_test/class_results.hpp"
#include "rig/class_test/pulse_set_up.hpp"
#include "rig/class_test/register_change.hpp"
#include "rig/fetch_edges.hpp"
#include "rig/port_time.hpp"
#include "rig/step.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// What the register and the pulse contact of one meter counted between two changes of the register.
struct TwoCounts {
  std::optional<RegisterChange> first, last;
  std::vector<ContactEdge> edges;

  /// Closures after one instant and no later than another.
  int closures(Time after, Time until) const {
    return static_cast<int>(std::ranges::count_if(
        edges, [&](const ContactEdge& edge) { return edge.closed && edge.at > after && edge.at <= until; }));
  }
};

/// A class that is judged, by how much register and pulses may differ.
struct ConstantClaim {
  const ClaimedClass* of{};
  ConstantAgreement figure;
  double limit_percent{};
  double base_limit_percent{};  ///< of the error at In, unity
  std::string informative;      ///< why it decides nothing; empty: it decides
};

/// The energy register against the pulses of the test output: both count the same energy, so neither the reference nor
/// the source has a say in it.
class MeterConstant final : public Step {
 public:
  explicit MeterConstant(const Settings& at)
      : where_{at.where()}, classes_{read_claimed_classes(at)}, set_up_{std::make_shared<PulseSetUp>(at)} {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    point_.current_ratio = 1;
    if (const auto current = at.find("current")) point_.current_ratio = read_current_ratio(*current);
    if (const auto window = at.find("window")) {
      window_ = window->duration();
      if (window_ < 20s || window_ > 6h) throw window->failure("expected 20 s to 6 h");
    }
    if (classes_.front().standard->energy() != MeteredEnergy::active)
      throw Failure{Fault::malformed, classes_.front().where,
                    "expected classes of active energy: the pulse contact gives no other"};
    for (const auto& claimed : classes_)
      if (auto claim = claim_of(claimed)) {
        if (const auto wrong = undecided(claimed, claim->informative.empty(), claim->informative))
          throw Failure{Fault::malformed, claimed.where, *wrong};
        claims_.push_back(std::move(*claim));
      }
    if (claims_.empty())
      throw Failure{Fault::malformed, classes_.front().where,
                    fmt::format("{} of {} asks for no agreement of register and pulses, as far as is known",
                                classes_.front().name(), classes_.front().standard->edition())};
  }

  std::string kind() const override { return "meter_constant"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {claims_.size(), "constant_difference"}; }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    const auto refuse = [&](Fault fault, std::string what) {
      findings.refusals.push_back({fault, where_, std::move(what)});
    };
    if (PortTime{bench.file()}.shared())
      refuse(Fault::incapable, "positions share a port: nobody sees the instant of a register's change");
    const auto load = load_at(bench.file());
    if (const auto refusal = bench.refuses(load)) refuse(refusal->fault, refusal->what);
    const double watt_hours = power_of(load, MeteredEnergy::active) / set_up_->scale(bench.file()) *
                              (in_seconds(window_) - 2 * in_seconds(register_update)) / 3600;
    for (const auto& claim : claims_)
      if (const auto factor = claim.figure.energy_factor) {
        const double wanted = *factor * 1000 * supposed_step_kwh / claim.base_limit_percent;
        if (watt_hours < wanted)
          refuse(Fault::malformed,
                 fmt::format("{} wants a test energy of {:.4g} Wh at least, and {} give {:.4g} Wh; expected a longer "
                             "window",
                             claim.of->name(), wanted, show(window_), watt_hours));
      }
    for (const auto& claimed : classes_) {
      auto& coverage = findings.coverage_of(claimed, bench.file().system);
      if (claimed.standard->meter_constant(claimed.class_name, claimed.connection))
        coverage.covers(requirement::constant, compared_);
      else
        coverage.cannot(requirement::constant, compared_, "no figure of the standard is known");
    }
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    return set_up_->preparation(bench.file()) + outlook.source->apply(load_at(bench.file())) + steady_slot_ + window_ +
           judging_slot_;
  }

  Task<void> run(Run& run) const override {
    const auto& bench = run.bench.file();
    run.progress.now_doing(point_.text());
    Time slot = run.clock.now() + set_up_->preparation(bench);
    co_await set_up_->begin(run, slot);
    co_await run.until(slot, "preparing the meters");
    const auto load = load_at(bench);
    slot += run.stimulus.foretell(load);
    co_await run.stimulus.apply(load, 1s);
    co_await run.until(slot, "settling");
    const auto reading = co_await run.stimulus.steady(percent(0.05), slot += steady_slot_);
    // A source that has tripped would look like wrong wiring.
    co_await run.bench.source().check();
    check_stimulus(load, reading);
    co_await run.until(slot, "steady state");

    const Time end = slot += window_;
    std::vector<TwoCounts> counted(run.positions.size());
    const Run::Body body = [&run, &counted, end](Position& position) {
      return count(run, position, counted[static_cast<std::size_t>(&position - run.positions.data())], end);
    };
    auto troubles = co_await run.side_by_side(body, end + judging_slot_ - Run::settling);
    // Nobody is judged by a window in which the source tripped.
    co_await run.bench.source().check();
    const auto refused = troubles;
    co_await run.settle(name_, std::move(troubles));
    for (std::size_t i = 0; i < counted.size(); ++i)
      if (!run.positions[i].lost && !refused[i]) judge(run, run.positions[i], counted[i]);
    run.record.commit();
    co_await run.until(slot += judging_slot_, "judging");
  }

 private:
  static std::optional<ConstantClaim> claim_of(const ClaimedClass& claimed) {
    const auto figure = claimed.standard->meter_constant(claimed.class_name, claimed.connection);
    const auto at_in = claim_at(claimed, {MeteredEnergy::active, 1, Angle{0}, 0});
    if (!figure || !at_in) return std::nullopt;
    ConstantClaim claim{&claimed, *figure, 0, in_percent(at_in->limit.limit),
                        why_informative(claimed, figure->to.from.mark)};
    if (claim.informative.empty()) claim.informative = at_in->informative;
    if (!figure->share_of_limit && claim.informative.empty())
      claim.informative = "the standard names no figure; compared with a tenth of the limit of error";
    claim.limit_percent = figure->share_of_limit.value_or(0.1) * claim.base_limit_percent;
    return claim;
  }

  LoadPoint load_at(const BenchFile& bench) const { return load_of(point_, bench, system_voltage_, frequency_); }

  static Task<void> count(Run& run, Position& position, TwoCounts& into, Time end) {
    // What came before the window is not part of it.
    co_await fetch_edges(*position.pulses, position.number);
    const std::string point = "real_energy_f";
    into.first = co_await next_register_change(run, position, point, end);
    into.last = co_await last_register_change(run, position, point, end);
    into.edges = co_await fetch_edges(*position.pulses, position.number);
  }

  /// Why two counts say nothing; empty when they do.
  std::string why_not(const Position& position, const TwoCounts& c) const {
    if (!set_up_->ready(position)) return "it was not set up for pulses";
    for (const auto& change : {c.first, c.last})
      if (change && !std::isfinite(change->kilo_hours)) return "real_energy_f has no value";
    if (!c.first || !c.last || c.last->middle() <= c.first->middle())
      return "real_energy_f was not seen to change twice";
    if (!(c.last->kilo_hours > c.first->kilo_hours))
      return fmt::format("real_energy_f went from {} to {}", c.first->kilo_hours, c.last->kilo_hours);
    const int pulses = c.closures(c.first->middle(), c.last->middle());
    if (pulses < least_pulses)
      return fmt::format("{} pulses in {:.0f} s", pulses, in_seconds(c.last->middle() - c.first->middle()));
    return {};
  }

  /// In %. What both counts have in common, the load, is not in it.
  static Budget budget_of(const TwoCounts& c, int pulses, double kilo) {
    Budget budget{"%"};
    // Each count misses less than a pulse, and so the difference of two of them is triangular.
    budget.add(triangular("whole pulses, both ends", 1).of_input(pulses, "pulses", -100.0 / pulses));
    const double rate = pulses / in_seconds(c.last->middle() - c.first->middle());
    for (const auto* change : {&*c.first, &*c.last}) {
      const Time middle = change->middle();
      // Where pulses come in bursts, more of them may lie there than the mean rate tells; one of them is the whole
      // pulse above.
      const int most = std::max(c.closures(change->after, middle), c.closures(middle, change->before));
      const double half = std::max(rate * change->width_s() / 2, most - 1.0);
      budget.add(rectangular(change == &*c.first ? "instant of the register's first change"
                                                 : "instant of the register's last change",
                             half)
                     .of_input(pulses, "pulses", -100.0 / pulses));
    }
    const double step = float_step(c.last->kilo_hours);
    budget.add(triangular("register, both readings", step).of_input(kilo, "kWh", 100 / kilo));
    return budget;
  }

  void judge(Run& run, Position& position, const TwoCounts& c) const {
    if (const auto why = why_not(position, c); !why.empty()) {
      run.judge(position, Verdict::fail, fmt::format("meter constant: {}", why));
      return;
    }
    const auto per_pulse = set_up_->choose(run.bench.file()).per_pulse;
    const int pulses = c.closures(c.first->middle(), c.last->middle());
    const double kilo = c.last->kilo_hours - c.first->kilo_hours;
    const double by_pulses = pulses * in_watt_hours(per_pulse) / 1000;
    run.record.add("reading", {{"position", position.number},
                               {"what", "energy by the register and by the pulse contact"},
                               {"values",
                                {{"register_kwh", kilo},
                                 {"pulses", pulses},
                                 {"wh_per_pulse", in_watt_hours(per_pulse)},
                                 {"seconds", in_seconds(c.last->middle() - c.first->middle())}}}});
    for (const auto& claim : claims_) {
      auto m = class_measurement(*claim.of, requirement::constant, claim.figure.to.from, run.plan.rule);
      m.position = position.number;
      m.name = "constant_difference";
      m.point = point_.text() + ", register against pulses";
      m.current_ratio = point_.current_ratio;
      m.power_factor = point_.factor();
      m.load = point_.load();
      m.method = "register against pulses";
      m.unit = "%";
      m.upper = claim.limit_percent;
      m.lower = -claim.limit_percent;
      m.value = 100 * (kilo / by_pulses - 1);
      m.budget = budget_of(c, pulses, kilo);
      m.informative = claim.informative;
      m.verdict = decide(m.value, m.budget->expanded(), *m.lower, *m.upper, run.plan.rule);
      judge_or_inform(run, position, m);
    }
  }

  // Three readings of the reference that agree, with some to spare.
  static constexpr Duration steady_slot_ = 10s;
  static constexpr Duration judging_slot_ = 6s;
  static constexpr int least_pulses = 5;
  /// Of a float between 4096 and 8192 kWh: a meter that has counted some.
  static constexpr double supposed_step_kwh = 0x1p-11;
  static constexpr const char* compared_ = "register against pulses";

  std::string where_;
  std::string name_ = "meter_constant";
  std::vector<ClaimedClass> classes_;
  std::vector<ConstantClaim> claims_;
  std::shared_ptr<PulseSetUp> set_up_;
  ClassPoint point_{MeteredEnergy::active, 1, Angle{0}, 0};
  Voltage system_voltage_;
  Frequency frequency_;
  Duration window_ = 2min;
};

const bool meter_constant_listed =
    steps().add("meter_constant", "the energy register against the pulses of the test output",
                [](const Settings& at) { return std::make_unique<MeterConstant>(at); });

}  // namespace

}  // namespace blondel
