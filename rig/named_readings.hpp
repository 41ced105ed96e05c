#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/reference_meters/reference_meter.hpp"
#include "rig/named_values.hpp"
#include "rig/unit.hpp"

namespace blondel {

/// What lint knows of a reading that a step will have taken under a name.
struct ReadingForecast {
  std::string point;  ///< the register by its name in the map, or "pulses"
  Unit unit;
  int load = 0;            ///< the number of the load that stands then, counted over the plan; 0 where none is known
  std::size_t upsets = 0;  ///< how many of Outlook::upsets come before it
};

/// Everything that one step read at all positions.
struct Moment {
  struct AtPosition {
    bool read = false;
    Time begin, end;                       ///< of the conversation, or of the counting
    std::map<std::string, double> values;  ///< by point, in the units of the map; the meter's configuration too
  };
  std::vector<AtPosition> at;           ///< by place in Run::positions
  std::optional<LoadPoint> load;        ///< what stood at the terminals; nothing while the output was off
  std::vector<ReferenceReading> truth;  ///< meanwhile; empty while the output was off
};

/// A reading under a name: one of the points of a moment.
struct NamedReading {
  std::string point;
  Unit unit;
  std::shared_ptr<const Moment> moment;
};

using ReadingForecasts = NamedValues<ReadingForecast>;
using NamedReadings = NamedValues<NamedReading>;

}  // namespace blondel
