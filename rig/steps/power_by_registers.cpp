#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "references/uncertainty/repeatability.hpp"
#include "rig/port_time.hpp"
#include "rig/steps/accuracy_method.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Mean of the meter's total active power register, of as many renewals as the window holds.
class PowerByRegisters final : public AccuracyMethod {
 public:
  explicit PowerByRegisters(const Settings& at) {
    if (const auto window = at.find("window")) window_ = window->duration();
    if (window_ < 6s || window_ > 10min) throw at.at("window").failure("expected 6 s to 10 min");
  }

  std::string name() const override { return "registers"; }
  Duration preparation(const BenchFile& bench) const override { return PortTime{bench}.with_neighbours(10s, 1, 1); }
  /// The plan's, or as long as it takes to ask every meter of a shared port often enough.
  Duration window(const BenchFile& bench, ActivePower, Ratio) const override {
    const PortTime ports{bench};
    if (!ports.shared()) return window_;
    return std::max<Duration>(window_,
                              std::chrono::ceil<std::chrono::seconds>((least_readings + 1) * ports.longest_round()));
  }
  Duration longest() const override { return 10min; }

  Task<void> begin(Run& run, Time slot_end) override {
    scale_.assign(run.positions.size(), std::numeric_limits<double>::quiet_NaN());
    const Run::Body learn = [this, &run](Position& position) { return learn_scale(run, position); };
    co_await run.each("CT primary", learn, slot_end);
  }

  Task<Registered> watch(Run& run, Position& position, Time end) override {
    Registered registered;
    const double scale = scale_[static_cast<std::size_t>(&position - run.positions.data())];
    if (!(scale > 0)) {
      registered.why_not = "its CT primary could not be read";
      co_return registered;
    }
    const PortTime ports{run.bench.file()};
    const Duration every = position.meter->refresh();
    const Time begin = run.clock.now();
    const std::string point = "real_power_total_f";
    std::vector<double> readings;
    // An answer that begins inside the window may end outside; it then still speaks of a second inside.
    for (Time next = begin; next < end - every / 2; next = std::max<Time>(next + every, run.clock.now())) {
      co_await run.clock.pause_until(next, {position.number, 0}, "the meter's next reading");
      // A window is short: a lost answer is not asked for again, but a meter that loses three in a row has gone.
      const auto watts = co_await run.glance(position, point, end + last_answer);
      if (!watts) continue;
      if (!std::isfinite(*watts)) {
        registered.why_not = "real_power_total_f has no value";
        co_return registered;
      }
      readings.push_back(*watts * 1000 * scale);
    }
    // Who shares a port is asked no more often than all of them can be, were they all late.
    const Duration round = ports.shared() ? std::max(every, ports.longest_round()) : every;
    const auto renewals = (end - begin) / round;
    if (static_cast<long>(readings.size()) < std::max<long>(least_readings, renewals / 2))
      throw Failure{Fault::timeout, fmt::format("position {}", position.number),
                    fmt::format("no measurement by registers: {} of {} readings arrived", readings.size(),
                                (end - begin) / every)};
    registered.why_not.clear();
    const auto spread = value_or_throw(repeatability(readings));
    registered.power = ActivePower{spread.mean};
    auto own = spread.contribution("repeatability of the meter's readings");
    own.standard_uncertainty *= spread.mean == 0 ? 0 : 100 / std::abs(spread.mean);
    registered.doubt.push_back(std::move(own));
    // A float32 carries 24 significant bits.
    registered.doubt.push_back(rectangular("register resolution", 100 * std::ldexp(1.0, -24)));
    co_return registered;
  }

 private:
  Task<void> learn_scale(Run& run, Position& position) {
    const std::vector<std::string> point = {"ct_primary"};
    const auto values = co_await run.read(position, point);
    const double primary = values.at("ct_primary");
    if (!(primary > 0))
      throw Failure{Fault::rejected, fmt::format("position {}", position.number),
                    fmt::format("its ct_primary reads {}", primary)};
    scale_[static_cast<std::size_t>(&position - run.positions.data())] =
        run.bench.file().ct_substitute.primary.si() / primary;
  }

  static constexpr int least_readings = 3;
  Duration window_ = 12s;
  std::vector<double> scale_;  // source side by register, a position each
};

}  // namespace

std::unique_ptr<AccuracyMethod> power_by_registers(const Settings& at) {
  return std::make_unique<PowerByRegisters>(at);
}

}  // namespace blondel
