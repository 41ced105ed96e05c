#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "references/uncertainty/repeatability.hpp"
#include "rig/class_test/ct_scales.hpp"
#include "rig/class_test/energy_method.hpp"
#include "rig/class_test/window_settings.hpp"
#include "rig/port_time.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

constexpr int least_power_readings = 3;

/// Mean of a meter's total power register, of as many renewals as were watched.
class PowerReadings final : public Registration {
 public:
  PowerReadings(Run& run, Position& position, MeteredEnergy energy, double scale)
      : run_{run},
        position_{position},
        reactive_{energy == MeteredEnergy::reactive},
        point_{reactive_ ? "reactive_power_total_f" : "real_power_total_f"},
        scale_{scale} {}

  Task<void> watch(Time end) override {
    if (!(scale_ > 0)) {
      why_not_ = "its CT primary could not be read";
      co_return;
    }
    const PortTime ports{run_.bench.file()};
    const Duration every = position_.meter->refresh();
    const Time begin = run_.clock.now();
    const auto before = readings_.size();
    // An answer that begins inside the window may end outside; it then still speaks of a second inside.
    for (Time next = begin; next < end - every / 2; next = std::max<Time>(next + every, run_.clock.now())) {
      co_await run_.clock.pause_until(next, {position_.number, 0}, "the meter's next reading");
      // A window is short: a lost answer is not asked for again, but a meter that loses three in a row has gone.
      const auto kilo = co_await run_.glance(position_, point_, end + last_answer);
      if (!kilo) continue;
      if (!std::isfinite(*kilo)) {
        why_not_ = point_ + " has no value";
        co_return;
      }
      // Which sign a meter gives reactive power is its own choice; the wrong one of active power is an error.
      readings_.push_back((reactive_ ? std::abs(*kilo) : *kilo) * 1000 * scale_);
    }
    // Who shares a port is asked no more often than all of them can be, were they all late.
    const Duration round = ports.shared() ? std::max(every, ports.longest_round()) : every;
    const auto renewals = (end - begin) / round;
    const auto got = readings_.size() - before;
    if (static_cast<long>(got) < std::max<long>(least_power_readings, renewals / 2))
      throw Failure{Fault::timeout, fmt::format("position {}", position_.number),
                    fmt::format("no measurement by registers: {} of {} readings arrived", got, (end - begin) / every)};
    why_not_.clear();
  }

  Registered registered() const override {
    Registered r;
    r.why_not = why_not_;
    if (!why_not_.empty()) return r;
    auto spread = value_or_throw(repeatability(readings_));
    r.power = spread.mean;
    if (spread.mean != 0) {
      r.doubt.meter_readings = Repeatability{1, spread.standard_deviation / std::abs(spread.mean), spread.readings};
      // A float32 carries 24 significant bits.
      PointInputs::Register resolution;
      resolution.step = std::ldexp(1.0, -23);
      r.doubt.registers = resolution;
    }
    return r;
  }

 private:
  Run& run_;
  Position& position_;
  bool reactive_;
  std::string point_;
  double scale_;
  std::vector<double> readings_;  // W or var, source's side
  std::string why_not_ = "nothing was registered";
};

class PowerRegisters final : public EnergyMethod {
 public:
  explicit PowerRegisters(const Settings& step) : settings_{WindowSettings::of(step)} {}

  std::string name() const override { return "registers"; }
  bool counts_energy() const override { return false; }
  Duration preparation(const BenchFile& bench) const override { return PortTime{bench}.with_neighbours(10s, 1, 1); }
  Task<void> begin(Run& run, Time slot_end) override { co_await scales_.learn(run, slot_end); }
  std::optional<std::string> cannot(const Bench&, const PlannedPoint&) const override { return std::nullopt; }

  /// As long as it takes to ask every meter of a shared port often enough.
  Duration shortest(const BenchFile& bench, const PlannedPoint&) const override {
    const PortTime ports{bench};
    if (!ports.shared()) return 6s;
    return std::max<Duration>(
        6s, std::chrono::ceil<std::chrono::seconds>((least_power_readings + 1) * ports.longest_round()));
  }
  Duration usual_window(const BenchFile& bench, const PlannedPoint& point, Ratio) const override {
    return std::max(settings_.window > Duration{} ? settings_.window : Duration{12s}, shortest(bench, point));
  }
  Duration longest() const override { return std::max<Duration>(settings_.longest, 10min); }

  void foretell(const BenchFile&, const PlannedPoint&, Seconds window, PointInputs& into) const override {
    PointInputs::Register resolution;
    resolution.step = std::ldexp(1.0, -23);
    into.registers = resolution;
    // How far a meter's readings spread is its own; a plan has to suppose something.
    const auto readings = static_cast<std::size_t>(std::max(2.0, std::floor(window.si() / update_s)));
    into.meter_readings = Repeatability{1, supposed_spread, readings};
  }

  std::unique_ptr<Registration> open(Run& run, const PlannedPoint& point, Position& position) override {
    return std::make_unique<PowerReadings>(run, position, point.point.energy, scales_.of(run, position));
  }

 private:
  static constexpr double update_s = 1;  // as the data sheet says
  static constexpr double supposed_spread = 1e-4;
  WindowSettings settings_;
  CtScales scales_;
};

}  // namespace

std::unique_ptr<EnergyMethod> by_power_registers(const Settings& step) {
  return std::make_unique<PowerRegisters>(step);
}

}  // namespace blondel
