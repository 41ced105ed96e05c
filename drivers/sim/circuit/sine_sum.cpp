#include "drivers/sim/circuit/sine_sum.hpp"

#include <bit>

namespace blondel::sim {
namespace {

typedef double Lanes __attribute__((vector_size(32)));
typedef std::int32_t HalfLanes __attribute__((vector_size(32)));
typedef std::int32_t LaneCodes __attribute__((vector_size(16)));
typedef std::int32_t LooseCodes __attribute__((vector_size(16), aligned(4), may_alias));
typedef double LooseLanes __attribute__((vector_size(32), aligned(8), may_alias));

// Adding 1.5·2^52 leaves the nearest integer in the low bits of the sum.
constexpr double rounder = 6755399441055744.0;

double sum_at_row(const double* wave, const SineTerm* terms, std::size_t term_count, std::size_t r) {
  double sum = wave ? wave[r] : 0.0;
  std::size_t i = 0;
  for (; i + 1 < term_count; i += 2) {
    const auto &one = terms[i], &two = terms[i + 1];
    sum += (one.a * one.cosine[r] + one.b * one.sine[r]) + (two.a * two.cosine[r] + two.b * two.sine[r]);
  }
  if (i < term_count) sum += terms[i].a * terms[i].cosine[r] + terms[i].b * terms[i].sine[r];
  return sum;
}

void convert_row(std::int32_t* codes, const ChannelInput& in, std::size_t r) {
  constexpr double least = -8388608.0, most = 8388607.0;
  double v = sum_at_row(in.wave, in.terms, in.term_count, r) + in.noise_rms * in.noise[r] + in.offset;
  v = v < least ? least : v;
  v = v > most ? most : v;
  codes[6 * r] = static_cast<std::int32_t>(static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(v + rounder)));
}

#define LANES(p) (*reinterpret_cast<const LooseLanes*>(p))
#define WRITTEN(p) (*reinterpret_cast<LooseLanes*>(p))
#define CODES(p) (*reinterpret_cast<LooseCodes*>(p))

namespace portable {
#include "drivers/sim/circuit/sine_sum_loops.inc"
}  // namespace portable

// Without fused products, so that both give the same codes.
#if defined(__x86_64__) && !defined(__clang__)
#define BLONDEL_WIDE_LOOPS
#pragma GCC push_options
#pragma GCC target("avx2")
namespace avx2 {
#include "drivers/sim/circuit/sine_sum_loops.inc"
}  // namespace avx2
#pragma GCC pop_options
#endif

#undef LANES
#undef WRITTEN
#undef CODES

}  // namespace

void add_sines(double* wave, const SineTerm* terms, std::size_t term_count, std::size_t rows) {
#if defined(BLONDEL_WIDE_LOOPS)
  if (__builtin_cpu_supports("avx2")) return avx2::add_sines(wave, terms, term_count, rows);
#endif
  portable::add_sines(wave, terms, term_count, rows);
}

void add_product(double* __restrict wave, const double* __restrict factor, const double* __restrict part,
                 std::size_t rows) {
  for (std::size_t r = 0; r < rows; ++r) wave[r] += factor[r] * part[r];
}

void convert_portably(std::int32_t* codes, const std::array<ChannelInput, 6>& channels, std::size_t rows) {
  portable::convert(codes, channels, rows);
}

void convert(std::int32_t* codes, const std::array<ChannelInput, 6>& channels, std::size_t rows) {
#if defined(BLONDEL_WIDE_LOOPS)
  if (__builtin_cpu_supports("avx2")) return avx2::convert(codes, channels, rows);
#endif
  portable::convert(codes, channels, rows);
}

}  // namespace blondel::sim
