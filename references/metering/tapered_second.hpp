#pragma once

#include <array>

namespace blondel {

/// The smooth kernel that rounds the edges of a second.
enum class TaperKernel {
  blackman_harris,  ///< (4-term Blackman-Harris)²: the general one
  hann,             ///< Hann²: worse in general, better beside interharmonics some 15 Hz from the fundamental
};

/// The weight of one reading: a rectangle of exactly 1 s convolved with a kernel of unit area, 200 ms long. Written
/// as the integral of the kernel, in closed form and in continuous time: it can be taken at any sampling rate, also
/// where 200 ms, or 1 s, is no whole number of samples. Consecutive seconds add up to 1 at every instant.
/// Source: convolved (compound) windows; coefficients of F. J. Harris, On the use of windows for harmonic analysis with
/// the discrete Fourier transform, Proc. IEEE 66 (1978).
class TaperedSecond {
 public:
  explicit TaperedSecond(TaperKernel kernel);

  static constexpr double edge_s = 0.2;  ///< length of the kernel: an edge reaches half of it to both sides

  /// The weight `t` seconds after the middle of an edge that rises: 0 before -100 ms, 1/2 at 0, 1 after 100 ms.
  double rise(double t) const;
  /// The weight `t` seconds after the middle of the second.
  double weight(double t) const { return rise(t + 0.5) - rise(t - 0.5); }

  /// What is left of a sine that stands `omega` rad/s beside the frequency it is sought at: real, 1 at 0.
  /// @pre |omega| < 2 pi
  double response(double omega) const;
  /// The centre of time of such a sine, -j·d ln(response)/d omega, in s: what tells how far beside it stands.
  double centre(double omega) const;
  /// The rad/s at which `centre` is `seconds`; NaN beyond ±0.45 s, near the first zero of the response.
  double off_centre(double seconds) const;

 private:
  double centre_slope(double omega) const;

  std::array<double, 7> cosine_{};        ///< of the kernel over its length, relative to the mean
  double second_{}, fourth_{}, sixth_{};  ///< cumulants of the kernel in s², s⁴, s⁶
};

}  // namespace blondel
