#pragma once

#include <optional>
#include <string>
#include <vector>

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
  };
  std::vector<Socket> sockets;
  std::string firmware;  ///< a build for all meters; empty: what the simulation section says
  std::uint64_t seed = 1;
};

}  // namespace blondel::sim
