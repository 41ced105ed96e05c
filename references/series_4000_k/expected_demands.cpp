#include <algorithm>
#include <array>
#include <cmath>

#include "references/series_4000_k/expected_parts.hpp"

namespace blondel::series_4000_k {
namespace {

struct Kind {
  const char *present, *maximum;
  double DemandSubinterval::*power;
};
constexpr std::array<Kind, 3> kinds{
    {{"real_power_demand_present_f", "real_power_demand_max_f", &DemandSubinterval::kilowatts},
     {"reactive_power_demand_present_f", "reactive_power_demand_max_f", &DemandSubinterval::kilovars},
     {"apparent_power_demand_present_f", "apparent_power_demand_max_f", &DemandSubinterval::kilovoltamperes}}};

/// A demand every time a sub-interval ends: the mean of the last n, from the n-th on. Their lengths weigh them, which
/// matters only where a command ends them.
std::vector<double> demands(const std::vector<DemandSubinterval>& all, double DemandSubinterval::*power,
                            std::size_t n) {
  std::vector<double> told;
  for (std::size_t last = n; last <= all.size(); ++last) {
    double energy = 0, length = 0;
    for (std::size_t i = last - n; i < last; ++i) {
      energy += all[i].*power * all[i].length.si();
      length += all[i].length.si();
    }
    told.push_back(energy / length);
  }
  return told;
}

Expectation demand(double value, const std::optional<Allowance>& allowance, double kilo_power, Seconds length) {
  if (!allowance || !(kilo_power > 0)) return no_verdict("the class sets no limit at this load");
  Expectation e;
  const double share = allowance->half_width / 1000 / kilo_power;
  // A sub-interval begins and ends with a renewal of the registers: a second more or less of the load now or before.
  e.values.push_back(around(value, value * share + std::max(value, kilo_power) / length.si()));
  e.measured = true;
  e.basis = allowance->basis;
  e.basis.clause = "demand: " + e.basis.clause + "; of 1 s more or less";
  return e;
}

}  // namespace

Expectations expected_demands(const Circumstances& at) {
  Expectations told;
  const auto& c = at.conditions.configuration;
  // Closed by command, the number of sub-intervals is ignored.
  const auto n = static_cast<std::size_t>(c.demand_subinterval.count() == 0 ? 1 : c.demand_subintervals);
  const std::array<std::optional<Allowance>, 3> allowances{total_active_allowance(at.conditions, at.truth),
                                                           total_reactive_allowance(at.conditions, at.truth),
                                                           total_apparent_allowance(at.conditions, at.truth)};
  DemandSubinterval now;
  for (const auto& phase : at.truth.phase) {
    if (!phase) continue;
    now.kilowatts += std::abs(phase->active.si()) / 1000;
    now.kilovars += std::abs(phase->reactive.si()) / 1000;
    now.kilovoltamperes += phase->apparent.si() / 1000;
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    auto &present = told[kinds[i].present], &maximum = told[kinds[i].maximum];
    if (!at.history.demand) {
      present = maximum = no_verdict("nobody knows the demand intervals before");
      continue;
    }
    const auto all = demands(*at.history.demand, kinds[i].power, n);
    const auto before = at.history.before.find(kinds[i].maximum);
    if (all.empty()) {
      // 0, a running value or none until the first interval is over: not printed.
      present = maximum = no_verdict("no demand interval is over yet");
      continue;
    }
    double length = 0;
    for (std::size_t last = at.history.demand->size() - n; last < at.history.demand->size(); ++last)
      length += (*at.history.demand)[last].length.si();
    const double power = now.*kinds[i].power;
    present = demand(all.back(), allowances[i], power, Seconds{length});
    double most = std::ranges::max(all);
    if (before != at.history.before.end()) most = std::max(most, before->second);
    maximum = demand(most, allowances[i], power, Seconds{length});
    if (before == at.history.before.end()) maximum = no_verdict("nobody knows the maximum demand before");
  }
  return told;
}

}  // namespace blondel::series_4000_k
