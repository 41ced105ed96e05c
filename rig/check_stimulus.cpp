#include "rig/check_stimulus.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "references/metering/phasor_metering.hpp"
#include "references/quantity_text.hpp"

namespace blondel {

namespace {

constexpr char phase_name(std::size_t k) {
  return static_cast<char>('A' + k);
}

double apart(Angle a, Angle b) {
  return std::abs(std::remainder(a.si() - b.si(), 2 * std::numbers::pi));
}

[[noreturn]] void refuse(std::string what) {
  throw Failure{Fault::wiring, "reference meter", std::move(what)};
}

}  // namespace

void check_stimulus(const LoadPoint& load, const ReferenceReading& reading) {
  // The load tells fundamentals, the reference meter true rms.
  const auto set_point = phasors(load);
  for (std::size_t k = 0; k < 3; ++k) {
    const Voltage voltage{rms(set_point.voltage[k])};
    const Current current{rms(set_point.current[k])};
    const auto& want = load.phases[k];
    if (want.voltage.si() == 0) continue;
    if (!(std::abs(reading.voltage[k].si() / voltage.si() - 1) <= 0.02))
      refuse(fmt::format("phase {} has {} where the source was set to {}", phase_name(k), show(reading.voltage[k]),
                         show(voltage)));
    if (!(apart(reading.voltage_angle[k], want.voltage_angle) <= degrees(5).si()))
      refuse(fmt::format("phase order: voltage {} stands at {:.1f} deg where {:.1f} deg was set", phase_name(k),
                         in_degrees(reading.voltage_angle[k]), in_degrees(want.voltage_angle)));
    if (want.current.si() == 0) continue;
    if (!(std::abs(reading.current[k].si() / current.si() - 1) <= 0.02))
      refuse(fmt::format("phase {} has {} where the source was set to {}", phase_name(k), show(reading.current[k]),
                         show(current)));
    if (!(apart(reading.lag[k], want.lag) <= degrees(5).si()))
      refuse(fmt::format("sign: current {} lags by {:.1f} deg where {:.1f} deg was set", phase_name(k),
                         in_degrees(reading.lag[k]), in_degrees(want.lag)));
  }
}

}  // namespace blondel
