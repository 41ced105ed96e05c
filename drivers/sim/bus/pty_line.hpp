#pragma once

#include <memory>
#include <string>

#include "drivers/sim/bus/bus_wire.hpp"

namespace blondel::sim {

/// A pseudo-terminal through which programs outside (mbpoll, pymodbus, a firmware team's own tools) reach a simulated
/// meter in wall time, at the speed of a real line.
class PtyLine {
 public:
  /// `meter` outlives this. `link`, when not empty, is made a symbolic link to the terminal, and removed at the end.
  /// @throws Failure(unreachable) when there is no terminal, or something that is no link stands where the link should.
  PtyLine(Clock& clock, SimulatedMeter& meter, SerialSettings meter_port, Order order, std::uint64_t seed,
          std::string link = {});
  ~PtyLine();

  /// What to open: "/dev/pts/7".
  const std::string& path() const { return path_; }
  const std::string& link() const { return link_; }
  BusWire& wire() { return *wire_; }

 private:
  struct Terminal;
  std::string path_, link_;
  std::shared_ptr<Terminal> terminal_;
  std::unique_ptr<BusWire> wire_;
};

}  // namespace blondel::sim
