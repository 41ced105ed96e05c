#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/metering/quantity_list.hpp"
#include "references/metering/reactive.hpp"
#include "references/metering/sampled_metering.hpp"

namespace blondel {

/// One quantity over the seconds of a recording.
struct QuantityOverTime {
  NamedQuantity mean;                     ///< withheld where one second withholds it
  std::optional<double> lowest, highest;  ///< of the seconds that have it; of no angle over time
};

/// Every quantity over all seconds: volts and amperes as the root of the mean of their squares (as IEC 61000-4-30
/// aggregates), all else as the arithmetic mean of the readings. Of a ratio that is the mean of the ratios, and not the
/// ratio of means; an angle has none of the three.
/// @param seconds  the quantity lists of the readings, in order
std::vector<QuantityOverTime> over_time(const std::vector<std::vector<NamedQuantity>>& seconds);

/// What a perfect meter would have registered over all seconds, in Wh, varh and VAh: "active_energy_import" and
/// "active_energy_export", "reactive_energy_q1" to "_q4" by the quadrant of P and Q (I: both imported, lagging),
/// "apparent_energy" of the arithmetic apparent power. The decision interval is the second, and the elements are added
/// before the sign is looked at. Reactive energy is withheld as a whole where one second has no reactive power.
/// @param method  what reactive power is
std::vector<NamedQuantity> energies(const std::vector<SampledReading>& readings, ReactiveMethod method);

}  // namespace blondel
