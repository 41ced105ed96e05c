#pragma once

#include <memory>
#include <string>

#include "drivers/sim/bench/simulated_bench.hpp"
#include "drivers/transport/surroundings.hpp"
#include "rig/bench_file.hpp"

namespace blondel {

/// What the simulated bench must know of a bench file.
sim::BenchWiring wiring_of(const BenchFile& bench, const std::string& firmware, std::uint64_t seed);

/// The clock and the far ends of the wires that a bench file asks for: simulators in this process and virtual time
/// when it has a simulation section, the operating system's sockets and devices and real time otherwise.
struct BenchWorld {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Surroundings> around;
  sim::SimulatedBench* simulated = nullptr;  ///< `around`, when it is simulated
};
BenchWorld world_of(const BenchFile& bench, const std::string& firmware, std::uint64_t seed);

}  // namespace blondel
