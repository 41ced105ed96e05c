#include "references/metering/element.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <stdexcept>
#include <vector>

namespace blondel {
namespace {

/// Voltage and current on the same rows, one row an order.
struct Aligned {
  Eigen::ArrayXi order;
  Eigen::ArrayXcd u, i;  ///< V and A, rms
};

void check(const Spectrum& spectrum) {
  for (const auto& [order, phasor] : spectrum) {
    if (order < 0) throw std::logic_error{"a spectrum has no negative orders"};
    if (order == 0 && phasor.imag() != 0) throw std::logic_error{"DC has no imaginary part"};
  }
}

Aligned aligned(const Spectrum& voltage, const Spectrum& current) {
  check(voltage);
  check(current);
  std::set<int> orders;
  for (const auto& line : voltage) orders.insert(line.first);
  for (const auto& line : current) orders.insert(line.first);
  const auto rows = static_cast<Eigen::Index>(orders.size());
  Aligned both{Eigen::ArrayXi(rows), Eigen::ArrayXcd::Zero(rows), Eigen::ArrayXcd::Zero(rows)};
  Eigen::Index row = 0;
  for (const int order : orders) {
    both.order[row] = order;
    if (const auto u = voltage.find(order); u != voltage.end()) both.u[row] = u->second;
    if (const auto i = current.find(order); i != current.end()) both.i[row] = i->second;
    ++row;
  }
  return both;
}

/// sqrt(a² - b²) where rounding may leave a little less than nothing: written as a product, so that the squares
/// cancel as late as possible.
double leg(double hypotenuse, double other) {
  return std::sqrt(std::max(0.0, (hypotenuse - other) * (hypotenuse + other)));
}

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
  for (auto& line : result) line.second *= k;
  return result;
}

double rms(const Spectrum& spectrum) {
  double sum = 0;
  for (const auto& line : spectrum) sum += std::norm(line.second);
  return std::sqrt(sum);
}

Ratio Element::voltage_distortion() const {
  return Ratio{harmonic_voltage.si() / leg(voltage.si(), harmonic_voltage.si())};
}
Ratio Element::current_distortion() const {
  return Ratio{harmonic_current.si() / leg(current.si(), harmonic_current.si())};
}

Element element(const Spectrum& voltage, const Spectrum& current) {
  const auto [order, u, i] = aligned(voltage, current);
  // The power of each order, V·A: real part active, imaginary part reactive and positive for a lagging current.
  const Eigen::ArrayXcd power = u * i.conjugate();
  const Eigen::ArrayXd fundamental = (order == 1).cast<double>();
  const Eigen::ArrayXd rest = 1 - fundamental;

  const double u1 = std::sqrt((u.abs2() * fundamental).sum()), i1 = std::sqrt((i.abs2() * fundamental).sum());
  const double uh = std::sqrt((u.abs2() * rest).sum()), ih = std::sqrt((i.abs2() * rest).sum());
  const double s = std::hypot(u1, uh) * std::hypot(i1, ih);

  Element e;
  e.voltage = Voltage{std::hypot(u1, uh)};
  e.current = Current{std::hypot(i1, ih)};
  e.harmonic_voltage = Voltage{uh};
  e.harmonic_current = Current{ih};
  e.active = ActivePower{power.real().sum()};
  e.fundamental_active = ActivePower{(power.real() * fundamental).sum()};
  e.reactive = ReactivePower{(power.imag() * fundamental).sum()};
  e.budeanu = ReactivePower{power.imag().sum()};
  e.apparent = ApparentPower{s};
  e.fundamental_apparent = ApparentPower{u1 * i1};
  // S_N² = D_I² + D_V² + S_H², a sum of squares: nothing cancels.
  e.nonfundamental_apparent = ApparentPower{std::hypot(u1 * ih, uh * i1, uh * ih)};
  e.nonactive = ApparentPower{leg(s, e.active.si())};
  return e;
}

}  // namespace blondel
