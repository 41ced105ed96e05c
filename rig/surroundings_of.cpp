#include "rig/surroundings_of.hpp"

#include "drivers/time/virtual_clock.hpp"
#include "drivers/time/wall_clock.hpp"
#include "drivers/transport/system_surroundings.hpp"

namespace blondel {

sim::BenchWiring wiring_of(const BenchFile& bench, const std::vector<std::string>& firmware, std::uint64_t seed) {
  sim::BenchWiring wiring;
  wiring.source_driver = bench.source_driver;
  wiring.source_address = bench.source().at("address").text();
  wiring.reference_driver = bench.reference_driver;
  wiring.reference_address = bench.reference().at("address").text();
  wiring.control_power_driver = bench.control_power_driver;
  wiring.control_power_address = bench.control_power().at("address").text();
  wiring.system_type = static_cast<int>(bench.system);
  wiring.ct_primary_a = bench.ct_substitute.primary.si();
  wiring.ct_secondary_v = bench.ct_substitute.secondary.si();
  for (const auto& socket : bench.sockets) {
    wiring.sockets.push_back({socket.port, socket.pulses, socket.serial, socket.alarm});
    wiring.sockets.back().calculator = socket.calculator;
    // A simulated meter is set up as the bench file says that the technician did it.
    auto& display = wiring.sockets.back().display;
    for (const auto& [key, called] : {std::pair{"unit", "address"}, {"baud", "baud"}, {"parity", "parity"}})
      if (const auto set = socket.settings.find(key)) display[called] = set->text();
  }
  wiring.file = bench.path;
  wiring.firmware = firmware;
  wiring.seed = seed;
  return wiring;
}

BenchWorld world_of(const BenchFile& bench, const std::vector<std::string>& firmware, std::uint64_t seed) {
  BenchWorld world;
  if (!bench.simulation) {
    if (!firmware.empty())
      throw Failure{Fault::usage, "--firmware", "only the meters of a simulated bench take a build"};
    world.clock = std::make_unique<WallClock>();
    world.around = std::make_unique<SystemSurroundings>(*world.clock);
    return world;
  }
  return world_of(bench, wiring_of(bench, firmware, seed));
}

BenchWorld world_of(const BenchFile& bench, sim::BenchWiring wiring) {
  BenchWorld world;
  world.clock = std::make_unique<VirtualClock>();
  auto simulated = std::make_unique<sim::SimulatedBench>(*world.clock, std::move(wiring), *bench.simulation);
  world.simulated = simulated.get();
  world.around = std::move(simulated);
  return world;
}

}  // namespace blondel
