#pragma once

#include <memory>
#include <string>

#include "drivers/sim/bus/bus.hpp"

namespace blondel::sim {

/// A pseudo-terminal through which programs outside (mbpoll, pymodbus, a firmware team's own tools) are a master on a
/// simulated bus in wall time, at the speed of a real line.
class PtyLine {
 public:
  /// `bus` outlives this; `port` is how the master's port is set. `link`, when not empty, is made a symbolic link to
  /// the terminal, and removed at the end.
  /// @throws Failure(unreachable) when there is no terminal, or something that is no link stands where the link should.
  PtyLine(Clock& clock, Bus& bus, SerialSettings port, std::string link = {});
  ~PtyLine();

  /// What to open: "/dev/pts/7".
  const std::string& path() const { return path_; }
  const std::string& link() const { return link_; }

 private:
  struct Terminal;
  std::string path_, link_;
  std::shared_ptr<Terminal> terminal_;
  Bus& bus_;
  Bus::Tap tap_;
};

}  // namespace blondel::sim
