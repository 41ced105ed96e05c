#pragma once

#include <cstddef>
#include <cstdint>

namespace blondel::sim {

/// The inner loops of the converter: plain rows, no branch, each row computed from its own inputs in the same order of
/// operations wherever a run of rows begins or ends. Always compiled with the optimiser on.

/// wave[r] += a·cosine[r] + b·sine[r]
void add_sine(double* wave, const double* cosine, const double* sine, double a, double b, std::size_t rows);

/// The same for two orders at once, which saves half of the traffic with the wave.
void add_two_sines(double* wave, const double* cosine1, const double* sine1, double a1, double b1,
                   const double* cosine2, const double* sine2, double a2, double b2, std::size_t rows);

/// wave[r] += factor[r]·part[r]
void add_product(double* wave, const double* factor, const double* part, std::size_t rows);

/// codes[stride·r] = wave[r] + noise_rms·noise[r] + offset, to the nearest integer (ties to even), held at the ends of
/// the signed 24-bit range as a converter holds it.
void quantise(std::int32_t* codes, std::size_t stride, const double* wave, const double* noise, double noise_rms,
              double offset, std::size_t rows);

}  // namespace blondel::sim
