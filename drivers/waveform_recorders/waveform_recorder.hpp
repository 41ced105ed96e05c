#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// What a digitizer took of the reference meter's terminals: the potentials of A, B, C against neutral and the currents
/// through A, B, C, at the same instants, as its converter counted them.
struct Waveform {
  Time begin;                                       ///< instant of the first sample
  double rate_hz{};                                 ///< samples a second of each channel
  std::array<std::vector<std::int32_t>, 6> counts;  ///< va, vb, vc, ia, ib, ic, all equally long
  std::array<double, 6> gain{};                     ///< V or A for one count
};

/// An instrument that keeps the waveform, as evidence and as a second witness beside the reference meter's own
/// arithmetic.
class WaveformRecorder {
 public:
  virtual ~WaveformRecorder() = default;
  /// Samples from now on for that long, and returns when the last sample is taken. @throws Failure.
  virtual Task<Waveform> record(Duration length) = 0;
};

}  // namespace blondel
