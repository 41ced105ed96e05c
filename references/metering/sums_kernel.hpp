#pragma once

#include <cstddef>
#include <cstdint>

namespace blondel {

/// Rows that are worked on at a time: six columns of them stay in the first-level cache.
inline constexpr std::size_t tile_rows = 256;

/// From samples where they lie to columns of double. Writes zeros up to the next multiple of four rows.
template <class T>
struct Gather {
  void (*column)(const T* first, std::ptrdiff_t stride, std::size_t rows, double offset, double* out);
  /// Six channels that lie row after row.
  void (*interleaved)(const T* first, std::size_t rows, const double* offset, double* const* out);
};

/// The loops in which metering spends its time, over six columns x[0] to x[5]. Rows come in multiples of four and are
/// summed in four lanes. One source compiled for the oldest and for a recent processor: the recent one fuses every
/// product with its sum (AVX2 and FMA), so the two differ by a few units in the last place of the sum of magnitudes. On
/// one processor the same samples give the same bits.
struct SumsKernel {
  /// x, weights, rows, then out, product: of the first three columns 00 01 02 11 12 22, of the last three likewise,
  /// then 9 of first with last; and out, the sum of every column. Without weights they are 1 and not looked at.
  using Products = void (*)(const double* const* x, const double* weight, std::size_t rows, double* product,
                            double* sum);
  /// Every column times a carrier that is given as two columns: 6 + 6 sums.
  using Projections = void (*)(const double* const* x, const double* weight, const double* re, const double* im,
                               std::size_t rows, double* sum_re, double* sum_im);
  /// One column times a carrier and times the number of the row, counted from 0.
  using Moment = void (*)(const double* x, const double* weight, const double* re, const double* im, std::size_t rows,
                          double* sum_re, double* sum_im);

  Products products, weighted_products;
  Projections projections, weighted_projections;
  Moment moment, weighted_moment;
  Gather<double> real;
  Gather<std::int16_t> short_counts;
  Gather<std::int32_t> counts;
};

/// The fastest this processor can run.
const SumsKernel& sums_kernel();
/// The one every processor can run.
const SumsKernel& portable_sums_kernel();

}  // namespace blondel
