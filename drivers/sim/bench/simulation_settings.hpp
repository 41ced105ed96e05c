#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/sim/bench/bench_wiring.hpp"
#include "drivers/sim/circuit/circuit_settings.hpp"
#include "drivers/sim/circuit/meter_front_end.hpp"
#include "drivers/sim/instruments/plant_recorder.hpp"
#include "drivers/sim/instruments/zera_com5003_sim.hpp"

namespace blondel::sim {

/// Something that goes wrong on a simulated bench, as its file says it.
struct PlannedFault {
  std::string part;   ///< "source", "reference", "control power", "meter"
  int position = 0;   ///< of a meter
  std::string fault;  ///< see docs/write-a-bench.md
  Time at{};          ///< from when on; the start when the file says nothing
  std::string where;  ///< in the bench file
};

/// The simulation section of a bench file, with every part's own errors drawn from the seed within the bounds that
/// the section gives.
struct SimulationSettings {
  CircuitSettings circuit;
  ZeraCom5003Traits reference;
  PlantRecorderTraits recorder;
  std::vector<FrontEndSettings> front_ends;     ///< by position
  std::map<std::string, std::string> variants;  ///< of all meters' builds
  std::string firmware;                         ///< path, or empty
  std::vector<PlannedFault> faults;
};

/// @throws Failure (malformed) with file, line and column.
SimulationSettings read_simulation(const Settings& at, const BenchWiring& wiring);

}  // namespace blondel::sim
