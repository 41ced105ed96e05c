#pragma once

#include <Eigen/Core>
#include <optional>
#include <unsupported/Eigen/FFT>

namespace blondel {

/// The strongest line in what a harmonic model left over.
struct ResidualLine {
  double frequency_hz{};
  double rms{};         ///< of the line and the two bins on either side of it
  double over_noise{};  ///< power of the strongest bin to the mean power of a bin of the noise around
};

/// Looks for structure in a residual. Noise, also that of a converter's rounding, is flat: in its Hann-windowed
/// spectrum powers are exponentially distributed, so no bin of a second at 2520 samples a second comes above 30 times
/// the mean in more than one of 10^9 records. A component the model has not, a ramp, a step or a modulation makes
/// lines. The noise is taken from the median, which lines do not move.
class ResidualStructure {
 public:
  static constexpr double structured = 30;

  explicit ResidualStructure(double rate_hz) : rate_hz_{rate_hz} {
    transform_.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  }
  /// @returns nothing where no bin stands out of the noise
  std::optional<ResidualLine> strongest_line(const Eigen::Ref<const Eigen::VectorXd>& residual);

 private:
  double rate_hz_;
  Eigen::FFT<double> transform_;
  Eigen::VectorXd hann_, windowed_, power_, sorted_;
  Eigen::VectorXcd bins_;
};

}  // namespace blondel
