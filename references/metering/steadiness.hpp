#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "references/metering/harmonic_fit.hpp"
#include "references/metering/moments.hpp"
#include "references/metering/residual_structure.hpp"
#include "references/metering/service.hpp"

namespace blondel {

/// Why a second has no spectrum, though V, I, P and S stand.
enum class Unsteady {
  no_fundamental,  ///< none was found between the limits
  near_half_rate,  ///< a component within the guard of half the rate: beyond what the samples carry
  interharmonic,   ///< a component between the harmonics, or above the highest order of the model
  not_steady,      ///< amplitude, frequency or phase moved within the second: a ramp, a step, a modulation, a beat
  disagreement,    ///< power or rms of the time domain is not that of the spectrum
};
/// "no fundamental", "near half the rate", "interharmonic", "not steady", "disagreement"
std::string_view name(Unsteady reason);

struct UnsteadyFlag {
  Unsteady reason{};
  std::size_t channel{};  ///< where it is strongest; see channel_names
  double frequency_hz{};  ///< of the strongest component outside the model
  double share{};         ///< its rms to that of the channel; of a disagreement, to the apparent power
  std::string text;       ///< for people: "ia: 0.4 % at 77.0 Hz, between the harmonics"
};

/// How far the two engines are apart on one second.
struct Consistency {
  double power{};    ///< largest |P - ΣP_h - what the residual has of it| of an element, to its S
  double voltage{};  ///< largest |X² - Σ|X_h|² - residual| of a channel, to its square
};
Consistency consistency(const Moments& moments, const HarmonicEstimate& fit, Service service);

/// Whether one second is what the harmonic model says it is. Size alone tells nothing: a noisy signal is steady, and
/// its residual large. So a residual must have structure (see ResidualStructure), and its line must be
/// - above 5 ppm of the channel: what is smaller biases no fundamental by more than 0.2 ppm, ten bins away;
/// - above half a step of the converter: rounding moves no sample further, and may do so as regularly as the signal;
/// - above 0.1 ppm of the strongest channel of its kind: an open input shows the rounding of the arithmetic.
/// Where the line stands tells the reason: within three bins of an order something moves, elsewhere it is a component.
/// Besides, the two engines must agree in power and rms to 1 ppm, or to what six standard deviations of the residual,
/// taken as noise, can part them.
class Steadiness {
 public:
  /// @param step  of the converter, V and A; 0 where there is none
  Steadiness(double rate_hz, Service service, double guard_hz, std::array<double, 6> step)
      : rate_hz_{rate_hz}, guard_hz_{guard_hz}, service_{service}, step_{step}, structure_{rate_hz} {}

  /// @returns a flag for each reason, the strongest of its kind; empty for a steady second
  std::vector<UnsteadyFlag> look(const Moments& moments, HarmonicFit& fit);

 private:
  UnsteadyFlag classified(std::size_t channel, const ResidualLine& line, const HarmonicEstimate& fit,
                          double channel_rms) const;
  void look_for_lines(const Moments& moments, HarmonicFit& fit, std::vector<UnsteadyFlag>& flags);
  void look_for_disagreement(const Moments& moments, const HarmonicEstimate& fit,
                             std::vector<UnsteadyFlag>& flags) const;

  double rate_hz_, guard_hz_;
  Service service_;
  std::array<double, 6> step_;
  ResidualStructure structure_;
};

}  // namespace blondel
