#include "references/metering/harmonic_columns.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

namespace blondel {
namespace {

/// How far a scaled Gram matrix is from the identity: the largest sum of a row beside the diagonal. Its eigenvalues
/// lie within 1 ± that. Source: Gershgorin's theorem.
template <class Gram>
double off_diagonal(const Gram& gram) {
  double most = 0;
  for (Eigen::Index row = 0; row < gram.rows(); ++row) {
    double sum = 0;
    for (Eigen::Index column = 0; column < gram.cols(); ++column)
      if (column != row) sum += std::abs(gram(row, column)) / std::sqrt(gram(row, row) * gram(column, column));
    most = std::max(most, sum);
  }
  return most;
}

}  // namespace

HarmonicColumns::HarmonicColumns(double rate_hz, Eigen::Index rows, Eigen::Index most)
    : rows_{rows},
      rate_hz_{rate_hz},
      odd_{rows % 2 == 1},
      time_((rows + 1) / 2),
      cosines_((rows + 1) / 2, most + 1),
      sines_((rows + 1) / 2, most),
      cosine_factor_(most + 1, most + 1),
      sine_factor_(most, most),
      dirichlet_(2 * most + 1) {
  const double first = odd_ ? 0 : 0.5;
  for (Eigen::Index n = 0; n < time_.size(); ++n) time_[n] = (static_cast<double>(n) + first) / rate_hz;
}

void HarmonicColumns::set(double frequency_hz, Eigen::Index orders) {
  orders_ = orders;
  const double omega = 2 * EIGEN_PI * frequency_hz;
  rotate(omega);
  factor(omega);
}

void HarmonicColumns::rotate(double omega) {
  // The fundamental's column by short rotations from exact starts, the others by turning it again and again: the
  // error of an order is about as many roundings.
  constexpr Eigen::Index run = 32;
  std::complex<double> turns[run];
  for (Eigen::Index n = 0; n < run; ++n) turns[n] = std::polar(1.0, omega * static_cast<double>(n) / rate_hz_);
  for (Eigen::Index start = 0; start < half(); start += run) {
    const auto from = std::polar(1.0, omega * time_[start]);
    for (Eigen::Index n = start; n < std::min(half(), start + run); ++n) {
      const auto at = from * turns[n - start];
      cosines_(n, 1) = at.real();
      sines_(n, 0) = at.imag();
    }
  }
  cosines_.col(0).setOnes();
  const auto c = cosines_.col(1).array(), s = sines_.col(0).array();
  for (Eigen::Index h = 2; h <= orders_; ++h) {
    const auto c_last = cosines_.col(h - 1).array(), s_last = sines_.col(h - 2).array();
    cosines_.col(h).array() = c_last * c - s_last * s;
    sines_.col(h - 1).array() = s_last * c + c_last * s;
  }
  if (odd_) cosines_.row(0).leftCols(orders_ + 1) *= std::sqrt(0.5);
}

void HarmonicColumns::factor(double omega) {
  // Σ cos(m·ωt) over all rows of the record.
  dirichlet_[0] = static_cast<double>(rows_);
  for (Eigen::Index m = 1; m <= 2 * orders_; ++m) {
    const double half_step = static_cast<double>(m) * omega / (2 * rate_hz_);
    dirichlet_[m] = std::sin(static_cast<double>(rows_) * half_step) / std::sin(half_step);
  }
  auto even = cosine_factor_.topLeftCorner(orders_ + 1, orders_ + 1);
  auto odd = sine_factor_.topLeftCorner(orders_, orders_);
  for (Eigen::Index h = 0; h <= orders_; ++h)
    for (Eigen::Index k = 0; k <= orders_; ++k) {
      const double apart = dirichlet_[std::abs(h - k)], together = dirichlet_[h + k];
      even(h, k) = 0.5 * (apart + together);
      if (h > 0 && k > 0) odd(h - 1, k - 1) = 0.5 * (apart - together);
    }
  const double off = std::max(off_diagonal(even), off_diagonal(odd));
  condition_ = off < 1 ? (1 + off) / (1 - off) : std::numeric_limits<double>::infinity();
  if (off >= 1) return;
  Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>>{even};
  Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>>{odd};
}

}  // namespace blondel
