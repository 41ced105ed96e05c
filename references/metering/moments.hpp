#pragma once

#include <Eigen/Core>
#include <array>
#include <complex>

namespace blondel {

/// What the samples of one reading come down to: the weighted means of every channel and of every product of two.
/// All rms values, powers and their combinations of any connection are sums of these; no other pass over the samples
/// is needed for them.
struct Moments {
  double begin_s{};                     ///< of the reading's nominal second, counted from the first sample
  double duration_s{1};                 ///< of the rectangle; its edges reach half a taper further on both sides
  Eigen::Matrix<double, 6, 1> mean;     ///< <x_j>, in V and A
  Eigen::Matrix<double, 6, 6> product;  ///< <x_j·x_k>, in V², V·A and A², symmetric
  double frequency_hz{};                ///< at which the fundamentals were taken; NaN where none was found
  std::array<std::complex<double>, 6> fundamental{};  ///< complex rms, angle of cos at the middle of the second
  bool finite = true;                                 ///< no sample was NaN or infinite
};

}  // namespace blondel
