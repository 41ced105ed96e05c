#pragma once

#include "references/error.hpp"
#include "references/standards/requirements.hpp"

namespace blondel {

/// What the times of start and no-load tests follow from. Of a meter behind transformers everything is secondary.
struct MeterConstants {
  double pulses_per_kwh{};  ///< k; for reactive energy pulses per kvarh
  int elements{3};          ///< m, measuring elements
  Voltage un;               ///< reference voltage
  Current imax, ist, imin;  ///< only those the formula needs must be above 0
  Ratio limit_at_imin;      ///< b: base limit at Imin, for OIML R 46
};

/// The shortest time of the no-load test, by the formula of its edition.
/// @returns an Error (malformed) that names what the formula needs and is not above 0.
/// Source: IEC 62053-22:2003 and 2020 (7.6), OIML R 46-2:2012; the numerators are data, with their marks.
Result<Seconds> no_load_time(const NoLoad& rule, const MeterConstants& meter);

/// The time between two pulses that a meter without error needs at its starting current: 3.6e6 / (m k Un Ist).
/// Source: OIML R 46-2:2012, starting current.
Result<Seconds> start_pulse_time(const MeterConstants& meter);

}  // namespace blondel
