#include "rig/steps/register_budget.hpp"

#include <cmath>
#include <limits>

namespace blondel {

namespace {

/// Active, reactive and apparent in the unit of a point.
struct Powers {
  double active{}, reactive{}, apparent{};
  Powers scaled(double by) const { return {active * by, reactive * by, apparent * by}; }
};

std::optional<std::size_t> phase_of(const std::string& name) {
  for (std::size_t k = 0; k < 3; ++k)
    if (name.ends_with("_" + std::string(1, "abc"[k]) + "_f")) return k;
  return std::nullopt;
}

Powers powers(const std::string& name, const Quantities& truth) {
  Powers sum;
  const auto only = phase_of(name);
  for (std::size_t k = 0; k < 3; ++k) {
    if (!truth.phase[k] || (only && *only != k)) continue;
    sum.active += std::abs(truth.phase[k]->active.si()) / 1000;
    sum.reactive += std::abs(truth.phase[k]->reactive.si()) / 1000;
    sum.apparent += truth.phase[k]->apparent.si() / 1000;
  }
  return sum;
}

/// Energies stand to each other as the powers of a steady load do.
Powers energies(const std::string& name, const RegisterTruth& truth) {
  const auto all = powers("", truth.quantities);
  const double hours = all.apparent > 0 ? truth.since.apparent / all.apparent : 0;
  return powers(name, truth.quantities).scaled(hours);
}

bool about(const std::string& name, const char* what) {
  return name.find(what) != std::string::npos;
}

}  // namespace

Budget register_budget(const std::string& name, const std::string& unit, const RegisterTruth& truth,
                       const Repeatability* spread) {
  Budget budget{unit};
  const double inf = std::numeric_limits<double>::infinity();
  const auto add = [&](const char* source, double u) { budget.add({source, std::abs(u), inf, "B", "normal"}); };
  const double reference = truth.reference_uncertainty.si() / 2;
  const double ratio = truth.ct.ratio_uncertainty.si() / 2, angle = truth.ct.phase_uncertainty.si() / 2;
  if (spread) budget.add(spread->contribution("repeatability of the reference's readings"));
  const double value = spread ? spread->mean : 0;

  const auto of_power = [&](const Powers& p) {
    const bool reactive = about(name, "reactive"), apparent = about(name, "apparent");
    const double own = apparent ? p.apparent : reactive ? p.reactive : p.active;
    // The certificate speaks of apparent power.
    add("reference meter", reference * p.apparent);
    add("CT substitute, ratio", ratio * own);
    if (!apparent) add("CT substitute, phase", angle * (reactive ? p.active : p.reactive));
  };
  if (about(name, "voltage")) {
    add("reference meter", reference * value);
  } else if (about(name, "current")) {
    add("reference meter", reference * value);
    add("CT substitute, ratio", ratio * value);
  } else if (about(name, "power_factor")) {
    const auto p = powers(name, truth.quantities);
    add("reference meter", reference);
    add("CT substitute, phase", p.apparent > 0 ? angle * p.reactive / p.apparent : 0);
  } else if (about(name, "frequency")) {
    add("reference meter", reference * value);
  } else if (about(name, "pulse_counter")) {
    const auto each = in_watt_hours(truth.per_pulse) / 1000;
    of_power(energies(name, truth).scaled(1 / each));
  } else if (about(name, "energy")) {
    of_power(energies(name, truth));
  } else {
    of_power(powers(name, truth.quantities));
  }
  return budget;
}

}  // namespace blondel
