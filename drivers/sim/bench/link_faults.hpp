#pragma once

#include <string>

#include "drivers/sim/bus/line_fault.hpp"
#include "references/settings.hpp"

namespace blondel::sim {

/// A fault of the link between the rig and a position's meter, as a bench file says it.
struct PlannedLinkFault {
  int position = 0;
  LineFault fault;
  Time at{};
};

/// Whether an entry of a bench file's `faults` is one of a link: `part: link`.
bool is_link_fault(const Settings& at);

/// Reads `{part: link, position: 2, fault: delay 0.5 s, at: 60 s, rate: 5 %, times: 1}`.
/// @throws Failure (malformed) with file, line and column.
PlannedLinkFault read_link_fault(const Settings& at, int positions);

}  // namespace blondel::sim
