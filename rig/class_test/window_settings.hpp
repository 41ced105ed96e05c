#pragma once

#include "drivers/time/clock.hpp"
#include "references/settings.hpp"

namespace blondel {

/// What a plan says of a point's measuring time, for all methods alike.
struct WindowSettings {
  Duration window{};   ///< fixed by the plan; nothing where it is not
  Duration longest{};  ///< 5 min, unless the plan says so

  /// Reads a step's `window` and `longest`. @throws Failure(malformed) for a window under 6 s or over 10 min, and a
  /// longest time that is shorter or over 6 h.
  static WindowSettings of(const Settings& step);
};

}  // namespace blondel
