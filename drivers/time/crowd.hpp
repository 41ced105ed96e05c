#pragma once

#include <cstdint>
#include <string>

namespace blondel {

struct CrowdSize {
  int sleepers = 0, wires = 0, workers = 0, processes = 0;
  int rounds = 3;  ///< how often each of them does what it does
};

/// Runs a crowd of sleepers, wires, workers and processes whose every choice follows from `seed`, side by side under
/// virtual time, and returns what happened, an event a line, in its order. Each of them checks on the way that it
/// wakes exactly when it should, and that time stood still while it worked.
std::string run_crowd(std::uint64_t seed, CrowdSize size);

}  // namespace blondel
