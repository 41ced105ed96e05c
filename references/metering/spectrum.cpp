#include "references/metering/spectrum.hpp"

#include <cmath>
#include <stdexcept>

namespace blondel {
namespace {

template <class Combine>
Spectrum combined(const Spectrum& a, const Spectrum& b, Combine combine) {
  Spectrum result = a;
  for (const auto& [order, phasor] : b) result[order] = combine(result[order], phasor);
  return result;
}

}  // namespace

Spectrum operator+(const Spectrum& a, const Spectrum& b) {
  return combined(a, b, [](auto x, auto y) { return x + y; });
}
Spectrum operator-(const Spectrum& a, const Spectrum& b) {
  return combined(a, b, [](auto x, auto y) { return x - y; });
}
Spectrum operator*(double k, const Spectrum& a) {
  Spectrum result = a;
  for (auto& one : result) one.second *= k;
  return result;
}

double rms(const Spectrum& spectrum) {
  double sum = 0;
  for (const auto& one : spectrum) sum += std::norm(one.second);
  return std::sqrt(sum);
}

std::complex<double> line(const Spectrum& spectrum, int order) {
  const auto found = spectrum.find(order);
  return found == spectrum.end() ? std::complex<double>{} : found->second;
}

double harmonic_square(const Spectrum& spectrum) {
  double sum = 0;
  for (const auto& [order, phasor] : spectrum)
    if (order != 1) sum += std::norm(phasor);
  return sum;
}

void check(const Spectrum& spectrum) {
  for (const auto& [order, phasor] : spectrum) {
    if (order < 0) throw std::logic_error{"a spectrum has no negative orders"};
    if (order == 0 && phasor.imag() != 0) throw std::logic_error{"DC has no imaginary part"};
  }
}

double leg(double hypotenuse, double other) {
  const double square = (hypotenuse - other) * (hypotenuse + other);
  return square < 0 ? 0 : std::sqrt(square);
}

}  // namespace blondel
