#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "references/quantity_text.hpp"
#include "rig/balanced_load.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/phase_names.hpp"
#include "rig/port_time.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// What a meter shows in the check, on the source's side of the CT substitute.
struct Seen {
  std::array<double, 3> voltage{}, current{}, power{};
  double total_power{};
};

/// Sets the meters up for the bench and proves at a harmless voltage that phase order and signs are right, before
/// anything is allowed to rise to full output.
class Configure final : public Step {
 public:
  explicit Configure(const Settings& at) {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = at.at("system_voltage").voltage();
    ct_primary_ = at.at("ct_primary").current();
    if (const double a = ct_primary_.si(); a < 5 || a > 32000 || a != std::round(a))
      throw at.at("ct_primary").failure("expected whole amperes from 5 A to 32000 A");
    if (const double v = system_voltage_.si(); v < 82 || v > 660 || v != std::round(v))
      throw at.at("system_voltage")
          .failure("expected whole volts from 82 V to 660 V, the meter's range at PT ratio 1.00");
    if (const auto pulse = at.find("pulse_energy")) {
      pulse_energy_ = pulse->energy();
      const double wh = in_watt_hours(*pulse_energy_);
      if (wh != 10 && wh != 100 && wh != 1000 && wh != 10000)
        throw pulse->failure("expected 10 Wh, 100 Wh, 1 kWh or 10 kWh");
    }
    const auto check = at.at("check");
    where_ = check.where();
    check_voltage_ = check.at("voltage").voltage();
    check_current_ = check.at("current").current();
    if (!(check_voltage_.si() > 0))
      throw check.at("voltage").failure("expected more than 0 V, found " + show(check_voltage_));
    if (!(check_current_.si() > 0))
      throw check.at("current").failure("expected more than 0 A, found " + show(check_current_));
    frequency_ = check.at("frequency").frequency();
    if (!(frequency_.si() > 0))
      throw check.at("frequency").failure("expected more than 0 Hz, found " + show(frequency_));
    if (const auto tolerance = check.find("tolerance")) tolerance_ = tolerance->ratio();
    // The three phases differ by 5 % in voltage and 20 % in current; a wider tolerance could not tell them apart.
    if (!(tolerance_.si() > 0 && tolerance_.si() <= 0.02))
      throw check.at("tolerance").failure("expected more than 0 %, at most 2 %");
    check.finish();
  }

  std::string kind() const override { return "configure"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {}; }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.identified)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected an identify step before anything is written to a meter"});
    const auto load = check_load(bench.file().system);
    if (const auto refusal = bench.refuses(load)) findings.refusals.push_back({refusal->fault, where_, refusal->what});
    for (const auto& phase : load.phases)
      if (phase.voltage > bench.file().envelope.check_voltage) {
        findings.refusals.push_back({Fault::refused, where_,
                                     fmt::format("the check wants {}; before phase order is proved the bench allows {}",
                                                 show(phase.voltage), show(bench.file().envelope.check_voltage))});
        break;
      }
    outlook.wiring_proved = true;
    outlook.system_voltage = system_voltage_;
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    return write_slot(bench.file()) + outlook.source->apply(check_load(bench.file().system)) + steady_slot_ +
           look_slot(bench.file());
  }

  Task<void> run(Run& run) const override {
    const auto& file = run.bench.file();
    Time slot = run.clock.now();
    run.progress.now_doing("writing the configuration");
    const Run::Body write = [this, &run](Position& position) { return write_configuration(run, position); };
    slot += write_slot(file);
    co_await run.each("configure", write, slot);
    co_await run.until(slot, "configure");

    const auto load = check_load(file.system);
    run.progress.now_doing("phase order and signs at low voltage");
    slot += run.stimulus.foretell(load);
    co_await run.stimulus.apply(load, 1s);
    co_await run.until(slot, "settling");
    co_await run.stimulus.steady(percent(0.2), slot += steady_slot_);
    co_await run.until(slot, "steady state");

    const auto truth = co_await run.bench.reference().next();
    // A source that has tripped would look like wrong wiring.
    co_await run.bench.source().check();
    check_stimulus(load, truth);
    std::vector<Seen> seen(run.positions.size());
    const Run::Body look = [this, &run, &seen](Position& position) {
      return look_at(run, position, seen[static_cast<std::size_t>(&position - run.positions.data())]);
    };
    slot += look_slot(file);
    co_await run.each("phase order", look, slot);
    bool swapped = false;
    for (std::size_t i = 0; i < run.positions.size(); ++i)
      if (auto& position = run.positions[i]; !position.lost)
        swapped = judge_order(run, position, seen[i], truth) || swapped;
    if (swapped) throw Failure{Fault::wiring, "configure", "leads are swapped; full output is not released"};
    run.stimulus.wiring_proved();
    co_await run.until(slot, "phase order");
  }

 private:
  static std::vector<int> live_phases(SystemType system) {
    switch (system) {
      case SystemType::one_phase:
      case SystemType::two_wire_ll: return {0};
      case SystemType::split_phase: return {0, 1};
      case SystemType::delta:
      case SystemType::wye: break;
    }
    return {0, 1, 2};
  }

  /// Unlike in every phase, so that no two inputs can be mistaken for each other.
  LoadPoint check_load(SystemType system) const {
    auto load = balanced_load(system, check_voltage_, check_current_, degrees(30), frequency_);
    const bool symmetric_legs = system == SystemType::two_wire_ll;
    if (!symmetric_legs)
      for (int k = 0; k < 3; ++k) {
        auto& phase = load.phases[static_cast<std::size_t>(k)];
        phase.voltage = phase.voltage * (0.90 + 0.05 * k);
        phase.current = phase.current * (0.60 + 0.20 * k);
      }
    return load;
  }

  Task<void> write_configuration(Run& run, Position& position) const {
    const auto& file = run.bench.file();
    std::vector<std::pair<std::string, double>> wanted = {
        {"system_type", static_cast<double>(static_cast<int>(file.system))},
        {"ct_primary", ct_primary_.si()},
        {"ct_secondary", file.ct_substitute.secondary.si() == 1.0 ? 1.0 : 3.0},
        {"pt_ratio", 1.0},
        {"system_voltage", system_voltage_.si()}};
    if (pulse_energy_) wanted.emplace_back("pulse_energy", in_watt_hours(*pulse_energy_));
    const auto refused = co_await refusal(run, position, wanted);
    if (refused) co_await judge_refusal(run, position, wanted, refused);
  }

  /// Why the meter does not take a configuration; null where it does.
  static Task<std::exception_ptr> refusal(Run& run, Position& position,
                                          std::vector<std::pair<std::string, double>> wanted) {
    std::exception_ptr refused;
    try {
      co_await run.configure(position, wanted);
    } catch (const Failure& failure) {
      if (failure.error.fault != Fault::rejected) throw;
      refused = std::current_exception();
    }
    co_return refused;
  }

  /// Passwords may guard the bus, and a CT secondary may be fixed by the hardware. Neither is a fault of the meter, but
  /// nothing more can be found out about it on this bench.
  static Task<void> judge_refusal(Run& run, Position& position, std::vector<std::pair<std::string, double>> wanted,
                                  std::exception_ptr why) {
    std::vector<std::string> names;
    for (const auto& [point, value] : wanted) names.push_back(point);
    const auto held = co_await run.read(position, names);
    // One by one: a meter refuses a request with several registers because of any of them.
    std::size_t needed = 0;
    std::vector<std::string> refused;
    for (const auto& change : wanted) {
      if (held.at(change.first) == change.second) continue;
      ++needed;
      const std::vector<std::pair<std::string, double>> one = {change};
      const auto again = co_await refusal(run, position, one);
      if (again) refused.push_back(change.first);
    }
    if (refused.empty()) co_return;
    const bool only_secondary = refused == std::vector<std::string>{"ct_secondary"};
    if (!only_secondary && refused.size() < needed) std::rethrow_exception(why);
    std::erase_if(position.found,
                  [&](const auto& entry) { return std::ranges::find(refused, entry.first) != refused.end(); });
    position.lost = true;
    run.judge(position, Verdict::inconclusive,
              only_secondary ? fmt::format("configure: the meter keeps its CT secondary code {}, which this bench does "
                                           "not give: it may be fixed by its hardware",
                                           held.at("ct_secondary"))
                             : std::string{"configure: the meter refuses every write: passwords may guard its bus"});
  }

  Task<void> look_at(Run& run, Position& position, Seen& seen) const {
    const auto system = run.bench.file().system;
    const double scale = run.bench.file().ct_substitute.primary.si() / ct_primary_.si();
    std::vector<std::string> points;
    const bool to_neutral =
        system == SystemType::wye || system == SystemType::split_phase || system == SystemType::one_phase;
    constexpr std::array<const char*, 3> ln = {"voltage_an_f", "voltage_bn_f", "voltage_cn_f"};
    constexpr std::array<const char*, 3> ll = {"voltage_ab_f", "voltage_bc_f", "voltage_ac_f"};
    constexpr std::array<const char*, 3> current = {"current_a_f", "current_b_f", "current_c_f"};
    constexpr std::array<const char*, 3> power = {"real_power_a_f", "real_power_b_f", "real_power_c_f"};
    for (const int k : live_phases(system)) {
      const auto i = static_cast<std::size_t>(k);
      points.insert(points.end(), {to_neutral ? ln[i] : ll[i], current[i], power[i]});
    }
    points.emplace_back("real_power_total_f");
    // The registers are a second old at most; by the steady slot that second is one of this load.
    const auto values = co_await run.read(position, points);
    for (const int k : live_phases(system)) {
      const auto i = static_cast<std::size_t>(k);
      seen.voltage[i] = values.at(to_neutral ? ln[i] : ll[i]);
      seen.current[i] = values.at(current[i]) * scale;
      seen.power[i] = values.at(power[i]) * 1000 * scale;
    }
    seen.total_power = values.at("real_power_total_f") * 1000 * scale;
  }

  /// What the same inputs must show by the reference meter.
  static Seen expected(const ReferenceReading& truth, SystemType system) {
    Seen seen;
    const auto potential = [&](std::size_t k) {
      return std::polar(truth.voltage[k].si(), truth.voltage_angle[k].si());
    };
    const bool to_neutral =
        system == SystemType::wye || system == SystemType::split_phase || system == SystemType::one_phase;
    for (std::size_t k = 0; k < 3; ++k) {
      constexpr std::array<std::size_t, 3> from = {0, 1, 0}, to = {1, 2, 2};
      seen.voltage[k] = to_neutral ? truth.voltage[k].si() : std::abs(potential(from[k]) - potential(to[k]));
      seen.current[k] = truth.current[k].si();
      seen.power[k] = truth.active[k].si();
    }
    seen.total_power = truth.active_total.si();
    if (system == SystemType::two_wire_ll) seen.power[0] = truth.active[0].si() + truth.active[1].si();
    return seen;
  }

  /// @returns whether leads are swapped at this position.
  bool judge_order(Run& run, Position& position, const Seen& seen, const ReferenceReading& truth) const {
    bool swapped = false;
    const auto system = run.bench.file().system;
    const auto should = expected(truth, system);
    const auto phases = live_phases(system);
    const auto compare = [&](const char* what, const char* unit, const std::array<double, 3>& is,
                             const std::array<double, 3>& must) {
      for (const int k : phases) {
        const auto i = static_cast<std::size_t>(k);
        if (std::isfinite(is[i]) && std::abs(is[i] - must[i]) <= tolerance_.si() * std::abs(must[i])) continue;
        std::string hint;
        if (std::abs(is[i] + must[i]) <= tolerance_.si() * std::abs(must[i])) hint = "; that is the other polarity";
        for (const int other : phases) {
          const auto j = static_cast<std::size_t>(other);
          // Swapped leads show in both places; a value that is merely wrong may come near another phase's by chance.
          const bool has_its = std::abs(is[i] - must[j]) <= exchange * std::abs(must[j]);
          const bool its_is_wrong = std::abs(is[j] - must[j]) > exchange * std::abs(must[j]);
          if (other != k && has_its && its_is_wrong) hint = fmt::format("; that is what phase {} has", phase_names[j]);
        }
        // A value that another phase has is a swapped lead, which is the bench's; anything else is the meter's.
        run.judge(position, hint.empty() ? Verdict::fail : Verdict::error,
                  fmt::format("{}: {} {} is {:.4g} {}, the reference meter has {:.4g} {}{}",
                              hint.empty() ? "check at low voltage" : "wiring", what, phase_names[i], is[i], unit,
                              must[i], unit, hint));
        swapped = swapped || !hint.empty();
        return false;
      }
      return true;
    };
    // Per-phase powers of three wires depend on where a meter puts its star point, so they are not asked there.
    const bool right =
        compare("voltage", "V", seen.voltage, should.voltage) && compare("current", "A", seen.current, should.current);
    if (right && system != SystemType::delta) compare("power", "W", seen.power, should.power);
    if (right && system == SystemType::delta &&
        !(std::abs(seen.total_power - should.total_power) <= tolerance_.si() * std::abs(should.total_power))) {
      // Voltages and currents are each in order, and their product is not: a voltage and a current of different
      // phases, or a reversed current, meet in one element.
      run.judge(position, Verdict::error,
                fmt::format("wiring: total power is {:.4g} W, the reference meter has {:.4g} W", seen.total_power,
                            should.total_power));
      swapped = true;
    }
    return swapped;
  }

  // Reading, writing, the meter's two seconds of settling and reading back, at 1200 baud, with a repeat; or finding out
  // what a meter refuses.
  static Duration write_slot(const BenchFile& bench) { return PortTime{bench}.with_neighbours(24s, 20, 26); }
  static constexpr Duration steady_slot_ = 10s;
  static Duration look_slot(const BenchFile& bench) { return PortTime{bench}.with_neighbours(12s, 4, 90); }

  // How near a value must be to another phase's to be taken for it; the phases are 5 % and 20 % apart.
  static constexpr double exchange = 0.01;

  std::string name_ = "configure";
  std::string where_;
  Voltage system_voltage_;
  Current ct_primary_;
  std::optional<ActiveEnergy> pulse_energy_;
  Voltage check_voltage_;
  Current check_current_;
  Frequency frequency_;
  Ratio tolerance_ = percent(2);
};

const bool configure_listed =
    steps().add("configure", "sets the meters up and proves phase order and signs at low voltage",
                [](const Settings& at) { return std::make_unique<Configure>(at); });

}  // namespace

}  // namespace blondel
