#pragma once

#include <functional>
#include <string>

#include "references/uncertainty/budget.hpp"
#include "rig/run.hpp"

namespace blondel {

/// When the output passed a mark on its way to a new set-point, as far as the reference meter's intervals tell.
struct Crossing {
  Time earliest, latest;

  /// Seconds from its middle to an instant.
  double to(Time instant) const { return in_seconds(instant - earliest) - in_seconds(latest - earliest) / 2; }
  /// What not knowing it better adds to the budget of such a time, in s.
  Contribution doubt() const { return rectangular("when the output passed", in_seconds(latest - earliest) / 2); }
};

/// Reads the reference meter until its interval lies beyond a mark. The output is on its way there and passes it once.
/// @param since  when the output certainly had not passed yet
/// @param mark   for the message: "249.4 V"
/// @throws Failure(instrument) when it has not passed by `end`.
Task<Crossing> watch_crossing(Run& run, Time since, std::function<bool(const ReferenceReading&)> beyond,
                              std::string mark, Time end);

}  // namespace blondel
