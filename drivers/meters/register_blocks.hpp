#pragma once

#include <vector>

#include "references/register_maps/register_map.hpp"

namespace blondel {

/// Registers without a gap between them, by printed number, that one request may read.
struct RegisterRange {
  int first, last;
  bool operator==(const RegisterRange&) const = default;
};

/// One request for consecutive registers.
struct BlockRead {
  int address;  ///< on the wire
  int count;
  bool operator==(const BlockRead&) const = default;
};

/// The fewest requests that read all points: each within one range and no longer than `longest`, and no register read
/// that no point between needs. A point outside all ranges gets a request of its own. By rising address.
std::vector<BlockRead> block_reads(std::vector<const RegisterPoint*> points, const std::vector<RegisterRange>& ranges,
                                   int longest);

}  // namespace blondel
