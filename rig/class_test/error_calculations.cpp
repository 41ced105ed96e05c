#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rig/class_test/energy_method.hpp"
#include "rig/class_test/power_ripple.hpp"
#include "rig/class_test/window_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

constexpr double calculator_pulse_grid_s = 1.0 / 2520;

/// What the reference's own calculator found, run after run.
///
/// A run has as many pulses as are due within its watch. One that has not come to its end goes on into the next watch,
/// so that a gap between pulses is measured wherever it lies, and until it has ended nothing was registered.
class CalculatedErrors final : public Registration {
 public:
  CalculatedErrors(Run& run, Position& position, std::string input, double pulses_per_kwh, double period_s,
                   double ripple_s)
      : run_{run},
        position_{position},
        input_{std::move(input)},
        pulses_per_kwh_{pulses_per_kwh},
        period_s_{period_s},
        ripple_s_{ripple_s} {}

  Task<void> arm(Duration window) override {
    watched_s_ += in_seconds(window);
    if (under_way_) co_return;
    armed_at_s_ = watched_s_ - in_seconds(window);
    CalculatorRun wanted;
    wanted.input = input_;
    wanted.pulses_per_kwh = pulses_per_kwh_;
    // The first edge only opens the gate, and may be a period away; a meter may be slow by as much as would fail it.
    wanted.pulses = std::max<long long>(1, static_cast<long long>(in_seconds(window) / period_s_ * 0.97 - 1));
    // Whose pulses stop is the meter's fault, to be told of the meter: not one of the bench.
    wanted.longest_gap = std::chrono::hours{24 * 366};
    due_ = wanted.pulses;
    under_way_ = true;
    co_await calculator().start(std::move(wanted));
  }

  Task<void> watch(Time end) override {
    co_await run_.clock.pause_until(end, {position_.number, 0}, "the reference's error calculator");
  }

  Task<void> collect() override {
    const auto found = co_await calculator().result(input_);
    if (!found) co_return;
    under_way_ = false;
    by_reference_pulses_ += found->relative * found->reference_pulses;
    reference_pulses_ += found->reference_pulses;
    seconds_ += found->seconds;
    ++runs_;
  }

  Task<void> close() override {
    if (!under_way_) co_return;
    under_way_ = false;
    co_await calculator().stop(input_);
  }

  Registered registered() const override {
    Registered r;
    if (under_way_ || runs_ == 0) {
      r.why_not = fmt::format(
          "pulses are due every {:.3f} s, and not even {} reached the reference's error calculator in {:.0f} s",
          period_s_, due_ + 1, watched_s_ - armed_at_s_);
      return r;
    }
    r.why_not.clear();
    r.measured = Seconds{seconds_};
    r.error = by_reference_pulses_ / reference_pulses_;
    // A pulse of the reference more or less at either end of each run.
    const double runs = std::sqrt(static_cast<double>(runs_));
    r.doubt.pulses = PulseTiming{.window = Seconds{seconds_},
                                 .tick = Seconds{runs * seconds_ / reference_pulses_},
                                 .edge_jitter = Seconds{runs * ripple_s_},
                                 .update_period = Seconds{runs * calculator_pulse_grid_s},
                                 .jitter_pulsates = true};
    return r;
  }

 private:
  ErrorCalculator& calculator() const { return *run_.bench.reference().calculator(); }
  Run& run_;
  Position& position_;
  std::string input_;
  double pulses_per_kwh_, period_s_, ripple_s_;
  double by_reference_pulses_ = 0, reference_pulses_ = 0, seconds_ = 0;
  int runs_ = 0;
  bool under_way_ = false;
  long long due_ = 0;                      // of the run that is under way
  double watched_s_ = 0, armed_at_s_ = 0;  // until now, and when that run began
};

class ErrorCalculations final : public EnergyMethod {
 public:
  ErrorCalculations(const Settings& step, std::shared_ptr<const PulseSetUp> set_up)
      : set_up_{std::move(set_up)}, settings_{WindowSettings::of(step)} {}

  std::string name() const override { return "error calculator"; }
  bool needs_pulse_set_up() const override { return true; }
  Task<void> begin(Run&, Time) override { co_return; }
  Duration longest() const override { return settings_.longest; }
  std::string setting(const BenchFile& bench) const override { return set_up_->text(bench); }

  std::optional<std::string> cannot(const Bench& bench, const PlannedPoint& point) const override {
    if (point.point.energy == MeteredEnergy::reactive) return "the pulse contact gives active energy only";
    if (!bench.has_error_calculator()) return "the reference has no error calculator that this driver knows";
    for (const auto& socket : bench.file().sockets)
      if (socket.calculator.empty())
        return fmt::format("position {} is not wired to the reference's error calculator", socket.position);
    return std::nullopt;
  }

  Duration shortest(const BenchFile& bench, const PlannedPoint& point) const override {
    return std::max<Duration>(6s, whole(least_pulses * set_up_->period_s(bench, point.power)));
  }
  Duration usual_window(const BenchFile& bench, const PlannedPoint& point, Ratio) const override {
    return std::max(settings_.window > Duration{} ? settings_.window : Duration{15s}, shortest(bench, point));
  }

  void foretell(const BenchFile& bench, const PlannedPoint& point, Seconds window, PointInputs& into) const override {
    const double lost_s = 1.5 * set_up_->period_s(bench, point.power) + 0.03 * window.si();
    const Seconds counted{std::max(window.si() - lost_s, window.si() / 4)};
    into.pulses = PulseTiming{.window = counted,
                              .tick = Seconds{supposed_reference_pulse_s},
                              .edge_jitter = Seconds{power_ripple_s(point.load, point.power)},
                              .update_period = Seconds{calculator_pulse_grid_s},
                              .jitter_pulsates = true};
  }

  std::unique_ptr<Registration> open(Run& run, const PlannedPoint& point, Position& position) override {
    if (!set_up_->ready(position)) return nothing_registered("it was not set up for pulses");
    const auto& bench = run.bench.file();
    const auto& socket = bench.sockets.at(static_cast<std::size_t>(position.number) - 1);
    const double kwh = set_up_->choose(bench).per_pulse.si() * set_up_->scale(bench) / 3.6e6;
    return std::make_unique<CalculatedErrors>(run, position, socket.calculator, 1 / kwh,
                                              set_up_->period_s(bench, point.power),
                                              power_ripple_s(point.load, point.power));
  }

 private:
  static constexpr int least_pulses = 5;
  /// 200 kHz at full scale, and a load far below it.
  static constexpr double supposed_reference_pulse_s = 1e-3;
  static Duration whole(double s) { return seconds(std::ceil(std::min(s, 1e6))); }
  std::shared_ptr<const PulseSetUp> set_up_;
  WindowSettings settings_;
};

}  // namespace

std::unique_ptr<EnergyMethod> by_error_calculator(const Settings& step, std::shared_ptr<const PulseSetUp> set_up) {
  return std::make_unique<ErrorCalculations>(step, std::move(set_up));
}

}  // namespace blondel
