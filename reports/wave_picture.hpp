#pragma once

#include <complex>
#include <string>
#include <vector>

namespace blondel {

/// One channel as it is drawn.
struct WaveTrace {
  enum class Axis { volts, amperes };

  std::string name;             ///< as it stands beside it
  Axis axis{};                  ///< which of the two scales
  int colour{};                 ///< 0, 1, 2: phases that belong together have one
  std::vector<double> samples;  ///< instantaneous values in V or A, evenly spread from 0 to span_s
  std::complex<double> phasor;  ///< rms of the fundamental, V or A; zero is not drawn
};

/// A cycle or two of all channels, and their phasors.
struct WavePicture {
  std::string title;  ///< any text; it is escaped
  double span_s{};    ///< from the first to the last sample of every trace
  std::vector<WaveTrace> traces;
};

/// The waveforms over time, volts on the left scale and amperes on the right one, and beside them the phasors of the
/// fundamentals: 0 degrees to the right, positive angles counter-clockwise; the longest voltage reaches the outer
/// circle, the longest current the inner one. A complete SVG document in the colours of the reports, light or dark as
/// the reader's screen is; it needs nothing from elsewhere.
/// @throws std::logic_error where the span is not positive, a trace has fewer than two samples or a value is not finite
std::string wave_picture_svg(const WavePicture& picture);

}  // namespace blondel
