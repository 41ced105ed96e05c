#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "references/metering/sample_block.hpp"

namespace blondel {

/// The samples of one recording, channel by channel, in the order of channel_names; empty where it has no such channel.
template <class T>
using ChannelSamples = std::array<std::vector<T>, 6>;

/// What an instrument has recorded, as its samples lie in the file. Whole numbers stay whole numbers: `scale` says
/// what they are in volts and amperes.
struct Recording {
  std::string name;           ///< of the file, for messages
  double rate_hz{};           ///< samples per second of each channel
  std::size_t rows{};         ///< samples of each channel
  std::array<bool, 6> has{};  ///< which channels there are
  ChannelScale scale;         ///< of each channel
  std::variant<ChannelSamples<double>, ChannelSamples<std::int16_t>, ChannelSamples<std::int32_t>> samples;

  double duration_s() const { return static_cast<double>(rows) / rate_hz; }
};

/// The samples where they lie, for an engine; it lives as long as they do.
template <class T>
SampleBlock<T> block_of(const ChannelSamples<T>& samples, std::size_t rows) {
  SampleBlock<T> block{.rows = rows};
  for (std::size_t k = 0; k < 6; ++k) block.channel[k] = samples[k].empty() ? nullptr : samples[k].data();
  return block;
}

/// One sample in V or A. @pre the recording has the channel and the row
double value(const Recording& recording, std::size_t channel, std::size_t row);

/// No line has more volts or amperes than this; a file that says so is broken.
inline constexpr double largest_sample = 1e9;

/// The rate, if TaperedMetering can meter it. @throws Failure (malformed) at `where` outside its limits.
double checked_rate(double rate_hz, const std::string& where);

/// What a reader of recordings is told beside the file.
struct RecordingRequest {
  std::array<bool, 6> needed{};   ///< these channels must be there; the others are left out
  std::optional<double> rate_hz;  ///< where the file does not say it, or to be compared with what it says
  std::string group;              ///< of an HDF5 file; empty: its root
};

}  // namespace blondel
