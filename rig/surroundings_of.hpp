#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/sim/bench/simulated_bench.hpp"
#include "drivers/transport/surroundings.hpp"
#include "rig/bench_file.hpp"

namespace blondel {

/// What the simulated bench must know of a bench file.
/// @param firmware  builds as the command line names them: "BUILD" or "POSITION=BUILD", see sim::choose_builds()
sim::BenchWiring wiring_of(const BenchFile& bench, const std::vector<std::string>& firmware, std::uint64_t seed);

/// The clock and the far ends of the wires that a bench file asks for: simulators in this process and virtual time
/// when it has a simulation section, the operating system's sockets and devices and real time otherwise.
struct BenchWorld {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Surroundings> around;
  sim::SimulatedBench* simulated = nullptr;  ///< `around`, when it is simulated
};
BenchWorld world_of(const BenchFile& bench, const std::vector<std::string>& firmware, std::uint64_t seed);
/// The same from a wiring that somebody has added to. @pre the bench file has a simulation section
BenchWorld world_of(const BenchFile& bench, sim::BenchWiring wiring);
/// The same with one word; empty: what the bench file says.
inline BenchWorld world_of(const BenchFile& bench, const std::string& firmware, std::uint64_t seed) {
  std::vector<std::string> words;
  if (!firmware.empty()) words.push_back(firmware);
  return world_of(bench, words, seed);
}

}  // namespace blondel
