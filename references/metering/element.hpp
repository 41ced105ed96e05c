#pragma once

#include <complex>
#include <map>

#include "references/quantity.hpp"

namespace blondel {

/// The lines of one voltage or current: complex rms phasors by order; 0 is DC and real, 1 the fundamental.
using Spectrum = std::map<int, std::complex<double>>;

/// Sum and difference of two spectra, order by order.
Spectrum operator+(const Spectrum& a, const Spectrum& b);
Spectrum operator-(const Spectrum& a, const Spectrum& b);
Spectrum operator*(double k, const Spectrum& a);

/// True rms, DC included. Source: Parseval's theorem.
double rms(const Spectrum& spectrum);

/// Everything one wattmeter element sees: one voltage with one current. Load convention: positive power is taken
/// from the source, positive reactive power is inductive.
/// Source: IEEE Std 1459, single-phase definitions; Q1 as IEC 62053-24 defines reactive energy.
struct Element {
  Voltage voltage;                        ///< rms
  Current current;                        ///< rms
  ActivePower active;                     ///< P: the sum over all orders, DC included
  ActivePower fundamental_active;         ///< P1
  ReactivePower reactive;                 ///< Q1, of the fundamental alone
  ReactivePower budeanu;                  ///< Q_B: the signed sum over all orders
  ApparentPower apparent;                 ///< S = V·I
  ApparentPower fundamental_apparent;     ///< S1
  ApparentPower nonfundamental_apparent;  ///< S_N
  ApparentPower nonactive;                ///< N = sqrt(S² - P²), unsigned
  Voltage harmonic_voltage;               ///< rms of all that is not fundamental, DC included
  Current harmonic_current;

  double power_factor() const { return active.si() / apparent.si(); }  ///< P / S, NaN without load
  double displacement_power_factor() const { return fundamental_active.si() / fundamental_apparent.si(); }
  Ratio voltage_distortion() const;  ///< of the fundamental (THD-F), NaN without one
  Ratio current_distortion() const;
  bool operator==(const Element&) const = default;
};

/// @pre orders are not negative and a DC line has no imaginary part; std::logic_error otherwise
Element element(const Spectrum& voltage, const Spectrum& current);

}  // namespace blondel
