#pragma once

#include <vector>

#include "drivers/modbus/modbus_line.hpp"
#include "drivers/sim/meter/simulated_meter.hpp"

namespace blondel::sim {

/// So many characters in a row; exact, where the rounded length of one would add up.
Duration characters(const SerialSettings& port, std::size_t count);

/// A stretch of time in which the line is at space (a 0 bit); in between it is at mark.
struct Space {
  Time from, to;
  bool operator==(const Space&) const = default;
};

/// What characters do to the line: start bit, eight data bits (the lowest first), parity, stop bits.
/// @param bytes  each stamped with the end of its last stop bit
std::vector<Space> spaces_of(const std::vector<StampedByte>& bytes, const SerialSettings& port);

/// Several speakers at once: where any of them sends space, the line is at space. Of two RS-485 drivers against each
/// other the winner is not defined; this is one of the ways it comes out, and the same every time.
std::vector<Space> together_on_line(std::vector<Space> spaces);

/// What a receiver set to `port` hears of a line from an instant on: it waits for an edge to space and looks at the
/// middle of each bit. A character whose parity or stop bit is wrong is heard as 00.
/// Source for that: termios(3), with neither IGNPAR nor PARMRK.
/// @param spaces  disjoint, by rising time
std::vector<StampedByte> heard_on_line(const std::vector<Space>& spaces, const SerialSettings& port, Time from);

}  // namespace blondel::sim
