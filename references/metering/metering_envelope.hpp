#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <random>
#include <vector>

#include "references/metering/moments.hpp"
#include "references/metering/sample_block.hpp"

namespace blondel {

/// Test stimuli whose means are known in closed form: phasors of whole orders on a frequency that may ramp, all
/// amplitudes swelling together at whole hertz. Nothing here is shared with the engine.
struct EnvelopeCase {
  double frequency_hz{};  ///< at the middle of the first reading
  double ramp_hz_per_s{};
  double modulation{};  ///< of all amplitudes, at modulation_hz
  int modulation_hz = 1;
  double modulation_phase{};
  std::array<std::vector<std::complex<double>>, 6> phasor;  ///< rms, by order; [0] is DC
};

/// A case by chance: 45 to 65 Hz, a DC offset and all orders up to 20 or 1240 Hz, voltages with up to 10 % and
/// currents with up to 30 % of each, any phase. `unsteady` adds a ramp of up to 1 Hz/s (odd seeds) or a modulation of
/// up to 5 % (even seeds).
EnvelopeCase envelope_case(std::uint64_t seed, bool unsteady);

/// Its samples, interleaved.
std::vector<double> sampled(const EnvelopeCase& stimulus, double rate_hz, std::size_t rows);
SampleBlock<double> interleaved(const std::vector<double>& samples);

/// <x_j·x_k>: the sum over the orders of Re(X_j·X_k*), by Parseval's theorem, times the mean of the modulation squared.
/// What is left out is what oscillates: the reading of a ramp is compared with the power of its constant phasors, that
/// of a modulation with the mean over a whole number of its periods, which is that of the sharp-edged second too.
double mean_product(const EnvelopeCase& stimulus, std::size_t j, std::size_t k);

/// The largest differences, in ppm of S (of the quantity itself for rms values).
struct EnvelopeErrors {
  double voltage{}, current{}, active{}, apparent{}, energy{};
  double fundamental_active{}, fundamental_reactive{};  ///< of steady cases only
  double frequency_ppm{};                               ///< of steady cases only

  void worsen(const EnvelopeErrors& other);
};
EnvelopeErrors envelope_errors(const EnvelopeCase& stimulus, double rate_hz, std::size_t seconds);

}  // namespace blondel
