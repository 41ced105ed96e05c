#include "references/series_4000_k/accuracy_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "references/quantity_text.hpp"
#include "references/series_4000_k/tolerances.hpp"
#include "references/standards/standard_list.hpp"

namespace blondel::series_4000_k {
namespace {

constexpr double last_bits = 1e-9;
constexpr double full_scale_ln_v = 347, full_scale_ll_v = 600;
/// Phases that differ by more are no balanced load.
constexpr double unbalance = 0.05;

const char* data_sheet = "Series 4000-K data sheet";
const char* own_rule = "rule of this rig";

double warmer(const Conditions& at) {
  return std::abs(at.ambient.si() - 25);
}

/// A power of a phase as the class tables look at it.
struct Load {
  double active{}, reactive{}, apparent{};  ///< magnitudes
  bool inductive{};
  double ratio{};  ///< I / In

  double cosine() const { return apparent > 0 ? std::min(1.0, active / apparent) : 0; }
  double signed_reactive() const { return inductive ? reactive : -reactive; }
  double sine() const { return apparent > 0 ? std::min(1.0, reactive / apparent) : 0; }
};

Load load_of(const Element& phase, const Configuration& c) {
  const double p = phase.active.si(), q = phase.reactive.si();
  return {std::abs(p), std::abs(q), phase.apparent.si(), p * q >= 0, phase.current / c.ct_primary};
}

Load sum(const Quantities& all, const Configuration& c) {
  Load total;
  double signed_active = 0, signed_reactive = 0;
  for (const auto& phase : all.phase) {
    if (!phase) continue;
    const auto load = load_of(*phase, c);
    total.active += load.active;
    total.reactive += load.reactive;
    total.apparent += load.apparent;
    signed_active += phase->active.si();
    signed_reactive += phase->reactive.si();
  }
  total.inductive = signed_active * signed_reactive >= 0;
  total.ratio = all.current_average / c.ct_primary;
  return total;
}

bool balanced(const Quantities& all, const Configuration& c) {
  std::vector<Load> loads;
  for (const auto& phase : all.phase)
    if (phase) loads.push_back(load_of(*phase, c));
  return std::ranges::all_of(loads, [&](const Load& one) {
    return std::abs(one.ratio - loads[0].ratio) <= unbalance * loads[0].ratio &&
           std::abs(one.apparent - loads[0].apparent) <= unbalance * loads[0].apparent &&
           std::abs(one.active - loads[0].active) <= unbalance * loads[0].apparent &&
           std::abs(one.signed_reactive() - loads[0].signed_reactive()) <= unbalance * loads[0].apparent;
  });
}

/// Of the powers in truth: a percentage of the value itself, or of the apparent power where the value is small.
double half_width(double percent, double listed, double share, double value, double apparent) {
  return percent / 100 * (share >= listed * (1 - last_bits) ? value : listed * apparent);
}

std::optional<Allowance> active(const Conditions& at, const LimitTable& table, const Load& nominal, const Load& truth) {
  using Side = PowerFactor::Side;
  const auto side = nominal.inductive ? Side::inductive : Side::capacitive;
  std::vector<PowerFactor> listed;
  for (const auto& row : table.rows())
    if (row.power_factor.side == Side::unity || row.power_factor.side == side) listed.push_back(row.power_factor);
  std::ranges::sort(listed, std::greater<>{}, &PowerFactor::cosine);
  const double cosine = nominal.cosine();
  auto found = std::ranges::find_if(listed, [&](const auto& pf) { return pf.cosine <= cosine * (1 + 1e-6); });
  if (found == listed.end()) found = listed.end() - 1;
  const auto limit = table.limit({*found, nominal.ratio});
  if (!limit) return std::nullopt;
  const double a_degree = in_percent(at.tables.active_per_kelvin);
  const double percent = in_percent(limit->limit) + a_degree * warmer(at);
  const bool listed_itself = std::abs(found->cosine - cosine) <= 1e-6;
  const auto from = fmt::format("{}, {} load, {} %{}{}", limit->clause, table.load_kind(), in_percent(limit->limit),
                                listed_itself ? "" : fmt::format(" of PF {}", show(*found)),
                                warmer(at) > 0 ? fmt::format(" + {:.6g} % a degree", a_degree) : "");
  return Allowance{half_width(percent, found->cosine, cosine, truth.active, truth.apparent),
                   {limit->standard, limit->edition, from, limit->mark}};
}

std::optional<Allowance> reactive(const Conditions& at, const LimitTable& table, const Load& nominal,
                                  const Load& truth) {
  const double sine = nominal.sine();
  std::vector<double> listed;
  for (const auto& row : table.rows()) listed.push_back(row.sine.value_or(1));
  std::ranges::sort(listed, std::greater<>{});
  auto found = std::ranges::find_if(listed, [&](double one) { return one <= sine * (1 + 1e-6); });
  if (found == listed.end()) found = listed.end() - 1;
  const auto limit = table.limit({.power_factor = {}, .ratio_to_in = nominal.ratio, .sine = *found});
  if (!limit) return std::nullopt;
  const double a_degree = in_percent(at.tables.reactive_per_kelvin);
  const double percent = in_percent(limit->limit) + a_degree * warmer(at);
  const auto from = fmt::format("{} load, {} % of sin {}{}", table.load_kind(), in_percent(limit->limit), *found,
                                warmer(at) > 0 ? fmt::format(" + {:.6g} % a degree", a_degree) : "");
  return Allowance{half_width(percent, *found, sine, truth.reactive, truth.apparent),
                   {limit->standard, limit->edition, from, limit->mark}};
}

/// The limit of the variation with temperature, for each kelvin. @throws Failure when the standard has no such row
Ratio per_kelvin(const StandardClass& of, const std::string& factor) {
  for (const auto& one : of.standard->influences(of.class_name))
    if (one.influence == "temperature" && one.per_kelvin && one.factor == factor) return one.upper;
  throw Failure{Fault::malformed, of.standard->file(),
                fmt::format("class {} has no temperature coefficient at {}", of.class_name, factor)};
}

template <class PhaseAllowance>
std::optional<Allowance> added(const Conditions& at, const Quantities& truth, const char* clause,
                               PhaseAllowance allowance) {
  Allowance all;
  for (std::size_t k = 0; k < 3; ++k) {
    if (!truth.phase[k]) continue;
    const auto one = allowance(at, k, truth);
    if (!one) return std::nullopt;
    all.half_width += one->half_width;
    all.basis = one->basis;
  }
  all.basis.clause = clause + (": " + all.basis.clause);
  return all;
}

}  // namespace

ClassTables ClassTables::class_0_5_s() {
  const auto& ours = StandardList::ours();
  const std::string active = "IEC 62053-22 class 0.5S", reactive = "IEC 62053-23 class 2", from = "data sheet";
  return {ours.table(active, "balanced", std::nullopt, from),
          ours.table(active, "single-phase", std::nullopt, from),
          ours.table(reactive, "balanced", std::nullopt, from),
          ours.table(reactive, "single-phase", std::nullopt, from),
          per_kelvin(ours.find(active, std::nullopt, from), "1"),
          per_kelvin(ours.find(reactive, std::nullopt, from), "sin 0.5")};
}

std::optional<Allowance> voltage_allowance(const Conditions& at, Voltage nominal, bool line_to_line, Voltage truth) {
  const double pt = at.configuration.pt_ratio;
  const Voltage terminal = nominal / pt;
  const auto share = voltage_tolerance(line_to_line ? terminal / std::numbers::sqrt3 : terminal, at.ambient);
  if (!share) return std::nullopt;
  const bool of_reading = at.percent_of == PercentOf::reading;
  const double of = of_reading ? truth.si() : pt * (line_to_line ? full_scale_ll_v : full_scale_ln_v);
  return Allowance{share->si() * of,
                   {data_sheet, "ZL0138-0A",
                    fmt::format("voltage, 90 V L-N to 600 V L-L, {:.3g} %{}", in_percent(*share),
                                of_reading ? "" : " of full scale"),
                    "V"}};
}

std::optional<Allowance> current_allowance(const Conditions& at, Current nominal, Current truth) {
  const double load = nominal / at.configuration.ct_primary;
  const auto share = current_tolerance(load, at.ambient);
  if (!share) return std::nullopt;
  const bool of_reading = at.percent_of == PercentOf::reading;
  const bool upper_range = load >= 0.05 * (1 - last_bits);
  return Allowance{share->si() * (of_reading ? truth : at.configuration.ct_primary).si(),
                   {data_sheet, "ZL0138-0A",
                    fmt::format("current, {}, {:.3g} %{}", upper_range ? "5 % to 100 %" : "1 % to 5 %",
                                in_percent(*share), of_reading ? "" : " of full scale"),
                    "V"}};
}

std::optional<Allowance> phase_active_allowance(const Conditions& at, std::size_t k, const Quantities& truth) {
  const auto& c = at.configuration;
  if (!at.nominal.phase[k] || !truth.phase[k]) return std::nullopt;
  return active(at, at.tables.single_phase, load_of(*at.nominal.phase[k], c), load_of(*truth.phase[k], c));
}

std::optional<Allowance> total_active_allowance(const Conditions& at, const Quantities& truth) {
  const auto& c = at.configuration;
  if (balanced(at.nominal, c)) return active(at, at.tables.balanced, sum(at.nominal, c), sum(truth, c));
  return added(at, truth, "sum of the phases", phase_active_allowance);
}

std::optional<Allowance> phase_reactive_allowance(const Conditions& at, std::size_t k, const Quantities& truth) {
  const auto& c = at.configuration;
  if (!at.nominal.phase[k] || !truth.phase[k]) return std::nullopt;
  return reactive(at, at.tables.reactive_single_phase, load_of(*at.nominal.phase[k], c), load_of(*truth.phase[k], c));
}

std::optional<Allowance> total_reactive_allowance(const Conditions& at, const Quantities& truth) {
  const auto& c = at.configuration;
  if (balanced(at.nominal, c)) return reactive(at, at.tables.reactive_balanced, sum(at.nominal, c), sum(truth, c));
  return added(at, truth, "sum of the phases", phase_reactive_allowance);
}

std::optional<Allowance> phase_apparent_allowance(const Conditions& at, std::size_t k, const Quantities& truth) {
  const auto &nominal = at.nominal.phase[k], &phase = truth.phase[k];
  if (!nominal || !phase) return std::nullopt;
  const bool line_to_line = at.configuration.type == SystemType::two_wire_ll;
  const auto u = voltage_allowance(at, nominal->voltage, line_to_line, phase->voltage);
  const auto i = current_allowance(at, nominal->current, phase->current);
  if (!u || !i) return std::nullopt;
  return Allowance{u->half_width * phase->current.si() + i->half_width * phase->voltage.si(),
                   {own_rule, "", "S from V and I, errors added", ""}};
}

std::optional<Allowance> total_apparent_allowance(const Conditions& at, const Quantities& truth) {
  return added(at, truth, "sum of the phases", phase_apparent_allowance);
}

}  // namespace blondel::series_4000_k
