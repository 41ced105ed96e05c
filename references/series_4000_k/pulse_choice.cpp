#include "references/series_4000_k/pulse_choice.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "references/quantity_text.hpp"
#include "references/series_4000_k/pulse_output.hpp"

namespace blondel::series_4000_k {
namespace {

/// The meter's own comparison may be with a rounded maximum power; a setting nearer to a step than this is avoided.
constexpr double step_clearance = 0.0005;

/// The largest primary that loads a closure no more than it can bear; nothing where the meter would not choose that
/// closure, or no whole primary will do.
std::optional<PulseChoice> fill(SystemType type, Voltage voltage, ActiveEnergy energy,
                                std::chrono::milliseconds closure, const PulseChoiceLimits& limits) {
  const double heaviest = std::max(1.0 + step_clearance, limits.most_load * (1 + limits.margin));
  const ActivePower most = pulse_capacity(energy, closure) / heaviest;
  const ActivePower per_ampere = maximum_power(type, voltage, Current{1});
  const Current primary{std::min(std::floor(most / per_ampere), std::floor(limits.most_primary.si()))};
  if (primary < limits.least_primary) return std::nullopt;
  const ActivePower maximum = maximum_power(type, voltage, primary);
  // With a little less power the meter must still choose this closure.
  if (selected_closure(energy, maximum * (1 - step_clearance)) != closure) return std::nullopt;
  return PulseChoice{energy, primary, closure, maximum, pulse_rate(energy, maximum)};
}

}  // namespace

Result<PulseChoice> choose_pulses(SystemType type, Voltage system_voltage, const PulseChoiceLimits& limits) {
  constexpr const char* where = "series_4000_k/pulse choice";
  if (!(system_voltage.si() > 0) || !std::isfinite(system_voltage.si()) || !(limits.most_load > 0) ||
      !(limits.margin >= 0))
    return fail(Fault::malformed, where, "voltage and load must be above 0 and the margin not below");
  std::optional<PulseChoice> best;
  for (const auto energy : pulse_energies) {
    for (const auto closure : pulse_closures) {
      if (closure < limits.shortest_closure) continue;
      const auto choice = fill(type, system_voltage, energy, closure, limits);
      // A larger energy per pulse wins a little by rounding its larger primary; that is no reason to take it.
      if (choice && (!best || choice->rate > best->rate * 1.01)) best = choice;
    }
  }
  if (!best)
    return fail(
        Fault::incapable, where,
        "no energy per pulse and CT primary suit a " + std::string{name(type)} + " system of " + show(system_voltage));
  return *best;
}

}  // namespace blondel::series_4000_k
