#include "rig/steps/oracle_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/series_4000_k/expected_parts.hpp"
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

/// How what stands at the bench's terminals is told by a meter: a plan may have set it up otherwise than it is wired.
struct Telling {
  SystemType type{};
  double current_ratio = 1;  ///< amperes told for each at the source's terminals
  double voltage_ratio = 1;  ///< volts told for each at the meter's terminals
};

/// Which of two set-ups a register's reading goes by: what the bench is wired for, or what the plan wrote there.
/// @returns an Error where it holds what it held before the run, so that it may as well have forgotten what was written
Result<bool> follows_the_plan(const Position& position, const std::string& point, double held, double wired) {
  if (held == wired) return false;
  const auto found = std::ranges::find(position.found, point, &std::pair<std::string, double>::first);
  if (found == position.found.end()) return false;
  if (found->second != held) return true;
  return fail(Fault::refused, point,
              fmt::format("reads {} again, as before the run; the bench is wired for {}", held, wired));
}

Result<Telling> telling_of(const BenchFile& bench, const Position& position, const series_4000_k::Configuration& held) {
  const auto number = [](SystemType type) { return static_cast<double>(static_cast<int>(type)); };
  const bool one_volt = bench.ct_substitute.secondary.si() == 1.0;
  const auto type = follows_the_plan(position, "system_type", number(held.type), number(bench.system));
  const auto secondary = follows_the_plan(position, "ct_secondary", held.ct_secondary, one_volt ? 1 : 3);
  const auto pt = follows_the_plan(position, "pt_ratio", held.pt_ratio, 1);
  for (const auto* each : {&type, &secondary, &pt})
    if (!*each) return tl::unexpected{each->error()};
  // The data sheet leaves open whether a third of a volt is 1/3 V or 0.333 V.
  if (*secondary && one_volt)
    return fail(Fault::refused, "ct_secondary", "a meter set to 1/3 V behind a CT substitute of 1 V is overloaded");
  Telling telling{.type = *type ? held.type : bench.system};
  telling.current_ratio = held.ct_primary / bench.ct_substitute.primary;
  if (*secondary) telling.current_ratio *= bench.ct_substitute.secondary.si();
  if (*pt) telling.voltage_ratio = held.pt_ratio;
  return telling;
}

/// Voltages as on the primary side of the potential transformers that the meter was told of.
LoadPoint behind_pts(LoadPoint load, double ratio) {
  for (auto& phase : load.phases) phase.voltage = phase.voltage * ratio;
  return load;
}
std::vector<ReferenceReading> behind_pts(std::vector<ReferenceReading> readings, double ratio) {
  for (auto& reading : readings)
    for (auto& voltage : reading.voltage) voltage = voltage * ratio;
  return readings;
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

Circumstances circumstances(const Position& position, const Moment::AtPosition& at, const LoadPoint& load,
                            const series_4000_k::Configuration& held, const std::vector<ReferenceReading>& truth,
                            const Telling& telling) {
  const double ratio = telling.current_ratio;
  Circumstances c{
      .conditions = {.nominal = phasor_metering(phasors(behind_pts(load, telling.voltage_ratio), ratio), telling.type),
                     .configuration = held,
                     .tables = tables()}};
  // What the bench knows better than the meter.
  c.conditions.configuration.type = telling.type;
  c.truth = phasor_metering(
      phasors_of(mean_of(behind_pts(truth, telling.voltage_ratio)), behind_pts(load, telling.voltage_ratio), ratio),
      telling.type);
  c.highest_order = highest_order(load);
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
  if (c.highest_order > series_4000_k::highest_judged_order)
    return series_4000_k::no_verdict("harmonics above the 15th: the meter's band ends at its sampling limit");
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

/// Whether the reference itself measures it, so that the shape of the load has no part in it.
bool measured_directly(const std::string& point) {
  return point.starts_with("voltage_ln") || point.starts_with("voltage_an") || point.starts_with("voltage_bn") ||
         point.starts_with("voltage_cn") || point.starts_with("current_") || point.starts_with("frequency");
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
  const auto telling = telling_of(run.bench.file(), run.positions[place], *held);
  if (!telling) return {series_4000_k::no_verdict(telling.error().where + ": " + telling.error().what), {}};
  const auto& load = *reading.moment->load;
  const auto truth = truth_of(reading, before);
  auto c = circumstances(run.positions[place], at, load, *held, truth, *telling);
  const auto uncertainty = run.bench.reference().expanded_uncertainty(load);
  const bool by_shape = highest_order(load) > 1 && !measured_directly(reading.point);
  if (highest_order(load) == 1) check_two_ways(mean_of(truth), load, uncertainty);
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
  // The source may give other harmonics than it was set to: then nobody knows the shape, and the reference is not
  // wrong.
  if (by_shape)
    if (const auto apart = two_ways_apart(mean_of(truth), load, uncertainty))
      return {series_4000_k::no_verdict("the reference meter " + *apart), {}};
  const auto& point = meter_map().at(contact ? "pulse_counter_1_real_f" : reading.point);
  const auto* twin = point.format != RegisterFormat::float32 && point.twin ? meter_map().find(*point.twin) : &point;
  const auto& bench = run.bench.file();
  const Ratio known_by = by_shape ? uncertainty + doubt_of_harmonics(load) : uncertainty;
  const RegisterTruth known{c.truth, c.history.since, known_by, bench.ct_substitute, held->per_pulse};
  const auto spreads = spreads_of(behind_pts(truth, telling->voltage_ratio), behind_pts(load, telling->voltage_ratio),
                                  telling->type, telling->current_ratio);
  const auto spread = spreads.find(twin->name);
  answer.budget = register_budget(twin->name, point.unit, known, spread == spreads.end() ? nullptr : &spread->second);
  return answer;
}

}  // namespace blondel
