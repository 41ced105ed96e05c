#include "references/metering/tapered_second.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

namespace blondel {
namespace {

/// The spectrum of the sampled weight at f, summed term by term.
std::complex<double> spectrum(const TaperedSecond& taper, double f, double rate_hz) {
  std::complex<double> sum{};
  const auto reach = static_cast<int>(0.6 * rate_hz);
  for (int n = -reach; n <= reach; ++n)
    sum += std::polar(taper.weight(n / rate_hz), -2 * std::numbers::pi * f * n / rate_hz);
  return sum / rate_hz;
}

TEST(TaperedSecondTest, ConsecutiveSecondsAddUpToOneEverywhere) {
  for (const auto kernel : {TaperKernel::blackman_harris, TaperKernel::hann}) {
    const TaperedSecond taper{kernel};
    // Quarters of a millisecond that a double holds exactly, then such as shift by a rounding with every second.
    for (const auto& [hertz, rounding] : {std::pair{4096.0, 2.3e-16}, {2520.0, 2e-15}, {2521.3, 2e-15}})
      for (int n = 0; n < 2 * static_cast<int>(hertz); ++n) {
        const double t = n / hertz;
        EXPECT_NEAR((taper.weight(t) + taper.weight(t - 1)) + (taper.weight(t - 2) + taper.weight(t + 1)), 1, rounding);
      }
  }
}

TEST(TaperedSecondTest, IsTheRunningSumOfTheSquaredWindow) {
  const TaperedSecond taper{TaperKernel::blackman_harris};
  constexpr int steps = 504 * 64;
  double whole = 0, part = 0;
  const auto kernel = [](int n) {
    const double turn = 2 * std::numbers::pi * (n + 0.5) / steps;
    return std::pow(0.35875 - 0.48829 * std::cos(turn) + 0.14128 * std::cos(2 * turn) - 0.01168 * std::cos(3 * turn),
                    2);
  };
  for (int n = 0; n < steps; ++n) whole += kernel(n);
  for (int n = 0; n < steps; ++n) {
    EXPECT_NEAR(taper.rise(0.2 * n / steps - 0.1), part / whole, 1e-8);
    part += kernel(n);
  }
}

TEST(TaperedSecondTest, RejectsTheFundamentalAndTwiceTheFundamental) {
  const TaperedSecond taper{TaperKernel::blackman_harris};
  double at_f = 0, at_2f = 0;
  for (double f = 45; f <= 65; f += 0.125) {
    at_f = std::max(at_f, std::abs(spectrum(taper, f, 2520)));
    at_2f = std::max(at_2f, std::abs(spectrum(taper, 2 * f, 2520)));
  }
  EXPECT_LE(at_f, 2.51e-10);  // 2.5e-4 ppm, as printed
  EXPECT_LE(at_2f, 5e-12);
  EXPECT_GT(at_f, 1e-12) << "the spectrum was not measured";
}

TEST(TaperedSecondTest, TheHannKernelIsNarrowerAndRejectsLess) {
  const TaperedSecond general{TaperKernel::blackman_harris}, narrow{TaperKernel::hann};
  EXPECT_LT(std::abs(spectrum(narrow, 17.5, 2520)), std::abs(spectrum(general, 17.5, 2520)) / 10);
  EXPECT_GT(std::abs(spectrum(narrow, 45.3, 2520)), std::abs(spectrum(general, 45.3, 2520)));
  EXPECT_LE(std::abs(spectrum(narrow, 90.3, 2520)), 4e-8);
}

TEST(TaperedSecondTest, ItsResponseIsThatOfItsSamples) {
  for (const auto kernel : {TaperKernel::blackman_harris, TaperKernel::hann}) {
    const TaperedSecond taper{kernel};
    for (double f = -0.6; f <= 0.61; f += 0.05) {
      const double omega = 2 * std::numbers::pi * f, tiny = 1e-4;
      EXPECT_NEAR(taper.response(omega), spectrum(taper, f, 2520).real(), 2e-9);
      EXPECT_NEAR(taper.centre(omega),
                  -std::log(taper.response(omega + tiny) / taper.response(omega - tiny)) / (2 * tiny), 1e-7);
      EXPECT_NEAR(taper.off_centre(taper.centre(omega)), omega, 1e-12);
    }
    EXPECT_NEAR(taper.response(1e-4), 1, 1e-8);
    EXPECT_TRUE(std::isnan(taper.off_centre(0.6)));
  }
}

}  // namespace
}  // namespace blondel
