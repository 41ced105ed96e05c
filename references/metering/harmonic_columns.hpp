#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace blondel {

/// The columns 1, cos(hωt) and sin(hωt) of a record, folded about its middle: cosines with the sum of the samples at
/// +t and -t, sines with their difference, so half the rows do. A record of odd length has one row at t = 0, which is
/// its own mirror image: it is scaled by sqrt(1/2), and then all sums come out right.
class HarmonicColumns {
 public:
  /// @param most  highest order there will ever be
  HarmonicColumns(double rate_hz, Eigen::Index rows, Eigen::Index most);

  /// Makes the columns of orders 0 to `orders` at a frequency, and factors their normal equations.
  void set(double frequency_hz, Eigen::Index orders);

  Eigen::Index half() const { return time_.size(); }
  auto cosines() const { return cosines_.leftCols(orders_ + 1); }  ///< half × (orders + 1), from order 0
  auto sines() const { return sines_.leftCols(orders_); }          ///< half × orders, from order 1
  const Eigen::ArrayXd& time() const { return time_; }             ///< s, of each row
  bool middle_row() const { return odd_; }
  /// A bound for the condition of the normal equations with columns of length 1; infinite when it cannot be bounded.
  double condition() const { return condition_; }

  /// From right-hand sides (columns' products with folded samples) to coefficients, in place.
  template <class Matrix>
  void solve_cosines(Matrix&& right) const {
    solve(cosine_factor_.topLeftCorner(orders_ + 1, orders_ + 1), right);
  }
  template <class Matrix>
  void solve_sines(Matrix&& right) const {
    solve(sine_factor_.topLeftCorner(orders_, orders_), right);
  }

 private:
  template <class Factor, class Matrix>
  static void solve(const Factor& factor, Matrix& right) {
    factor.template triangularView<Eigen::Lower>().solveInPlace(right);
    factor.template triangularView<Eigen::Lower>().transpose().solveInPlace(right);
  }
  void rotate(double omega);
  void factor(double omega);

  Eigen::Index rows_, orders_{};
  double rate_hz_;
  bool odd_;
  double condition_{1};
  Eigen::ArrayXd time_;
  Eigen::MatrixXd cosines_, sines_, cosine_factor_, sine_factor_;
  Eigen::ArrayXd dirichlet_;
};

}  // namespace blondel
