#include "references/metering/phasor_metering.hpp"

#include <cmath>

namespace blondel {
namespace {

/// sqrt(2)·X1·ratio·cos(h·ωt + angle) with the fundamental at 0, shifted in time so that the fundamental comes to
/// stand at `turned`.
Spectrum spectrum(double fundamental_rms, Angle turned, const std::vector<HarmonicShare>& harmonics) {
  Spectrum lines{{1, std::polar(fundamental_rms, turned.si())}};
  for (const auto& h : harmonics) {
    const double amplitude = fundamental_rms * h.of_fundamental.si();
    const double angle = h.order * turned.si() + h.angle.si();
    lines[h.order] += amplitude * std::complex<double>{std::cos(angle), std::sin(angle)};
  }
  return lines;
}

}  // namespace

Quantities phasor_metering(const PhasorSet& set, Service service, const MeteringOptions& options) {
  return quantities({.spectra = set, .products = std::nullopt, .frequency = set.frequency}, service, options);
}

Quantities phasor_metering(const PhasorSet& set, SystemType type, const MeteringOptions& options) {
  return phasor_metering(set, service_of(type), options);
}

PhasorSet phasors(const LoadPoint& point, double current_ratio) {
  PhasorSet set;
  set.frequency = point.frequency;
  for (std::size_t k = 0; k < 3; ++k) {
    const PhaseLoad& phase = point.phases[k];
    set.voltage[k] = spectrum(phase.voltage.si(), phase.voltage_angle, phase.voltage_harmonics);
    set.current[k] =
        spectrum(phase.current.si() * current_ratio, phase.voltage_angle - phase.lag, phase.current_harmonics);
  }
  return set;
}

}  // namespace blondel
