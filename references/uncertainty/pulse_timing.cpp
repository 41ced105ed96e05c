#include "references/uncertainty/pulse_timing.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace blondel {
namespace {

bool above_nothing(double value) {
  return std::isfinite(value) && value > 0;
}

tl::unexpected<Error> senseless() {
  return fail(Fault::malformed, "pulse timing", "pulses need a power, a time and an energy above 0");
}

}  // namespace

std::vector<Contribution> pulse_contributions(const PulseTiming& timing) {
  const double t = timing.window.si();
  if (!above_nothing(t)) throw std::logic_error{"a pulse window is longer than nothing"};
  std::vector<Contribution> lines{triangular("resolution of the pulse time stamps", 100 * timing.tick.si() / t)};
  Contribution jitter;
  jitter.source = "jitter of the meter's pulse edges";
  jitter.standard_uncertainty = 100 * std::sqrt(2.0) * timing.edge_jitter.si() / t;
  jitter.evaluation = "B";
  jitter.distribution = timing.jitter_pulsates ? "two U-shaped" : "normal";
  lines.push_back(jitter);
  if (timing.update_period.si() > 0)
    lines.push_back(triangular("pulses only at the meter's update instants", 100 * timing.update_period.si() / t));
  return lines;
}

Result<long long> pulses_within(ActivePower power, Seconds time, ActiveEnergy per_pulse) {
  if (!above_nothing(power.si()) || !above_nothing(time.si()) || !above_nothing(per_pulse.si())) return senseless();
  const double pulses = power.si() * time.si() / per_pulse.si();
  // A quotient that is a whole number but for its last bits is that number.
  const double whole = std::round(pulses);
  const double needed = std::abs(pulses - whole) <= 1e-9 * whole ? whole : std::ceil(pulses);
  if (!(needed < 9e18)) return senseless();
  return static_cast<long long>(needed);
}

Result<Seconds> time_for_pulses(long long pulses, ActivePower power, ActiveEnergy per_pulse) {
  if (pulses <= 0 || !above_nothing(power.si()) || !above_nothing(per_pulse.si())) return senseless();
  return Seconds{static_cast<double>(pulses) * per_pulse.si() / power.si()};
}

Ratio pulse_error(long long pulses, ActiveEnergy per_pulse, ActivePower true_power, Seconds measured) {
  const double truth = true_power.si() * measured.si();
  if (truth == 0) return Ratio{std::numeric_limits<double>::quiet_NaN()};
  return Ratio{static_cast<double>(pulses) * per_pulse.si() / truth - 1};
}

}  // namespace blondel
