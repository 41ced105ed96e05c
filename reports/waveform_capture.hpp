#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "references/error.hpp"
#include "references/metering/sample_block.hpp"

namespace blondel {

/// A recording of the six channels va, vb, vc, ia, ib, ic that grows while an instrument samples.
///
/// The file is HDF5, in the form that `blondel model` and load_waveform_hdf5() read: one extensible data set a channel
/// with the attributes `unit` ("V", "A"), `gain` and `offset` (gain·(sample - offset) is the value), and on the root
/// group `rate_hz`, `start_s` and `finished`. It holds no times of day: the same samples give the same bytes.
///
/// A process that dies leaves a file that opens and holds what was there at the last flush(), unless it dies within
/// one. Everything throws Failure: Fault::storage when the disk will not take it, and from then on at every call.
/// Sample is std::int16_t, std::int32_t or double.
template <class Sample>
class WaveformCapture {
 public:
  /// Found by capture_bench: smaller chunks cost calls, larger ones are written over more often by flush().
  static constexpr std::size_t usual_chunk_rows = std::size_t{1} << 14;

  /// Begins a new file.
  /// @param rate_hz     samples per second of each channel, 100 Hz to 100 MHz
  /// @param start_s     bench time of the first sample
  /// @param chunk_rows  samples that are written to the disk at a time
  /// @throws Failure: Fault::usage when the file exists, for a recording is never overwritten; Fault::malformed for a
  ///         rate, start, gain or offset that cannot be one
  WaveformCapture(const std::filesystem::path& path, double rate_hz, double start_s, const ChannelScale& scale = {},
                  std::size_t chunk_rows = usual_chunk_rows);
  WaveformCapture(const WaveformCapture&) = delete;
  WaveformCapture& operator=(const WaveformCapture&) = delete;
  /// Closes the file as far as it goes; without finish() it says that it was not finished.
  ~WaveformCapture();

  /// Appends the rows of a block, interleaved or planar. @throws std::logic_error for a channel that is not there, and
  /// after finish().
  void append(const SampleBlock<Sample>& block);

  /// Returns once everything appended will outlive this process and a loss of power.
  void flush();

  /// Writes what is left, marks the recording as finished and closes it. Again: does nothing.
  void finish();

  /// Rows appended so far.
  std::uint64_t rows() const;

 private:
  class File;
  std::unique_ptr<File> file_;
};

/// What a capture says about itself.
struct CaptureFacts {
  double rate_hz{};
  double start_s{};
  std::uint64_t rows{};   ///< samples of each channel
  bool finished = false;  ///< false: whoever captured was interrupted
};

/// Looks into a capture without reading its samples.
/// @returns Fault::malformed that names the file, and what is missing, when it is none
Result<CaptureFacts> capture_facts(const std::filesystem::path& path);

}  // namespace blondel
