#pragma once

#include <string>
#include <vector>

#include "references/settings.hpp"

namespace blondel {

/// What a plan promises of itself: its section `qualify`.
struct Qualification {
  /// A fault that the plan does not catch, and knows it.
  struct Survivor {
    std::string fault, because;
  };
  double at_least = 0.8;         ///< share of the known faults that it must catch
  int false_alarms = 0;          ///< most meters that are not bad and may fail
  bool names_survivors = false;  ///< whether the plan has the list below at all: then no other may survive
  std::vector<Survivor> survivors;
};

/// Reads `{at_least: 80 %, false_alarms: 0, survivors: [{fault: ..., because: ...}]}`.
/// @throws Failure (malformed) with file, line and column; an unknown fault with the nearest known one.
Qualification read_qualification(const Settings& at);

/// How a fault of the catalogue is called where its part does not stand beside it: "stale registers",
/// "reference: dead".
std::vector<std::string> fault_names();

}  // namespace blondel
