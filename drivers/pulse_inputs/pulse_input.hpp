#pragma once

#include <cstdint>
#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// One change of a contact.
struct ContactEdge {
  Time at;                   ///< when, by the input's own time stamp
  bool closed{};             ///< what it changed to
  std::uint64_t sequence{};  ///< counts every edge of this input from 1; a gap means lost edges
  bool operator==(const ContactEdge&) const = default;
};

/// An input that time-stamps the edges of a meter's contact (pulse or alarm) and keeps them until they are fetched.
class PulseInput {
 public:
  virtual ~PulseInput() = default;
  /// The edges since the last call, oldest first. @throws Failure(protocol) when edges were lost.
  virtual Task<std::vector<ContactEdge>> edges() = 0;
  /// Whether the contact is closed now.
  virtual Task<bool> closed() = 0;
  /// Standard uncertainty of one time stamp.
  virtual Duration stamp_uncertainty() const = 0;
};

}  // namespace blondel
