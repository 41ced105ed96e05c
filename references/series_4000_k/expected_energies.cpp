#include <fmt/format.h>

#include <cmath>

#include "references/series_4000_k/expected_parts.hpp"

namespace blondel::series_4000_k {
namespace {

double kilo(double si) {
  return si / 1000;
}

/// What one second more or less of counting does, in kWh and their like.
double of_doubt(double kilowatts, const History& history) {
  return kilowatts * history.counting_doubt.si() / 3600;
}

/// Energy since the reading before: the relative error of the power it came of, and the doubt about the seconds.
Expectation energy(double since, double kilo_power, const std::optional<Allowance>& allowance, const History& history) {
  if (!allowance) return no_verdict("the class sets no limit at this load");
  Expectation e;
  const double share = kilo_power > 0 ? kilo(allowance->half_width) / kilo_power : 0;
  e.values.push_back(around(since, since * share + of_doubt(kilo_power, history)));
  e.measured = e.since_before = true;
  e.basis = allowance->basis;
  e.basis.clause = fmt::format("energy: {}; counted to {:.3g} s", e.basis.clause, history.counting_doubt.si());
  return e;
}

/// Pulses since the reading before: one may have been under way at either end.
Expectation pulses(const Expectation& energy, ActiveEnergy per_pulse) {
  Expectation e = energy;
  const double kilo_each = kilo(in_watt_hours(per_pulse));
  for (auto& range : e.values)
    range = {range.value / kilo_each, range.lower / kilo_each - 1, range.upper / kilo_each + 1};
  if (e.judged()) e.basis.clause = "pulses of " + e.basis.clause + ", one more or less";
  return e;
}

}  // namespace

Expectations expected_energies(const Circumstances& at) {
  const auto& history = at.history;
  const auto& c = at.conditions.configuration;
  double kilowatts = 0, kilovars = 0, kilovoltamperes = 0;
  for (const auto& phase : at.truth.phase) {
    if (!phase) continue;
    kilowatts += kilo(std::abs(phase->active.si()));
    kilovars += kilo(std::abs(phase->reactive.si()));
    kilovoltamperes += kilo(phase->apparent.si());
  }
  Expectations told;
  const auto& conditions = at.conditions;
  const auto active = energy(history.since.active, kilowatts, total_active_allowance(conditions, at.truth), history);
  const auto reactive =
      energy(history.since.reactive, kilovars, total_reactive_allowance(conditions, at.truth), history);
  told["real_energy_f"] = told["real_energy_repeat_f"] = active;
  told["reactive_energy_f"] = reactive;
  told["apparent_energy_f"] =
      energy(history.since.apparent, kilovoltamperes, total_apparent_allowance(conditions, at.truth), history);
  told["pulse_counter_1_real_f"] = pulses(active, c.per_pulse);
  told["pulse_counter_2_reactive_f"] = pulses(reactive, c.per_pulse);
  constexpr std::array<const char*, 3> names{"real_energy_a_f", "real_energy_b_f", "real_energy_c_f"};
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& phase = at.truth.phase[k];
    if (!phase)
      told[names[k]] = without_value("no such value in this system type");
    else if (c.type == SystemType::delta)
      told[names[k]] = no_verdict("a phase of a delta has no neutral: only the sum has a meaning");
    else
      told[names[k]] = energy(history.since.phase_active[k], kilo(std::abs(phase->active.si())),
                              phase_active_allowance(conditions, k, at.truth), history);
  }
  if (at.highest_order > 1)
    for (const char* name : {"reactive_energy_f", "pulse_counter_2_reactive_f"})
      if (auto& e = told.at(name); e.measured)
        e = no_verdict("harmonics: the manual does not say which reactive power is counted");
  if (at.highest_order > highest_judged_order)
    for (auto& [name, e] : told)
      if (e.measured) e = no_verdict("harmonics above the 15th: the meter's band ends at its sampling limit");
  return told;
}

}  // namespace blondel::series_4000_k
