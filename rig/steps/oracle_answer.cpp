#include "rig/steps/oracle_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/series_4000_k/expected_registers.hpp"
#include "rig/reference_phasors.hpp"
#include "rig/steps/meter_points.hpp"
#include "rig/steps/reference_window.hpp"
#include "rig/steps/register_budget.hpp"

namespace blondel {

using namespace std::chrono_literals;
using series_4000_k::Circumstances;
using series_4000_k::Energies;
using series_4000_k::Expectation;

namespace {

/// The reference's readings around a reading: of its own moment, and of the one before.
std::vector<ReferenceReading> truth_of(const NamedReading& reading, const NamedReading* before) {
  auto all = reading.moment->truth;
  if (before) all.insert(all.begin(), before->moment->truth.begin(), before->moment->truth.end());
  return all;
}

const series_4000_k::ClassTables& tables() {
  static const auto tables = series_4000_k::ClassTables::class_0_5_s();
  return tables;
}

/// What went through the meter in a time, at a steady load. Magnitudes: the meter is unidirectional.
Energies energies(const Quantities& truth, Duration time) {
  const double kilo_hours = in_seconds(time) / 3600 / 1000;
  Energies since;
  for (std::size_t k = 0; k < 3; ++k) {
    if (!truth.phase[k]) continue;
    since.phase_active[k] = std::abs(truth.phase[k]->active.si()) * kilo_hours;
    since.active += since.phase_active[k];
    since.reactive += std::abs(truth.phase[k]->reactive.si()) * kilo_hours;
    since.apparent += truth.phase[k]->apparent.si() * kilo_hours;
  }
  return since;
}

Circumstances circumstances(const Run& run, const Position& position, const Moment::AtPosition& at,
                            const LoadPoint& load, const series_4000_k::Configuration& held,
                            const std::vector<ReferenceReading>& truth) {
  const auto& bench = run.bench.file();
  const double ratio = held.ct_primary / bench.ct_substitute.primary;
  Circumstances c{.conditions = {.nominal = phasor_metering(phasors(load, ratio), bench.system),
                                 .configuration = held,
                                 .tables = tables()}};
  // What the bench knows better than the meter.
  c.conditions.configuration.type = bench.system;
  c.truth = phasor_metering(phasors_of(mean_of(truth), ratio), bench.system);
  c.firmware = position.firmware;
  const auto exponent = [&](const char* name) { return static_cast<int>(at.values.at(name)); };
  c.exponents = {exponent("scale_factor_i"), exponent("scale_factor_v"), exponent("scale_factor_w"),
                 exponent("scale_factor_e")};
  // Whatever stood before: a lost phase may be held until its voltage is 2 % above the limit.
  c.lost_before = true;
  return c;
}

void since_before(Circumstances& c, const NamedReading& before, std::size_t place, const Moment::AtPosition& at,
                  Duration refresh) {
  const auto& first = before.moment->at[place];
  c.history.before = first.values;
  c.history.since = energies(c.truth, at.begin - first.begin);
  c.history.counting_doubt = Seconds{in_seconds(refresh + std::max(first.end - first.begin, at.end - at.begin))};
}

/// Closures of the pulse contact in a window: one may be under way at either end, and a meter that works out its pulses
/// once a second may be two of them early or late.
Expectation pulses(const Circumstances& c, Duration window) {
  const auto allowance = total_active_allowance(c.conditions, c.truth);
  if (!allowance) return series_4000_k::no_verdict("the class sets no limit at this load");
  const double each = in_watt_hours(c.conditions.configuration.per_pulse);
  const double count = energies(c.truth, window).active * 1000 / each;
  const double per_second = count / in_seconds(window);
  double power = 0;
  for (const auto& phase : c.truth.phase)
    if (phase) power += std::abs(phase->active.si());
  const double share = power > 0 ? allowance->half_width / power : 0;
  Expectation e;
  e.values.push_back(series_4000_k::around(count, count * share + 1 + 2 * per_second));
  e.measured = true;
  e.basis = allowance->basis;
  e.basis.clause = fmt::format("pulses: {}; one more or less, counted to 2 s", e.basis.clause);
  return e;
}

}  // namespace

namespace {

/// Whether a meter so configured counts the same at the same load: alerts, display and demand are other matters, and so
/// is how long a contact stays closed.
bool counts_alike(const std::string& point, series_4000_k::Configuration a, const series_4000_k::Configuration& b) {
  if (!point.starts_with("pulse_counter")) a.per_pulse = b.per_pulse;
  a.closure = b.closure;
  a.display_units = b.display_units;
  a.phase_loss_drop = b.phase_loss_drop;
  a.imbalance = b.imbalance;
  a.demand_subintervals = b.demand_subintervals;
  a.demand_subinterval = b.demand_subinterval;
  return a == b;
}

}  // namespace

bool counts_up(const std::string& point) {
  return point.find("energy") != std::string::npos ? point != "pulse_energy" && point != "energy_reset_count"
                                                   : point.starts_with("pulse_counter");
}

OracleAnswer ask_oracle(const Run& run, std::size_t place, const NamedReading& reading, const NamedReading* before,
                        bool most) {
  const auto& at = reading.moment->at[place];
  const auto held = series_4000_k::configuration_of(at.values, "the meter's configuration");
  if (!held) return {series_4000_k::no_verdict(held.error().where + ": " + held.error().what), {}};
  if (!reading.moment->load || reading.moment->truth.empty())
    return {series_4000_k::no_verdict("the output was off while it was read"), {}};
  if (before) {
    const auto& first = before->moment->at[place].values;
    const auto was = series_4000_k::configuration_of(first, "the meter's configuration");
    if (!was || !counts_alike(reading.point, *was, *held))
      return {series_4000_k::no_verdict("the meter was configured anew between the two readings"), {}};
    if (!most && first.at("power_up_count") != at.values.at("power_up_count"))
      return {series_4000_k::no_verdict("the meter restarted between the two readings"), {}};
  }
  const auto& load = *reading.moment->load;
  const auto truth = truth_of(reading, before);
  auto c = circumstances(run, run.positions[place], at, load, *held, truth);
  const auto uncertainty = run.bench.reference().expanded_uncertainty(load);
  check_two_ways(mean_of(truth), uncertainty);
  if (before) since_before(c, *before, place, at, run.positions[place].meter->refresh());
  const bool contact = reading.point == "pulses";
  if (contact) c.history.since = energies(c.truth, at.end - at.begin);
  OracleAnswer answer{contact ? pulses(c, at.end - at.begin) : expected_registers(meter_map(), c).at(reading.point),
                      {}};
  auto& e = answer.expectation;
  if (e.since_before) {
    const double was = c.history.before.at(reading.point);
    for (auto& range : e.values) range = {range.value - was, range.lower - was, range.upper - was};
  }
  if (!e.measured) return answer;
  const auto& point = meter_map().at(contact ? "pulse_counter_1_real_f" : reading.point);
  const auto* twin = point.format != RegisterFormat::float32 && point.twin ? meter_map().find(*point.twin) : &point;
  const auto& bench = run.bench.file();
  const RegisterTruth known{c.truth, c.history.since, uncertainty, bench.ct_substitute, held->per_pulse};
  const auto spreads = spreads_of(truth, bench.system, held->ct_primary / bench.ct_substitute.primary);
  const auto spread = spreads.find(twin->name);
  answer.budget = register_budget(twin->name, point.unit, known, spread == spreads.end() ? nullptr : &spread->second);
  return answer;
}

}  // namespace blondel
