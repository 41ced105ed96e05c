#pragma once

#include <array>
#include <cstddef>

namespace blondel {

/// Samples where they lie, rows of six channels (service.hpp has their order), not copied: interleaved, planar, or a
/// corner of something larger. T is double, std::int16_t or std::int32_t. A channel that is not there is a null pointer
/// and counts as zero.
template <class T>
struct SampleBlock {
  std::array<const T*, 6> channel{};  ///< the first sample of each
  std::ptrdiff_t stride = 1;          ///< from one sample of a channel to its next
  std::size_t rows = 0;
};

/// What turns a sample into volts or amperes: gain·(sample - offset).
struct ChannelScale {
  std::array<double, 6> gain{1, 1, 1, 1, 1, 1};
  std::array<double, 6> offset{};
};

}  // namespace blondel
