#include "drivers/sim/circuit/sine_sum.hpp"

#include <bit>

namespace blondel::sim {

void add_sine(double* __restrict wave, const double* __restrict cosine, const double* __restrict sine, double a,
              double b, std::size_t rows) {
  for (std::size_t r = 0; r < rows; ++r) wave[r] += a * cosine[r] + b * sine[r];
}

void add_two_sines(double* __restrict wave, const double* __restrict cosine1, const double* __restrict sine1, double a1,
                   double b1, const double* __restrict cosine2, const double* __restrict sine2, double a2, double b2,
                   std::size_t rows) {
  for (std::size_t r = 0; r < rows; ++r)
    wave[r] += (a1 * cosine1[r] + b1 * sine1[r]) + (a2 * cosine2[r] + b2 * sine2[r]);
}

void add_product(double* __restrict wave, const double* __restrict factor, const double* __restrict part,
                 std::size_t rows) {
  for (std::size_t r = 0; r < rows; ++r) wave[r] += factor[r] * part[r];
}

void quantise(std::int32_t* __restrict codes, std::size_t stride, const double* __restrict wave,
              const double* __restrict noise, double noise_rms, double offset, std::size_t rows) {
  constexpr double least = -8388608.0, most = 8388607.0;
  // Adding 1.5·2^52 leaves the nearest integer in the low bits of the sum.
  constexpr double rounder = 6755399441055744.0;
  for (std::size_t r = 0; r < rows; ++r) {
    double v = wave[r] + noise_rms * noise[r] + offset;
    v = v < least ? least : v;
    v = v > most ? most : v;
    codes[r * stride] =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(v + rounder)));
  }
}

}  // namespace blondel::sim
