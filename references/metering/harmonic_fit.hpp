#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "references/error.hpp"
#include "references/metering/phasor_set.hpp"
#include "references/metering/sample_block.hpp"

namespace blondel {

struct HarmonicFitOptions {
  int orders = 50;        ///< highest order in the model, where the rate carries it
  double lowest_hz = 40;  ///< between these the fundamental is sought
  double highest_hz = 70;
  double guard_hz = 20;  ///< orders closer than this to half the rate are left out of the model
};

/// What a fit found. The phasors' angles count from the middle of the record.
struct HarmonicEstimate {
  double frequency_hz{};
  int orders{};              ///< highest order in the model; `dropped` holds those the rate cannot carry
  std::vector<int> dropped;  ///< asked for and left out, up to half the rate
  Eigen::Matrix<std::complex<double>, Eigen::Dynamic, 6> phasor;  ///< rms, one row an order from 0 (DC), V and A
  Eigen::Matrix<double, 6, 6> residual;  ///< <r_j·r_k> of what the model does not explain, V², V·A and A²
  double condition{};                    ///< bound for the normal equations, each column of length 1; refused above 1e6

  PhasorSet phasors() const;
};

/// Level 2 of the reference model: frequency, DC and harmonics of one record of six channels by linear least squares
/// on 1, cos(hωt), sin(hωt) around its middle. Exact for a steady signal within the model, coherent or not; biased by
/// anything else, which the residual shows.
///
/// The frequency comes from the three strongest bins of a Hann-windowed transform, then from a Gauss-Newton step on
/// one channel with all amplitudes free, repeated while a step is above 1e-5 of a bin: the error left is of its third
/// power. The normal equations are Dirichlet sums, known without looking at a sample, and folding a record about its
/// middle parts the cosines from the sines, which halves all work. One workspace serves all records of a length.
/// Source: IEEE Std 1057, sine fitting; V. K. Jain et al., IEEE Trans. IM 28 (1979) 113, and T. Grandke, IEEE Trans.
/// IM 32 (1983) 350, interpolation between bins.
class HarmonicFit {
 public:
  /// For records of `rows` samples.
  HarmonicFit(double rate_hz, std::size_t rows, HarmonicFitOptions options = {});
  ~HarmonicFit();
  HarmonicFit(HarmonicFit&&) noexcept;
  HarmonicFit& operator=(HarmonicFit&&) noexcept;

  /// @param reference  channel that tells the frequency; nothing: the voltage (else the current) with the largest rms
  /// @returns an Error when the record is too short (fewer than four periods of the lowest frequency), has another
  ///          length, holds NaN or infinity, or has no fundamental between the limits
  template <class T>
  Result<void> fit(const SampleBlock<T>& record, const ChannelScale& scale = {},
                   std::optional<std::size_t> reference = std::nullopt);

  /// Of the last fit that succeeded.
  const HarmonicEstimate& estimate() const;
  /// What the model left over in the last fit, one column a channel, V and A, in the order of the samples.
  const Eigen::Matrix<double, Eigen::Dynamic, 6>& residual();

 private:
  struct Workspace;
  std::unique_ptr<Workspace> work_;
};

}  // namespace blondel
