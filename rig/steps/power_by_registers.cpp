#include <cmath>
#include <limits>

#include "references/uncertainty/repeatability.hpp"
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
  Duration preparation() const override { return 5s; }
  Duration window(const BenchFile&, ActivePower) const override { return window_; }
  Duration longest() const override { return window_; }

  Task<void> begin(Run& run) override {
    scale_.assign(run.positions.size(), std::numeric_limits<double>::quiet_NaN());
    const Run::Body learn = [this, &run](Position& position) { return learn_scale(run, position); };
    co_await run.each("CT primary", learn);
  }

  Task<Registered> watch(Run& run, Position& position, Time end) override {
    const double scale = scale_[static_cast<std::size_t>(&position - run.positions.data())];
    const auto every = position.meter->refresh();
    const std::vector<std::string> point = {"real_power_total_f"};
    std::vector<double> readings;
    double last = std::numeric_limits<double>::quiet_NaN();
    // An answer that begins inside the window may end outside; it then still speaks of a second inside.
    for (Time next = run.clock.now(); next < end - every / 2; next += every) {
      co_await run.clock.pause_until(next, {position.number, 0}, "the meter's next reading");
      const auto values = co_await run.read(position, point);
      const double watts = values.at("real_power_total_f") * 1000 * scale;
      // Two equal readings of a noisy value are one renewal read twice.
      if (!readings.empty() && watts == last) continue;
      last = watts;
      readings.push_back(watts);
    }
    Registered registered;
    if (readings.size() < 3) {
      registered.power = ActivePower{std::numeric_limits<double>::quiet_NaN()};
      registered.why_not = "the register was renewed fewer than three times";
      co_return registered;
    }
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
    scale_[static_cast<std::size_t>(&position - run.positions.data())] =
        run.bench.file().ct_substitute.primary.si() / values.at("ct_primary");
  }

  Duration window_ = 12s;
  std::vector<double> scale_;  // source side by register, a position each
};

}  // namespace

std::unique_ptr<AccuracyMethod> power_by_registers(const Settings& at) { return std::make_unique<PowerByRegisters>(at); }

}  // namespace blondel
