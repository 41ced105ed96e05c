#pragma once

#include <limits>

#include "references/load_point.hpp"
#include "references/metering/connection.hpp"
#include "references/metering/phasor_set.hpp"
#include "references/metering/quantities.hpp"

namespace blondel {

/// Level 0 of the reference model: everything in closed form from the phasors, no sample and no window.
Quantities phasor_metering(const PhasorSet& set, Service service, const MeteringOptions& options = {});
/// The same, by the number of a meter's register; a delta is metered against its virtual neutral.
Quantities phasor_metering(const PhasorSet& set, SystemType type, const MeteringOptions& options = {});

/// The spectra of a load point. A harmonic's angle counts from the fundamental of its own channel, so a channel
/// turned by φ turns its order h by h·φ.
/// @param current_ratio  amperes at the meter's sensor for each ampere at the source's terminals
PhasorSet phasors(const LoadPoint& point, double current_ratio = 1);

/// (measured - truth) / truth: positive where the meter registers too much. NaN, which no limit passes, where the
/// truth is zero.
template <class Kind>
Ratio percentage_error(Quantity<Kind> measured, Quantity<Kind> truth) {
  if (truth.si() == 0) return Ratio{std::numeric_limits<double>::quiet_NaN()};
  return Ratio{(measured - truth) / truth};
}

}  // namespace blondel
