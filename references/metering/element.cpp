#include "references/metering/element.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace blondel {
namespace {

struct Pair {
  std::complex<double> u, i;  // V and A, rms
};

/// The lines of both, one pair an order.
std::vector<Pair> aligned(const Spectrum& voltage, const Spectrum& current) {
  std::vector<Pair> pairs;
  auto u = voltage.begin();
  auto i = current.begin();
  while (u != voltage.end() || i != current.end()) {
    if (i == current.end() || (u != voltage.end() && u->first < i->first)) {
      pairs.push_back({(u++)->second, 0});
    } else if (u == voltage.end() || i->first < u->first) {
      pairs.push_back({0, (i++)->second});
    } else {
      pairs.push_back({(u++)->second, (i++)->second});
    }
  }
  return pairs;
}

/// D_B² = S² - P² - Q_B² of the spectra, as Lagrange's identity writes it: the sum over all pairs of orders of
/// |V_h·I_k - V_k·I_h|². Nothing cancels, so a sinusoid has no distortion to the last digit.
double budeanu_square(const std::vector<Pair>& pairs) {
  double sum = 0;
  for (std::size_t h = 0; h < pairs.size(); ++h)
    for (std::size_t k = 0; k < h; ++k) sum += std::norm(pairs[h].u * pairs[k].i - pairs[k].u * pairs[h].i);
  return sum;
}

}  // namespace

std::optional<ReactivePower> Element::reactive_by(ReactiveMethod method) const {
  switch (method) {
    case ReactiveMethod::fundamental: return reactive;
    case ReactiveMethod::budeanu: return budeanu;
    case ReactiveMethod::quarter_period: return quarter_period;
    case ReactiveMethod::fixed_delay: return fixed_delay;
    case ReactiveMethod::integrator: return integrator;
    case ReactiveMethod::differentiator: return differentiator;
    case ReactiveMethod::fryze: return ReactivePower{nonactive.si()};
  }
  throw std::logic_error{"unknown reactive method"};
}

Element element(const Spectrum& voltage, const Spectrum& current, const ElementSums& rest,
                std::optional<double> delay_periods) {
  check(voltage);
  check(current);
  const auto by = [&](ReactiveMethod method) { return reactive_power(method, voltage, current); };
  const auto pairs = aligned(voltage, current);
  double all_active = 0;
  for (const auto& [u, i] : pairs) all_active += (u * std::conj(i)).real();

  const auto u1 = line(voltage, 1), i1 = line(current, 1);
  double harmonic_active = rest.power;
  for (const auto& [order, u] : voltage)
    if (order != 1) harmonic_active += (u * std::conj(line(current, order))).real();

  Element e;
  e.fundamental_voltage = Voltage{std::abs(u1)};
  e.fundamental_current = Current{std::abs(i1)};
  e.harmonic_voltage = Voltage{std::sqrt(harmonic_square(voltage) + rest.voltage)};
  e.harmonic_current = Current{std::sqrt(harmonic_square(current) + rest.current)};
  e.voltage = Voltage{std::hypot(e.fundamental_voltage.si(), e.harmonic_voltage.si())};
  e.current = Current{std::hypot(e.fundamental_current.si(), e.harmonic_current.si())};
  e.fundamental_active = ActivePower{(u1 * std::conj(i1)).real()};
  e.harmonic_active = ActivePower{harmonic_active};
  e.active = e.fundamental_active + e.harmonic_active;
  e.apparent = e.voltage * e.current;
  e.fundamental_apparent = e.fundamental_voltage * e.fundamental_current;
  // S_N² = D_I² + D_V² + S_H², a sum of squares: nothing cancels.
  e.nonfundamental_apparent = ApparentPower{
      std::hypot(e.current_distortion_power().si(), e.voltage_distortion_power().si(), e.harmonic_apparent().si())};

  e.reactive = by(ReactiveMethod::fundamental);
  e.budeanu = by(ReactiveMethod::budeanu);
  e.quarter_period = by(ReactiveMethod::quarter_period);
  e.integrator = by(ReactiveMethod::integrator);
  e.differentiator = by(ReactiveMethod::differentiator);
  if (delay_periods) e.fixed_delay = reactive_power(ReactiveMethod::fixed_delay, voltage, current, *delay_periods);

  const double u2 = std::norm(rms(voltage)), i2 = std::norm(rms(current));
  const double from_rest =
      u2 * rest.current + rest.voltage * i2 + rest.voltage * rest.current - rest.power * (2 * all_active + rest.power);
  e.budeanu_distortion = ApparentPower{std::sqrt(std::max(0.0, budeanu_square(pairs) + from_rest))};
  e.nonactive = ApparentPower{std::hypot(e.budeanu.si(), e.budeanu_distortion.si())};
  return e;
}

Element element(const ElementSums& sums) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  Element e;
  e.voltage = Voltage{std::sqrt(sums.voltage)};
  e.current = Current{std::sqrt(sums.current)};
  e.active = ActivePower{sums.power};
  e.apparent = e.voltage * e.current;
  e.nonactive = ApparentPower{leg(e.apparent.si(), e.active.si())};
  e.fundamental_voltage = e.harmonic_voltage = Voltage{none};
  e.fundamental_current = e.harmonic_current = Current{none};
  e.fundamental_active = e.harmonic_active = ActivePower{none};
  e.reactive = e.budeanu = e.quarter_period = e.integrator = e.differentiator = ReactivePower{none};
  e.budeanu_distortion = e.fundamental_apparent = e.nonfundamental_apparent = ApparentPower{none};
  return e;
}

}  // namespace blondel
