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
  lost_frames,   ///< one or the other
  truncate,      ///< the answer breaks off somewhere
  corrupt_bit,   ///< one bit of the answer is flipped
  bit_errors,    ///< one to eight bits of the answer are flipped
  delay,         ///< the answer comes later
  other_unit,    ///< the answer bears another unit's address, with a right checksum
  doubled,       ///< the answer comes twice, with the silence between two frames between
  // Of the whole line, whoever is asked:
  echo,        ///< the master hears its own request before the answer
  stuck,       ///< somebody holds the line at space: nothing gets through, and all receivers hear 00
  disconnect,  ///< the master's adapter is gone
  no_bias,     ///< the idle line has no level: a few bytes of noise between request and answer
  foreign,     ///< a second master polls a device of its own on this line
};

struct LineFault {
  LineFaultKind kind = LineFaultKind::none;
  Duration by{};    ///< of delay
  double rate = 1;  ///< how likely it strikes an exchange, drawn from the seed
  int times = 0;    ///< at most so often; 0: without end
  bool operator==(const LineFault&) const = default;
};

/// "lost request", "bit errors", ... as a bench file names it.
std::string name(LineFaultKind kind);
const std::vector<LineFaultKind>& all_line_faults();
/// Whether it strikes a line's every request, and not one meter's answers.
bool of_the_line(LineFaultKind kind);
/// A name, and behind "delay" by how much: "delay 0.5 s" (0.05 s to 2 s).
/// @returns an Error (malformed) that lists the names there are.
Result<LineFault> line_fault(const std::string& text);

/// What a fault leaves of an answer. `number` counts the answers of a line: with the seed it decides where the fault
/// strikes. Delays, drops and echoes are not a matter of bytes and leave them alone.
std::string damaged(std::string answer, LineFaultKind kind, std::uint64_t seed, std::uint64_t number);

/// The faults of one meter's wire or of a line, and what of them strikes when.
class LineFaults {
 public:
  /// `who` keys the random numbers of this wire.
  LineFaults(std::uint64_t seed, std::uint64_t who) : seed_{seed}, who_{who} {}
  void set(LineFault fault);
  void add(LineFault fault);
  /// Whether a fault of this kind strikes the exchange of this number; counts when it does.
  const LineFault* strikes(LineFaultKind kind, std::uint64_t number);
  std::uint64_t struck() const { return struck_; }

 private:
  struct Planned {
    LineFault fault;
    int struck = 0;
  };
  std::uint64_t seed_, who_, struck_ = 0;
  std::vector<Planned> faults_;
};

}  // namespace blondel::sim
