#include "references/metering/quantity_list.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace blondel {
namespace {

/// Whether a quantity needs a spectrum; without one it is withheld for the reading's reason.
enum class From { time, spectrum };

class List {
 public:
  explicit List(std::string withheld) : withheld_{std::move(withheld)} {}

  void add(const std::string& name, const char* unit, double value, From from = From::time) {
    NamedQuantity q{name, unit, std::nullopt, {}};
    if (std::isfinite(value)) {
      q.value = value;
    } else {
      q.withheld = from == From::spectrum && !withheld_.empty() ? withheld_ : "not defined without load";
    }
    list_.push_back(std::move(q));
  }
  template <class Kind>
  void add(const std::string& name, const char* unit, const std::optional<Quantity<Kind>>& value,
           From from = From::time) {
    if (value) add(name, unit, value->si(), from);
  }
  template <class Kind>
  void add(const std::string& name, const char* unit, Quantity<Kind> value, From from = From::time) {
    add(name, unit, value.si(), from);
  }
  /// Magnitude, and angle where there is a magnitude.
  void add_phasor(const std::string& name, const char* unit, std::complex<double> value) {
    add(name, unit, std::abs(value), From::spectrum);
    add(name + "_angle", "deg", std::arg(value) * 180 / std::numbers::pi, From::spectrum);
  }
  std::vector<NamedQuantity> take() { return std::move(list_); }

 private:
  std::string withheld_;
  std::vector<NamedQuantity> list_;
};

void add_lines(List& list, const Quantities& q) {
  list.add("frequency", "Hz", q.frequency, From::spectrum);
  const char* ln[] = {"an", "bn", "cn"};
  const char* ll[] = {"ab", "bc", "ac"};
  const char* phase[] = {"a", "b", "c"};
  for (std::size_t k = 0; k < 3; ++k) list.add(fmt::format("voltage_{}", ln[k]), "V", q.voltage_ln[k]);
  list.add("voltage_ln_average", "V", q.voltage_ln_average);
  for (std::size_t k = 0; k < 3; ++k) list.add(fmt::format("voltage_{}", ll[k]), "V", q.voltage_ll[k]);
  list.add("voltage_ll_average", "V", q.voltage_ll_average);
  for (std::size_t k = 0; k < 3; ++k) list.add(fmt::format("current_{}", phase[k]), "A", q.current[k]);
  list.add("current_average", "A", q.current_average);
  list.add("current_n", "A", q.neutral_current);
  list.add("current_leakage", "A", q.leakage_current);
}

void add_element(List& list, const std::string& which, const Element& e) {
  const auto named = [&](const char* quantity) { return fmt::format("{}_{}", quantity, which); };
  constexpr From s = From::spectrum;
  list.add(named("element_voltage"), "V", e.voltage);
  list.add(named("element_current"), "A", e.current);
  list.add(named("active_power"), "W", e.active);
  list.add(named("reactive_power"), "var", e.reactive, s);
  list.add(named("apparent_power"), "VA", e.apparent);
  list.add(named("nonactive_power"), "VA", e.nonactive);
  list.add(named("power_factor"), "", e.power_factor());
  list.add(named("displacement_power_factor"), "", e.displacement_power_factor(), s);
  list.add(named("voltage_distortion"), "", e.voltage_distortion(), s);
  list.add(named("current_distortion"), "", e.current_distortion(), s);
  list.add(named("fundamental_voltage"), "V", e.fundamental_voltage, s);
  list.add(named("fundamental_current"), "A", e.fundamental_current, s);
  list.add(named("harmonic_voltage"), "V", e.harmonic_voltage, s);
  list.add(named("harmonic_current"), "A", e.harmonic_current, s);
  list.add(named("fundamental_active_power"), "W", e.fundamental_active, s);
  list.add(named("harmonic_active_power"), "W", e.harmonic_active, s);
  list.add(named("fundamental_apparent_power"), "VA", e.fundamental_apparent, s);
  list.add(named("nonfundamental_apparent_power"), "VA", e.nonfundamental_apparent, s);
  list.add(named("current_distortion_power"), "VA", e.current_distortion_power(), s);
  list.add(named("voltage_distortion_power"), "VA", e.voltage_distortion_power(), s);
  list.add(named("harmonic_apparent_power"), "VA", e.harmonic_apparent(), s);
  list.add(named("harmonic_distortion_power"), "VA", e.harmonic_distortion_power(), s);
  list.add(named("reactive_power_budeanu"), "var", e.budeanu, s);
  list.add(named("distortion_power_budeanu"), "VA", e.budeanu_distortion, s);
  list.add(named("reactive_power_quarter_period"), "var", e.quarter_period, s);
  list.add(named("reactive_power_fixed_delay"), "var", e.fixed_delay, s);
  list.add(named("reactive_power_integrator"), "var", e.integrator, s);
  list.add(named("reactive_power_differentiator"), "var", e.differentiator, s);
}

void add_totals(List& list, const Quantities& q) {
  constexpr From s = From::spectrum;
  list.add("active_power_total", "W", q.active);
  list.add("fundamental_active_power_total", "W", q.fundamental_active, s);
  list.add("reactive_power_total", "var", q.reactive, s);
  for (const ReactiveMethod method : reactive_methods)
    if (method != ReactiveMethod::fundamental)
      list.add(fmt::format("reactive_power_{}_total", name(method)), "var", q.reactive_by(method),
               method == ReactiveMethod::fryze ? From::time : s);
  list.add("apparent_power_arithmetic", "VA", q.apparent_arithmetic);
  list.add("apparent_power_vector", "VA", q.apparent_vector, s);
  list.add("apparent_power_vector_budeanu", "VA", q.apparent_vector_budeanu, s);
  list.add("power_factor_arithmetic", "", q.power_factor());
  list.add("power_factor_vector", "", q.vector_power_factor(), s);
}

void add_effective(List& list, const EffectivePower& e, double power_factor) {
  constexpr From s = From::spectrum;
  list.add("apparent_power_effective", "VA", e.apparent);
  list.add("power_factor_effective", "", power_factor);
  list.add("effective_voltage", "V", e.voltage);
  list.add("effective_current", "A", e.current);
  list.add("effective_fundamental_voltage", "V", e.fundamental_voltage, s);
  list.add("effective_fundamental_current", "A", e.fundamental_current, s);
  list.add("effective_harmonic_voltage", "V", e.harmonic_voltage, s);
  list.add("effective_harmonic_current", "A", e.harmonic_current, s);
  list.add("effective_fundamental_apparent_power", "VA", e.fundamental_apparent, s);
  list.add("effective_nonfundamental_apparent_power", "VA", e.nonfundamental, s);
  list.add("effective_current_distortion_power", "VA", e.current_distortion, s);
  list.add("effective_voltage_distortion_power", "VA", e.voltage_distortion, s);
  list.add("effective_harmonic_apparent_power", "VA", e.harmonic_apparent, s);
  list.add("effective_harmonic_distortion_power", "VA", e.harmonic_distortion, s);
  list.add("positive_sequence_apparent_power", "VA", e.positive_apparent, s);
  list.add("positive_sequence_active_power", "W", e.positive_active, s);
  list.add("positive_sequence_reactive_power", "var", e.positive_reactive, s);
  list.add("positive_sequence_power_factor", "", e.positive_power_factor(), s);
  list.add("unbalance_power", "VA", e.unbalance, s);
}

void add_three_phase(List& list, const ThreePhase& t, double start, double effective_power_factor) {
  constexpr From s = From::spectrum;
  add_effective(list, t.effective, effective_power_factor);
  const auto sequence = [&](const char* name, const char* unit, const SymmetricalComponents& x) {
    const auto back = std::polar(1.0, -start);
    list.add_phasor(fmt::format("{}_positive_sequence", name), unit, x.positive * back);
    list.add_phasor(fmt::format("{}_negative_sequence", name), unit, x.negative * back);
    if (t.has_zero) list.add_phasor(fmt::format("{}_zero_sequence", name), unit, x.zero * back);
  };
  sequence("voltage", "V", t.voltage);
  sequence("current", "A", t.current);
  // +1 for a-b-c, -1 for a-c-b, 0 where nothing turns.
  const double turns = !t.rotation                     ? std::nan("")
                       : *t.rotation == Rotation::none ? 0
                       : *t.rotation == Rotation::abc  ? 1
                                                       : -1;
  list.add("rotation", "", turns, s);
  list.add("voltage_unbalance_nema", "", t.nema);
  list.add("voltage_unbalance_phase", "", t.phase_deviation);
  list.add("voltage_unbalance_u2", "", t.u2, s);
  list.add("voltage_unbalance_u2_of_lines", "", t.u2_of_lines, s);
  list.add("voltage_unbalance_u0", "", t.u0, s);
  list.add("current_unbalance_i2", "", t.i2, s);
  list.add("current_unbalance_i0", "", t.i0, s);
}

}  // namespace

std::vector<NamedQuantity> quantity_list(const Quantities& quantities, const std::string& withheld) {
  List list{withheld};
  add_lines(list, quantities);
  const auto wirings = elements(quantities.service);
  auto wiring = wirings.begin();
  for (const auto& e : quantities.phase)
    if (e) add_element(list, (wiring++)->name, *e);
  add_totals(list, quantities);
  if (quantities.three_phase)
    add_three_phase(list, *quantities.three_phase, quantities.start_angle, quantities.effective_power_factor());
  return list.take();
}

std::vector<NamedQuantity> quantity_list(const SampledReading& reading) {
  if (reading.steady()) return quantity_list(reading.quantities);
  const UnsteadyFlag& flag = reading.flags.front();
  return quantity_list(reading.quantities, fmt::format("{}: {}", name(flag.reason), flag.text));
}

std::vector<NamedQuantity> harmonic_list(const PhasorSet& set, Service service) {
  const auto needed = needed_channels(service);
  std::vector<NamedQuantity> list;
  const double start = start_angle(set, service);
  for (std::size_t k = 0; k < 6; ++k) {
    if (!needed[k]) continue;
    const Spectrum& spectrum = k < 3 ? set.voltage[k] : set.current[k - 3];
    const char* unit = k < 3 ? "V" : "A";
    for (const auto& [order, phasor] : spectrum) {
      const auto name = fmt::format("{}_h{}", channel_names[k], order);
      if (order == 0) {
        list.push_back({name, unit, phasor.real(), {}});
        continue;
      }
      list.push_back({name, unit, std::abs(phasor), {}});
      const double angle = std::remainder(std::arg(phasor) - order * start, 2 * std::numbers::pi);
      list.push_back({name + "_angle", "deg", angle * 180 / std::numbers::pi, {}});
    }
  }
  return list;
}

}  // namespace blondel
