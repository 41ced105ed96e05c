#pragma once

#include <vector>

#include "drivers/modbus/modbus_line.hpp"
#include "rig/bench_file.hpp"

namespace blondel {

/// How long it takes to ask the meters of a bench, by its file alone: each may answer as late as its data sheet leaves
/// open, an answer may get lost, and meters that share a port are asked one after the other.
///
/// Of a port with one meter, one answer of late ones or two of quick ones may get lost in a slot; of a shared port
/// three, which is what a meter takes that falls silent, so that its neighbours lose nothing by it.
class PortTime {
 public:
  explicit PortTime(const BenchFile& bench);

  /// Until every meter has answered so many requests in a row.
  /// @param registers   at most in one of them, written or read
  /// @param unanswered  how many more of each meter's requests nobody answers, as they should not
  Duration asking(int requests, int registers, int unanswered = 0) const;
  /// A slot for that, with what a meter needs between its requests and what the bench's self-check takes: whole
  /// seconds.
  Duration slot(int requests, int registers, Duration between = {}) const;
  /// A slot that is long enough for a meter on a port of its own, with what its neighbours on the port take besides.
  Duration with_neighbours(Duration own, int requests, int registers) const;
  /// Until each meter of the port that most share was asked for one register, answers as late as they may be; and as
  /// soon as the line lets them.
  Duration longest_round() const;
  Duration shortest_round() const;
  /// How many meters one port may have for a shortest round of that length, at the speed of the slowest.
  int fits(Duration round) const;
  bool shared() const;

 private:
  struct Port {
    int meters = 0;
    SerialSettings line;
  };
  std::vector<Port> ports_;
};

}  // namespace blondel
