#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

#include "references/quantity_text.hpp"
#include "references/standards/power_factor.hpp"
#include "rig/balanced_load.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/phase_names.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// What the plan says of one phase that is not as the balanced load has it.
struct PhaseChange {
  std::optional<Voltage> voltage;      ///< line to neutral at the source
  std::optional<Ratio> voltage_share;  ///< of the balanced one
  std::optional<Angle> angle;          ///< absolute, of the voltage
  std::optional<double> current;       ///< share of In
  std::optional<PowerFactor> power_factor;
  bool reversed = false;  ///< the current flows the other way, as through a CT that is put on backwards
};

/// A harmonic of all three phases, as a share of the fundamental of its channel.
struct Harmonic {
  int order{};
  Ratio of_voltage, of_current;
  Angle angle;
};

PowerFactor read_power_factor(const Settings& at) {
  return value_or_throw(parse_power_factor(at.text(), at.where()));
}

/// Puts a load on the bench and waits until it is steady and the meters show it, or takes it off.
///
/// The load is the balanced one of the bench's system; phases that shall be different say how.
class Apply final : public Step {
 public:
  explicit Apply(const Settings& at) : where_{at.where()} {
    if (at.is_scalar()) {
      at.one_of({"off"});
      off_ = true;
      name_ = "apply off";
      return;
    }
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    current_ = share_of_in(at.at("current"));
    if (const auto factor = at.find("power_factor")) power_factor_ = read_power_factor(*factor);
    for (std::size_t k = 0; k < 3; ++k)
      if (const auto phase = at.find(phase_names[k])) changes_[k] = read_change(*phase);
    if (changes_[0] && changes_[0]->angle && changes_[0]->angle->si() != 0)
      throw at.at("A").at("angle").failure(
          "phase A is what the other angles are measured against: its own is 0 deg; turn B and C instead");
    if (const auto list = at.find("harmonics"))
      for (const auto& item : list->items()) harmonics_.push_back(read_harmonic(item));
    name_ = fmt::format("apply {}, {} In, PF {}", show(system_voltage_), current_, show(power_factor_));
    if (const auto name = at.find("name")) name_ = name->text();
  }

  std::string kind() const override { return "apply"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {}; }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    outlook.load = 0;
    if (off_) return;
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    const auto balanced = balanced_load(bench.file().system, system_voltage_, Current{1}, Angle{}, frequency_);
    for (std::size_t k = 0; k < 3; ++k)
      if (changes_[k] && balanced.phases[k].voltage.si() == 0)
        findings.refusals.push_back(
            {Fault::incapable, where_,
             fmt::format("there is no phase {} in a {} service", phase_names[k], blondel::name(bench.file().system))});
    const auto load = load_at(bench.file());
    // Reference meters measure angles against phase A; without it phase order cannot be proved.
    if (load.phases[0].voltage.si() == 0)
      findings.refusals.push_back(
          {Fault::incapable, where_, "expected some voltage on phase A: the reference meter takes its angles from it"});
    if (const auto refusal = bench.refuses(load)) findings.refusals.push_back({refusal->fault, where_, refusal->what});
    outlook.load = ++outlook.loads;
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    if (!off_) return outlook.source->apply(load_at(bench.file())) + steady_slot_ + renewal_;
    outlook.source->off();
    return off_slot_;
  }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(name_);
    Time slot = run.clock.now();
    if (off_) {
      std::string reason = "the plan asks for it";
      co_await run.stimulus.off(std::move(reason), slot);
      co_await run.until(slot + off_slot_, name_);
      co_return;
    }
    const auto load = load_at(run.bench.file());
    slot += run.stimulus.foretell(load);
    co_await run.stimulus.apply(load, 1s);
    co_await run.until(slot, "settling");
    const auto reading = co_await run.stimulus.steady(percent(0.05), slot += steady_slot_);
    // A source that has tripped would look like wrong wiring.
    co_await run.bench.source().check();
    check_stimulus(load, reading);
    co_await run.until(slot += renewal_, "the meters' next readings");
  }

 private:
  /// As read_current_ratio(), and nothing at all.
  static double share_of_in(const Settings& at) { return at.text() == "0 In" ? 0 : read_current_ratio(at); }

  static PhaseChange read_change(const Settings& at) {
    PhaseChange change;
    if (const auto voltage = at.find("voltage")) {
      if (voltage->text().ends_with('%'))
        change.voltage_share = voltage->ratio();
      else
        change.voltage = voltage->voltage();
      if (change.voltage_share && change.voltage_share->si() < 0) throw voltage->failure("expected at least 0 %");
      if (change.voltage && change.voltage->si() < 0) throw voltage->failure("expected at least 0 V");
    }
    if (const auto angle = at.find("angle")) change.angle = angle->angle();
    if (const auto current = at.find("current")) change.current = share_of_in(*current);
    if (const auto factor = at.find("power_factor")) change.power_factor = read_power_factor(*factor);
    if (const auto reversed = at.find("reversed")) change.reversed = reversed->boolean();
    at.finish();
    return change;
  }

  static Harmonic read_harmonic(const Settings& at) {
    Harmonic harmonic;
    const auto order = at.at("order");
    if (order.integer() < 2 || order.integer() > 50) throw order.failure("expected a harmonic of order 2 to 50");
    harmonic.order = static_cast<int>(order.integer());
    const auto share = [&at](const char* of) {
      const auto told = at.find(of);
      if (!told) return Ratio{};
      if (!(told->ratio().si() > 0)) throw told->failure("expected more than 0 % of the fundamental");
      return told->ratio();
    };
    harmonic.of_voltage = share("voltage");
    harmonic.of_current = share("current");
    if (harmonic.of_voltage.si() == 0 && harmonic.of_current.si() == 0)
      throw at.failure("expected a harmonic of the voltage, of the current, or of both");
    if (const auto angle = at.find("angle")) harmonic.angle = angle->angle();
    at.finish();
    return harmonic;
  }

  LoadPoint load_at(const BenchFile& bench) const {
    const auto rated = bench.ct_substitute.primary;
    auto load = balanced_load(bench.system, system_voltage_, rated * current_, power_factor_.lag(), frequency_);
    for (std::size_t k = 0; k < 3; ++k) {
      if (!changes_[k]) continue;
      auto& phase = load.phases[k];
      const auto& change = *changes_[k];
      if (change.voltage) phase.voltage = *change.voltage;
      if (change.voltage_share) phase.voltage = phase.voltage * change.voltage_share->si();
      if (change.angle) phase.voltage_angle = *change.angle;
      if (change.current) phase.current = rated * *change.current;
      if (change.power_factor) phase.lag = change.power_factor->lag();
      // Kept within half a turn to either side.
      if (change.reversed) phase.lag = phase.lag + (phase.lag.si() > 0 ? degrees(-180) : degrees(180));
    }
    for (auto& phase : load.phases) put_harmonics(phase);
    return load;
  }

  /// On what the phase has: without a fundamental there is nothing for a harmonic to be a share of.
  void put_harmonics(PhaseLoad& phase) const {
    for (const auto& h : harmonics_) {
      if (h.of_voltage.si() > 0 && phase.voltage.si() > 0)
        phase.voltage_harmonics.push_back({h.order, h.of_voltage, h.angle});
      if (h.of_current.si() > 0 && phase.current.si() > 0)
        phase.current_harmonics.push_back({h.order, h.of_current, h.angle});
    }
  }

  // Three readings of the reference that agree, with some to spare.
  static constexpr Duration steady_slot_ = 10s;
  // Then the meters' registers are of this load alone: they are renewed once a second.
  static constexpr Duration renewal_ = 3s;
  // Switching off, and proving it by a reading.
  static constexpr Duration off_slot_ = 12s;

  std::string where_, name_;
  bool off_ = false;
  Voltage system_voltage_;
  Frequency frequency_;
  double current_{};
  PowerFactor power_factor_;
  std::array<std::optional<PhaseChange>, 3> changes_;
  std::vector<Harmonic> harmonics_;
};

const bool apply_listed = steps().add("apply", "puts a load on the bench, or takes it off",
                                      [](const Settings& at) { return std::make_unique<Apply>(at); });

}  // namespace

}  // namespace blondel
