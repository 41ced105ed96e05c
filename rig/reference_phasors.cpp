#include "rig/reference_phasors.hpp"

namespace blondel {

PhasorSet phasors_of(const ReferenceReading& reading, double current_ratio) {
  PhasorSet set;
  set.frequency = reading.frequency;
  for (std::size_t k = 0; k < 3; ++k) {
    const double angle = reading.voltage_angle[k].si();
    set.voltage[k][1] = std::polar(reading.voltage[k].si(), angle);
    set.current[k][1] = std::polar(reading.current[k].si() * current_ratio, angle - reading.lag[k].si());
  }
  return set;
}

}  // namespace blondel
