#pragma once

#include <complex>
#include <map>

namespace blondel {

/// The lines of one voltage or current: complex rms phasors by order; 0 is DC and real, 1 the fundamental. Orders are
/// whole: between the harmonics nothing is steady within one period, and closed forms of it are not offered.
using Spectrum = std::map<int, std::complex<double>>;

/// Sum and difference of two spectra, order by order.
Spectrum operator+(const Spectrum& a, const Spectrum& b);
Spectrum operator-(const Spectrum& a, const Spectrum& b);
Spectrum operator*(double k, const Spectrum& a);

/// True rms, DC included. Source: Parseval's theorem.
double rms(const Spectrum& spectrum);

/// One order, zero where there is no such line.
std::complex<double> line(const Spectrum& spectrum, int order);

/// Σ |X_h|² over everything that is not the fundamental, DC included.
double harmonic_square(const Spectrum& spectrum);

/// @throws std::logic_error for a negative order, and for a DC line with an imaginary part
void check(const Spectrum& spectrum);

/// sqrt(a² - b²) where rounding may leave a little less than nothing: written as a product, so that the squares
/// cancel as late as possible. NaN stays NaN.
double leg(double hypotenuse, double other);

}  // namespace blondel
