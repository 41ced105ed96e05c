#include "references/metering/tapered_second.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace blondel {
namespace {

constexpr double two_pi = 2 * std::numbers::pi;

/// The cosines of a window, centred, so that all stand with a positive sign.
std::array<double, 4> window(TaperKernel kernel) {
  if (kernel == TaperKernel::hann) return {0.5, 0.5, 0, 0};
  return {0.35875, 0.48829, 0.14128, 0.01168};
}

/// cos p · cos r is half of cos(p + r) and half of cos(p - r).
std::array<double, 7> squared(const std::array<double, 4>& a) {
  std::array<double, 7> b{};
  for (int p = 0; p < 4; ++p)
    for (int r = 0; r < 4; ++r) {
      const double half = a[static_cast<std::size_t>(p)] * a[static_cast<std::size_t>(r)] / 2;
      b[static_cast<std::size_t>(p + r)] += half;
      b[static_cast<std::size_t>(std::abs(p - r))] += half;
    }
  return b;
}

}  // namespace

TaperedSecond::TaperedSecond(TaperKernel kernel) : cosine_{squared(window(kernel))} {
  const double mean = cosine_[0];
  for (double& b : cosine_) b /= mean;
  // Moments of cos(2 pi q u) over -1/2 < u < 1/2, by parts.
  double m2 = 1.0 / 12, m4 = 1.0 / 80, m6 = 1.0 / 448;
  for (std::size_t q = 1; q < cosine_.size(); ++q) {
    const double a2 = std::pow(two_pi * static_cast<double>(q), 2), sign = q % 2 == 0 ? 1 : -1;
    const double i2 = 2 * sign / a2, i4 = sign / a2 - 12 / a2 * i2, i6 = 0.375 * sign / a2 - 30 / a2 * i4;
    m2 += cosine_[q] * i2;
    m4 += cosine_[q] * i4;
    m6 += cosine_[q] * i6;
  }
  second_ = m2 * std::pow(edge_s, 2);
  fourth_ = (m4 - 3 * m2 * m2) * std::pow(edge_s, 4);
  sixth_ = (m6 - 15 * m4 * m2 + 30 * m2 * m2 * m2) * std::pow(edge_s, 6);
}

double TaperedSecond::rise(double t) const {
  const double u = t / edge_s;
  if (u <= -0.5) return 0;
  if (u >= 0.5) return 1;
  double sum = 0.5 + u;
  for (std::size_t q = 1; q < cosine_.size(); ++q) {
    const double turn = two_pi * static_cast<double>(q);
    sum += cosine_[q] * std::sin(turn * u) / turn;
  }
  return std::clamp(sum, 0.0, 1.0);  // the sum of sines rounds to a little less than 0 at the very ends
}

double TaperedSecond::response(double omega) const {
  const double w2 = omega * omega;
  const double rectangle = std::abs(omega) < 1e-4 ? 1 - w2 / 24 : std::sin(omega / 2) / (omega / 2);
  return rectangle * std::exp(w2 * (-second_ / 2 + w2 * (fourth_ / 24 - w2 * sixth_ / 720)));
}

double TaperedSecond::centre(double omega) const {
  const double w2 = omega * omega;
  const double kernel = omega * (second_ - w2 * (fourth_ / 6 - w2 * sixth_ / 120));
  if (std::abs(omega) < 0.1)  // where the two terms of the closed form cancel
    return kernel + omega * (1.0 / 12 + w2 * (1.0 / 720 + w2 * (1.0 / 30240 + w2 / 1209600)));
  return kernel + 1 / omega - 0.5 / std::tan(omega / 2);
}

double TaperedSecond::centre_slope(double omega) const {
  const double w2 = omega * omega, s = std::sin(omega / 2);
  const double rectangle = std::abs(omega) < 0.1 ? 1.0 / 12 + w2 / 240 : 0.25 / (s * s) - 1 / w2;
  return rectangle + second_ - w2 * fourth_ / 2;
}

double TaperedSecond::off_centre(double seconds) const {
  if (!(std::abs(seconds) < 0.45)) return std::numeric_limits<double>::quiet_NaN();
  // The centre is convex from 0 outwards, and the straight line through 0 overshoots: Newton comes down without
  // turning.
  double omega = seconds / centre_slope(0);
  for (int n = 0; n < 30; ++n) {
    const double step = (centre(omega) - seconds) / centre_slope(omega);
    omega -= step;
    if (std::abs(step) <= 1e-13 + 1e-13 * std::abs(omega)) break;
  }
  return omega;
}

}  // namespace blondel
