#pragma once

#include <optional>

#include "references/metering/reactive.hpp"
#include "references/metering/spectrum.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// Everything one wattmeter element sees: one voltage with one current. Load convention: positive power is taken
/// from the source, positive reactive power is inductive. What was not measured is NaN.
/// Source: IEEE Std 1459, single-phase definitions; Q1 as IEC 62053-24 defines reactive energy.
struct Element {
  Voltage voltage;          ///< rms
  Current current;          ///< rms
  ActivePower active;       ///< P: the sum over all orders, DC included
  ApparentPower apparent;   ///< S = V·I
  ApparentPower nonactive;  ///< N = sqrt(S² - P²), unsigned; Fryze's reactive power

  Voltage fundamental_voltage;  ///< V1
  Current fundamental_current;  ///< I1
  Voltage harmonic_voltage;     ///< V_H: rms of all that is not fundamental, DC included
  Current harmonic_current;     ///< I_H

  ActivePower fundamental_active;         ///< P1
  ActivePower harmonic_active;            ///< P_H = P - P1, summed and not subtracted
  ReactivePower reactive;                 ///< Q1, of the fundamental alone
  ReactivePower budeanu;                  ///< Q_B: the signed sum over all orders
  ApparentPower budeanu_distortion;       ///< D_B = sqrt(S² - P² - Q_B²)
  ApparentPower fundamental_apparent;     ///< S1
  ApparentPower nonfundamental_apparent;  ///< S_N

  ReactivePower quarter_period, integrator, differentiator;  ///< see ReactiveMethod
  std::optional<ReactivePower> fixed_delay;                  ///< only where a nominal frequency was given

  double power_factor() const { return active.si() / apparent.si(); }  ///< P / S, NaN without load
  double displacement_power_factor() const { return fundamental_active.si() / fundamental_apparent.si(); }
  /// THD-F, of the fundamental as IEEE 1459 and IEC 61000-4-7 have it: NaN without one.
  Ratio voltage_distortion() const { return Ratio{harmonic_voltage / fundamental_voltage}; }
  Ratio current_distortion() const { return Ratio{harmonic_current / fundamental_current}; }
  /// D_I = V1·I_H, D_V = V_H·I1, S_H = V_H·I_H: S_N² is the sum of their squares.
  ApparentPower current_distortion_power() const { return fundamental_voltage * harmonic_current; }
  ApparentPower voltage_distortion_power() const { return harmonic_voltage * fundamental_current; }
  ApparentPower harmonic_apparent() const { return harmonic_voltage * harmonic_current; }
  /// D_H = sqrt(S_H² - P_H²)
  ApparentPower harmonic_distortion_power() const {
    return ApparentPower{leg(harmonic_apparent().si(), harmonic_active.si())};
  }
  /// By any definition; nothing for fixed_delay without nominal frequency. Fryze's is unsigned.
  std::optional<ReactivePower> reactive_by(ReactiveMethod method) const;

  bool operator==(const Element&) const = default;
};

/// Mean squares and mean product of one voltage and one current, as the time domain gives them.
struct ElementSums {
  double voltage{};  ///< <u²>, V²
  double current{};  ///< <i²>, A²
  double power{};    ///< <u·i>, W
};

/// From spectra.
/// @param rest           what a waveform holds besides the spectra and at right angles to them, as noise: it counts in
///                       V, I, P and in all that is not fundamental, but in no reactive power
/// @param delay_periods  for fixed_delay: f/(4·f0)
/// @pre orders are not negative and a DC line has no imaginary part; std::logic_error otherwise
Element element(const Spectrum& voltage, const Spectrum& current, const ElementSums& rest = {},
                std::optional<double> delay_periods = std::nullopt);

/// From the time domain alone: V, I, P, S and N; NaN for all that needs a spectrum.
Element element(const ElementSums& sums);

}  // namespace blondel
