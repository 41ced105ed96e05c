#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/sim/bench/bench_wiring.hpp"
#include "drivers/sim/bench/link_faults.hpp"
#include "drivers/sim/bench/planned_fault.hpp"
#include "drivers/sim/circuit/circuit_settings.hpp"
#include "drivers/sim/circuit/meter_front_end.hpp"
#include "drivers/sim/instruments/plant_recorder.hpp"
#include "drivers/sim/instruments/zera_com5003_sim.hpp"
#include "drivers/sim/meter/build_file.hpp"

namespace blondel::sim {

/// The simulation section of a bench file, with every part's own errors drawn from the seed within the bounds that
/// the section gives.
struct SimulationSettings {
  CircuitSettings circuit;
  ZeraCom5003Traits reference;
  PlantRecorderTraits recorder;
  std::vector<FrontEndSettings> front_ends;     ///< by position
  std::map<std::string, std::string> variants;  ///< of all meters' builds
  std::vector<BuildFile> builds;                ///< by position
  std::chrono::milliseconds hang_guard{10'000};
  std::vector<std::string> firmware_faults;  ///< by position: what the faulty build has there, or empty
  std::vector<PlannedFault> faults;
  std::vector<PlannedLinkFault> link_faults;
};

/// @throws Failure (malformed) with file, line and column; for a build of the command line Failure (usage).
SimulationSettings read_simulation(const Settings& at, const BenchWiring& wiring);

}  // namespace blondel::sim
