#pragma once

#include <Eigen/Core>
#include <cmath>

#include "references/error.hpp"
#include "references/metering/moments.hpp"

namespace blondel {

/// Energy over a whole number of seconds, from every sample of them: readings times their duration, accumulated with
/// the rounding error of every addition carried along.
/// Source: A. Neumaier, compensated summation, 1974.
class EnergyIntegrator {
 public:
  void add(const Moments& reading) {
    finite_ = finite_ && reading.finite;
    seconds_ += reading.duration_s;
    const Matrix term = reading.product * reading.duration_s;
    const Matrix sum = sum_ + term;
    for (Eigen::Index k = 0; k < sum.size(); ++k)
      lost_(k) += std::abs(sum_(k)) >= std::abs(term(k)) ? (sum_(k) - sum(k)) + term(k) : (term(k) - sum(k)) + sum_(k);
    sum_ = sum;
  }

  /// The integral of x_j·x_k: joule where one is a voltage and the other a current, else V²s and A²s.
  /// @returns an Error (malformed) once a reading with a sample that was NaN or infinite has been added
  Result<Eigen::Matrix<double, 6, 6>> total() const {
    if (!finite_) return fail(Fault::malformed, "energy", "a sample of these seconds was no number");
    return Matrix{sum_ + lost_};
  }

  double seconds() const { return seconds_; }

 private:
  using Matrix = Eigen::Matrix<double, 6, 6>;

  Matrix sum_ = Matrix::Zero(), lost_ = Matrix::Zero();
  double seconds_ = 0;
  bool finite_ = true;
};

}  // namespace blondel
