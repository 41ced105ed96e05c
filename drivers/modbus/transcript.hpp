#pragma once

#include <string>
#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// What one call put on a line and what came back, as it was and when.
struct Transcript {
  struct Piece {
    Time at;  ///< its last byte
    std::string bytes;
  };
  std::string request;
  Time request_over{};  ///< the last stop bit of the request
  std::vector<Piece> heard;
  /// What came while nobody had asked, since the call before.
  std::string unasked;

  std::string bytes() const {
    std::string all;
    for (const auto& piece : heard) all += piece.bytes;
    return all;
  }
};

}  // namespace blondel
