#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace blondel::sim {

/// The inner loops of the converter: plain rows, each computed from its own inputs in the same order of operations
/// wherever a run of rows begins or ends and whatever the processor's vectors hold, so that a code has one value.
/// Always compiled with the optimiser on.

/// a·cosine[r] + b·sine[r]
struct SineTerm {
  const double* cosine{};
  const double* sine{};
  double a{}, b{};
};

/// What one channel of the converter sees over a run of rows.
struct ChannelInput {
  const double* wave{};  ///< to begin with; null for zeros
  const SineTerm* terms{};
  std::size_t term_count{};
  const double* noise{};
  double noise_rms{}, offset{};
};

/// wave[r] += the sum of the terms, taken two at a time.
void add_sines(double* wave, const SineTerm* terms, std::size_t term_count, std::size_t rows);

/// wave[r] += factor[r]·part[r]
void add_product(double* wave, const double* factor, const double* part, std::size_t rows);

/// codes[6·r + channel] = wave[r] + terms + noise_rms·noise[r] + offset, to the nearest integer (ties to even), held
/// at the ends of the signed 24-bit range as a converter holds it.
void convert(std::int32_t* codes, const std::array<ChannelInput, 6>& channels, std::size_t rows);

/// The same without the processor's wider vectors, for comparing.
void convert_portably(std::int32_t* codes, const std::array<ChannelInput, 6>& channels, std::size_t rows);

}  // namespace blondel::sim
