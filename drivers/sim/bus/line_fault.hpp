#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/time/clock.hpp"
#include "references/error.hpp"

namespace blondel::sim {

/// What can go wrong on the way between master and meter.
enum class LineFaultKind {
  none,
  drop_request,  ///< the meter hears nothing
  drop_answer,   ///< the master hears nothing
  truncate,      ///< the answer breaks off somewhere
  corrupt_bit,   ///< one bit of the answer is flipped
  delay,         ///< the answer comes later
  other_unit,    ///< the answer bears another unit's address, with a right checksum
  echo,          ///< the master hears its own request before the answer
};

struct LineFault {
  LineFaultKind kind = LineFaultKind::none;
  Duration by{};  ///< of delay
  bool operator==(const LineFault&) const = default;
};

/// "drop_request", ...
std::string name(LineFaultKind kind);
const std::vector<LineFaultKind>& all_line_faults();
/// @returns an Error (malformed) that lists the names there are.
Result<LineFaultKind> line_fault(const std::string& name);

/// What a fault leaves of an answer. `number` counts the answers of a line: with the seed it decides where the fault
/// strikes. Delays, drops and echoes are not a matter of bytes and leave them alone.
std::string damaged(std::string answer, LineFaultKind kind, std::uint64_t seed, std::uint64_t number);

}  // namespace blondel::sim
