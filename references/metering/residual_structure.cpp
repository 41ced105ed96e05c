#include "references/metering/residual_structure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace blondel {

std::optional<ResidualLine> ResidualStructure::strongest_line(const Eigen::Ref<const Eigen::VectorXd>& residual) {
  const Eigen::Index rows = residual.size();
  if (hann_.size() != rows) {
    hann_.resize(rows);
    for (Eigen::Index n = 0; n < rows; ++n)
      hann_[n] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(rows));
    bins_.resize(rows);
  }
  windowed_ = residual.cwiseProduct(hann_);
  transform_.fwd(bins_.data(), windowed_.data(), rows);
  power_ = bins_.head(rows / 2 + 1).cwiseAbs2();
  sorted_ = power_;
  auto* const middle = sorted_.data() + sorted_.size() / 2;
  std::nth_element(sorted_.data(), middle, sorted_.data() + sorted_.size());
  const double noise = *middle / std::numbers::ln2;  // the mean of an exponential distribution from its median

  Eigen::Index peak = 0;
  const double most = power_.maxCoeff(&peak);
  if (!(most > structured * noise)) return std::nullopt;
  const Eigen::Index from = std::max<Eigen::Index>(0, peak - 2), to = std::min(power_.size() - 1, peak + 2);
  const auto around = power_.segment(from, to - from + 1);
  // Σ|bin|² of one side is rows²·(3/16)·rms² for a Hann window.
  const double square = around.sum() * 16 / (3 * static_cast<double>(rows) * static_cast<double>(rows));
  double bin = 0;
  for (Eigen::Index n = from; n <= to; ++n) bin += static_cast<double>(n) * power_[n] / around.sum();
  return ResidualLine{.frequency_hz = bin * rate_hz_ / static_cast<double>(rows),
                      .rms = std::sqrt(square),
                      .over_noise = noise > 0 ? most / noise : std::numeric_limits<double>::infinity()};
}

}  // namespace blondel
