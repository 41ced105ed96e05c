#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "drivers/sim/meter/link_messages.hpp"

namespace blondel::sim {

/// What no meter may do at its terminals, whatever its build says: speak unasked or into a request, speak faster than
/// the line carries, switch a contact faster than a contact can. A bench whose line is flooded would only see
/// time-outs; this sees why.
class TerminalWatch {
 public:
  /// A new process: it has neither heard nor said anything.
  void power_up();

  /// What the meter did in a grant, told before anything of it is used.
  /// @param heard  bytes on their way to the meter, those of the grant first; the grant's used ones are still there
  /// @returns what is wrong, in words for the technician.
  std::optional<std::string> sees(const Done& done, const std::deque<StampedByte>& heard);

  /// More bytes are on their way to the meter. @returns what is wrong: it has already answered the request they end.
  std::optional<std::string> hears(const std::vector<StampedByte>& bytes);

 private:
  std::optional<std::string> sends(const Done& done, const std::deque<StampedByte>& heard);
  std::optional<std::string> switches(const Done& done);
  bool follows(const StampedByte& byte, Time before) const;

  Duration character_{};              ///< the shortest spacing of bytes heard; none yet: zero
  std::optional<Time> last_arrival_;  ///< of the last byte told to hears()
  std::optional<Time> last_used_;     ///< end of the last byte that the firmware was entered with
  bool asked_ = false;                ///< the firmware has heard something since it last began to answer
  bool request_ended_ = false;        ///< and a pause came after it: more bytes are somebody else's or another request
  bool answered_ended_ = false;       ///< the same, when it began its last frame
  std::optional<Time> frame_begin_;   ///< of its last frame
  Time frame_end_{};
  std::size_t answer_bytes_ = 0;  ///< sent since it was asked
  std::array<std::int64_t, 2> second_{-1, -1};
  std::array<int, 2> edges_{};  ///< of a contact in that second of bench time
};

}  // namespace blondel::sim
