#include "references/metering/recording_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/metering/energy_registers.hpp"

namespace blondel {
namespace {

const NamedQuantity* find(const std::vector<NamedQuantity>& list, const std::string& name) {
  const auto found = std::ranges::find(list, name, &NamedQuantity::name);
  return found == list.end() ? nullptr : &*found;
}

double mean_of(const std::vector<double>& values, bool of_squares) {
  double sum = 0;
  for (const double v : values) sum += of_squares ? v * v : v;
  const double mean = sum / static_cast<double>(values.size());
  return of_squares ? std::sqrt(mean) : mean;
}

QuantityOverTime one_over_time(const NamedQuantity& first, const std::vector<std::vector<NamedQuantity>>& seconds) {
  QuantityOverTime q{{first.name, first.unit, {}, {}}, {}, {}};
  std::vector<double> values;
  std::string reason;
  for (const auto& second : seconds) {
    const auto* one = find(second, first.name);
    if (one && one->value)
      values.push_back(*one->value);
    else if (reason.empty())
      reason = one ? one->withheld : "it is not listed";
  }
  // Angles go round: neither mean nor order means anything between -180 and 180 degrees.
  const bool angle = first.unit == "deg" && seconds.size() > 1;
  if (!values.empty() && !angle) {
    q.lowest = std::ranges::min(values);
    q.highest = std::ranges::max(values);
  }
  const auto missing = seconds.size() - values.size();
  if (missing == seconds.size())
    q.mean.withheld = reason;
  else if (missing > 0)
    q.mean.withheld = fmt::format("withheld in {} of {} seconds: {}", missing, seconds.size(), reason);
  else if (angle)
    q.mean.withheld = "an angle has no mean";
  else
    q.mean.value = mean_of(values, seconds.size() > 1 && (first.unit == "V" || first.unit == "A"));
  return q;
}

}  // namespace

std::vector<QuantityOverTime> over_time(const std::vector<std::vector<NamedQuantity>>& seconds) {
  std::vector<QuantityOverTime> all;
  if (seconds.empty()) return all;
  for (const auto& first : seconds.front()) all.push_back(one_over_time(first, seconds));
  return all;
}

std::vector<NamedQuantity> energies(const std::vector<SampledReading>& readings, ReactiveMethod method) {
  EnergyRegisters registers;
  std::string withheld;
  for (const auto& reading : readings) {
    const Quantities& quantities = reading.quantities;
    const auto q = quantities.reactive_by(method);
    const bool known = q && std::isfinite(q->si());
    if (!known && withheld.empty())
      withheld = fmt::format("no reactive power in the second from {:g} s{}{}", reading.begin.si(),
                             reading.flags.empty() ? "" : ": ", reading.flags.empty() ? "" : reading.flags[0].text);
    // The registers add the phases up before they look at the sign; the totals are that sum already.
    registers.add({.active = {quantities.active},
                   .reactive = {known ? *q : ReactivePower{}},
                   .apparent = {quantities.apparent_arithmetic}},
                  reading.duration);
  }
  constexpr double hour = 3600;
  std::vector<NamedQuantity> all{{"active_energy_import", "Wh", registers.imported().si() / hour, {}},
                                 {"active_energy_export", "Wh", registers.exported().si() / hour, {}}};
  for (int number = 1; number <= 4; ++number) {
    NamedQuantity q{fmt::format("reactive_energy_q{}", number), "varh", {}, withheld};
    if (withheld.empty()) q.value = registers.quadrant(number).si() / hour;
    all.push_back(q);
  }
  all.push_back({"apparent_energy", "VAh", registers.apparent().si() / hour, {}});
  return all;
}

}  // namespace blondel
