#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "rig/class_test/energy_method.hpp"
#include "rig/class_test/update_phase.hpp"
#include "rig/class_test/window_settings.hpp"
#include "rig/port_time.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Energy between two changes of a register.
class EnergyDifference final : public Registration {
 public:
  EnergyDifference(Run& run, Position& position, MeteredEnergy energy, double scale, UpdatePhase& phase)
      : run_{run},
        position_{position},
        phase_{phase},
        point_{energy == MeteredEnergy::active ? "real_energy_f" : "reactive_energy_f"},
        scale_{scale} {}

  Task<void> watch(Time end) override {
    if (!first_) co_await see_first(end);
    const auto last = co_await see_last(end);
    if (last) last_ = last;
    for (const auto& change : {first_, last_})
      if (change && !std::isfinite(change->kilo_hours)) failed_ = point_ + " has no value";
    at_end_.reset();
    // Where it was not seen to change just before the end, it is slow, or it has stopped.
    if (!last && failed_.empty()) {
      at_end_ = co_await run_.glance(position_, point_, end + last_register_answer);
      ended_ = end;
      no_answer_ = !at_end_;
      if (at_end_ && !std::isfinite(*at_end_)) failed_ = point_ + " has no value";
    } else {
      no_answer_ = false;
    }
  }

  Registered registered() const override {
    Registered r;
    if (!failed_.empty()) {
      r.why_not = failed_;
      return r;
    }
    if (!first_ || !last_ || last_->middle() <= first_->middle()) {
      r.why_not = point_ + " was not seen to change twice";
      return r;
    }
    const double t = in_seconds(last_->between_requests() - first_->between_requests());
    const double kilo = last_->kilo_hours - first_->kilo_hours;
    if (!(kilo > 0)) {
      r.why_not = fmt::format("{} went from {} to {}", point_, first_->kilo_hours, last_->kilo_hours);
      return r;
    }
    if (const double still_s = at_end_ ? standstill_s(*first_, *last_, *at_end_, ended_) : 0; still_s > 0) {
      r.why_not =
          fmt::format("{} rose by {:.6g} every second, and then by nothing for {:.1f} s", point_, kilo / t, still_s);
      return r;
    }
    if (no_answer_) {
      r.why_not = point_ + " gave no answer at the end of the window";
      return r;
    }
    r.why_not.clear();
    r.measured = Seconds{t};
    r.power = kilo * 3.6e6 / t * scale_;
    PointInputs::Register both_ends;
    both_ends.step = float_step(last_->kilo_hours) / kilo;
    both_ends.difference = true;
    both_ends.update_period = Seconds{std::max(first_->request_gap_s(), last_->request_gap_s()) +
                                      std::abs(last_->round_trip_s() - first_->round_trip_s())};
    both_ends.window = Seconds{t};
    r.doubt.registers = both_ends;
    return r;
  }

 private:
  Task<void> see_first(Time end) {
    if (const auto begin = phase_.first_after(run_.clock.now()); begin && *begin < end)
      co_await run_.clock.pause_until(*begin, {position_.number, 0}, "the energy register's next change");
    first_ = co_await next_register_change(run_, position_, point_, end);
    if (first_)
      phase_.saw(*first_);
    else
      phase_.forget();
  }

  Task<std::optional<RegisterChange>> see_last(Time end) {
    const auto begin = phase_.last_before(end);
    if (!begin || *begin < run_.clock.now()) {
      const auto last = co_await last_register_change(run_, position_, point_, end);
      if (last) phase_.saw(*last);
      co_return last;
    }
    co_await run_.clock.pause_until(*begin, {position_.number, 0}, "the energy register's last change");
    const auto last = co_await next_register_change(run_, position_, point_, end);
    if (last)
      phase_.saw(*last);
    else
      phase_.forget();
    co_return last;
  }

  Run& run_;
  Position& position_;
  UpdatePhase& phase_;
  std::string point_;
  double scale_;
  std::optional<RegisterChange> first_, last_;
  std::optional<double> at_end_;  // what it held at `ended_`, where it was not seen to change just before
  Time ended_ = never;
  bool no_answer_ = false;
  std::string failed_;
};

class EnergyRegisters final : public EnergyMethod {
 public:
  EnergyRegisters(const Settings& step, std::shared_ptr<const PulseSetUp> set_up)
      : set_up_{std::move(set_up)}, settings_{WindowSettings::of(step)} {}

  std::string name() const override { return "energy registers"; }
  bool needs_pulse_set_up() const override { return true; }
  Task<void> begin(Run&, Time) override {
    phases_.clear();
    co_return;
  }
  Duration longest() const override { return settings_.longest; }
  std::string setting(const BenchFile& bench) const override { return set_up_->text(bench); }

  std::optional<std::string> cannot(const Bench& bench, const PlannedPoint&) const override {
    // On a port with neighbours a register cannot be asked often enough to see when it changes.
    if (PortTime{bench.file()}.shared())
      return "positions share a port: nobody sees the instant of a register's change";
    return std::nullopt;
  }

  Duration shortest(const BenchFile&, const PlannedPoint&) const override { return 10s; }
  Duration usual_window(const BenchFile& bench, const PlannedPoint& point, Ratio limit) const override {
    if (settings_.window > Duration{}) return std::max(settings_.window, shortest(bench, point));
    // Until the age of the readings leaves no more than a tenth of the limit.
    const double wanted_s = poll_s(bench) / std::sqrt(6.0) * 2 / (limit.si() / 10);
    return std::clamp<Duration>(std::chrono::ceil<std::chrono::seconds>(seconds(wanted_s)), 10s, settings_.longest);
  }

  void foretell(const BenchFile& bench, const PlannedPoint& point, Seconds window, PointInputs& into) const override {
    PointInputs::Register both_ends;
    // An update is lost until the first change is seen, and one at the end.
    both_ends.window = Seconds{std::max(window.si() - 2 * in_seconds(register_update), window.si() / 4)};
    const double kilo = point.power / set_up_->scale(bench) * both_ends.window.si() / 3.6e6;
    both_ends.step = supposed_step_kwh / kilo;
    both_ends.difference = true;
    both_ends.update_period = Seconds{poll_s(bench)};
    into.registers = both_ends;
  }

  std::unique_ptr<Registration> open(Run& run, const PlannedPoint& point, Position& position) override {
    if (!set_up_->ready(position)) return nothing_registered("its CT primary was not set");
    return std::make_unique<EnergyDifference>(run, position, point.point.energy, set_up_->scale(run.bench.file()),
                                              phases_[position.number]);
  }

 private:
  /// From one request to the next.
  static double poll_s(const BenchFile& bench) { return in_seconds(PortTime{bench}.shortest_round()) + 0.005; }
  /// Of a float between 4096 and 8192 kWh: a meter that has counted some.
  static constexpr double supposed_step_kwh = 0x1p-11;
  std::shared_ptr<const PulseSetUp> set_up_;
  WindowSettings settings_;
  std::map<int, UpdatePhase> phases_;  // by position: the same for all points
};

}  // namespace

std::unique_ptr<EnergyMethod> by_energy_registers(const Settings& step, std::shared_ptr<const PulseSetUp> set_up) {
  return std::make_unique<EnergyRegisters>(step, std::move(set_up));
}

}  // namespace blondel
