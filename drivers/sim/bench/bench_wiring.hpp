#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/sim/bench/planned_fault.hpp"
#include "references/settings.hpp"

namespace blondel::sim {

/// What the simulated bench must know of a bench file to build the other ends of its wires.
struct BenchWiring {
  std::string source_driver, source_address;
  std::string reference_driver, reference_address;
  std::string control_power_driver, control_power_address;
  int system_type = 40;
  double ct_primary_a = 5;
  double ct_secondary_v = 0.333;
  struct Socket {
    std::string port, pulses, serial;
    std::string alarm{};  ///< empty: its alarm contact is not wired
    /// How the meter's own port was set on its display: "address", "baud", "parity"; what is missing is the factory's.
    std::map<std::string, std::string> display{};
    std::string calculator{};  ///< the reference meter's input that its pulse contact leads to as well, "SC1"; or empty
  };
  std::vector<Socket> sockets;
  std::string file;                     ///< the bench file; its folder is where the section's paths begin
  std::vector<std::string> firmware{};  ///< builds as the command line names them, see choose_builds(); these go first
  std::uint64_t seed = 1;
  // What is put on the bench beyond its file, to prove a plan against it.
  std::vector<PlannedFault> faults{};
  std::map<std::string, std::string> variants{};  ///< of all meters' builds
};

}  // namespace blondel::sim
