#include "references/metering/quantities.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace blondel {
namespace {

using Weights = Eigen::Matrix<double, 6, 1>;
constexpr double none = std::numeric_limits<double>::quiet_NaN();

Weights voltage_weights(const std::array<double, 3>& w) {
  return Weights{w[0], w[1], w[2], 0, 0, 0};
}
Weights current_weights(const std::array<double, 3>& w) {
  return Weights{0, 0, 0, w[0], w[1], w[2]};
}

/// Sums of channels, looked at from the spectra and from the time domain.
class Combinations {
 public:
  explicit Combinations(const Observation& seen) : seen_{seen} {
    if (!seen.spectra && !seen.products) throw std::logic_error{"nothing was observed"};
  }

  Spectrum spectrum(const Weights& w) const {
    Spectrum sum;
    for (std::size_t k = 0; k < 6; ++k) {
      const double weight = w[static_cast<Eigen::Index>(k)];
      if (weight == 0) continue;
      for (const auto& [order, phasor] : k < 3 ? seen_.spectra->voltage[k] : seen_.spectra->current[k - 3])
        sum[order] += weight * phasor;
    }
    return sum;
  }
  std::complex<double> fundamental(const Weights& w) const { return line(spectrum(w), 1); }
  bool has_spectra() const { return seen_.spectra.has_value(); }

  /// Mean square with everything in it.
  double square(const Weights& w) const {
    if (seen_.products) return std::max(0.0, w.dot(*seen_.products * w));
    const double value = rms(spectrum(w));
    return value * value + rest(w);
  }
  double root(const Weights& w) const {
    return seen_.products ? std::sqrt(square(w)) : std::hypot(rms(spectrum(w)), std::sqrt(rest(w)));
  }
  /// Mean square of all that is not the fundamental; NaN without spectra.
  double harmonic(const Weights& w) const { return has_spectra() ? harmonic_square(spectrum(w)) + rest(w) : none; }

  Element element(const Weights& u, const Weights& i, std::optional<double> delay_periods) const {
    std::optional<Element> timed;
    if (seen_.products) timed = blondel::element({square(u), square(i), u.dot(*seen_.products * i)});
    if (!has_spectra()) return *timed;
    Element e = blondel::element(spectrum(u), spectrum(i), {rest(u), rest(i), u.dot(seen_.rest * i)}, delay_periods);
    if (!timed) return e;
    e.voltage = timed->voltage;
    e.current = timed->current;
    e.active = timed->active;
    e.apparent = timed->apparent;
    e.nonactive = timed->nonactive;
    return e;
  }

 private:
  double rest(const Weights& w) const { return std::max(0.0, w.dot(seen_.rest * w)); }

  const Observation& seen_;
};

/// Which lines exist, and what stands on them.
struct Lines {
  std::array<std::optional<Weights>, 3> voltage_ln, voltage_ll, current;  // A, B, C; AB, BC, AC
  std::optional<Weights> current_sum;
  bool three = false, neutral = false;
};

Lines lines(Service service) {
  const auto v = [](double a, double b, double c) { return voltage_weights({a, b, c}); };
  const auto i = [](double a, double b, double c) { return current_weights({a, b, c}); };
  Lines l;
  switch (service) {
    case Service::one_phase:
      l.voltage_ln[0] = v(1, 0, 0);
      l.current[0] = i(1, 0, 0);
      return l;
    case Service::two_wire_ll:
      l.voltage_ll[0] = v(1, -1, 0);
      l.current[0] = i(1, 0, 0);
      return l;
    case Service::split_phase:
      l.voltage_ln = {v(1, 0, 0), v(0, 1, 0), std::nullopt};
      l.voltage_ll[0] = v(1, -1, 0);
      l.current = {i(1, 0, 0), i(0, 1, 0), std::nullopt};
      l.current_sum = i(1, 1, 0);
      l.neutral = true;
      return l;
    case Service::four_wire: l.voltage_ln = {v(1, 0, 0), v(0, 1, 0), v(0, 0, 1)}; break;
    case Service::two_wattmeters:
    case Service::virtual_neutral: break;
  }
  l.three = true;
  l.neutral = service == Service::four_wire;
  l.voltage_ll = {v(1, -1, 0), v(0, 1, -1), v(1, 0, -1)};
  // Two sensors show the third line's current as what the others leave: sample by sample, never by rms.
  const bool two = service == Service::two_wattmeters;
  l.current = {i(1, 0, 0), two ? i(-1, 0, -1) : i(0, 1, 0), i(0, 0, 1)};
  if (!two) l.current_sum = i(1, 1, 1);
  return l;
}

template <class Q>
std::array<std::optional<Q>, 3> roots(const Combinations& seen, const std::array<std::optional<Weights>, 3>& of) {
  std::array<std::optional<Q>, 3> values;
  for (std::size_t k = 0; k < 3; ++k)
    if (of[k]) values[k] = Q{seen.root(*of[k])};
  return values;
}

template <class Q>
std::optional<Q> average(const std::array<std::optional<Q>, 3>& values) {
  double sum = 0;
  int valid = 0;
  for (const auto& value : values) {
    if (!value) continue;
    sum += value->si();
    ++valid;
  }
  if (valid == 0) return std::nullopt;
  return Q{sum / valid};
}

template <class Measure>
LineSquares line_squares(const Lines& l, Measure measure) {
  LineSquares sums;
  for (std::size_t k = 0; k < 3; ++k) {
    if (l.neutral) sums.to_neutral += measure(*l.voltage_ln[k]);
    sums.between_lines += measure(*l.voltage_ll[k]);
    sums.lines += measure(*l.current[k]);
  }
  if (l.neutral) sums.neutral = measure(*l.current_sum);
  return sums;
}

std::array<double, 3> magnitudes(const std::array<std::optional<Voltage>, 3>& v) {
  return {v[0]->si(), v[1]->si(), v[2]->si()};
}

ThreePhase three_phase(const Combinations& seen, const Lines& l, const Quantities& q, double neutral_weight) {
  const auto all =
      effective_squares(line_squares(l, [&](const Weights& w) { return seen.square(w); }), l.neutral, neutral_weight);
  ThreePhase t;
  t.has_zero = l.neutral;
  t.nema = deviation_from_mean(magnitudes(q.voltage_ll));
  if (l.neutral) t.phase_deviation = deviation_from_mean(magnitudes(q.voltage_ln));
  if (!seen.has_spectra()) {
    t.effective = effective_power(all);
    t.voltage = t.current = {none, none, none};
    t.u2 = t.u2_of_lines = t.i2 = Ratio{none};
    if (l.neutral) t.u0 = t.i0 = Ratio{none};
    return t;
  }
  const auto harmonic =
      effective_squares(line_squares(l, [&](const Weights& w) { return seen.harmonic(w); }), l.neutral, neutral_weight);
  ActivePower harmonic_active;
  for (const auto& e : q.phase)
    if (e) harmonic_active = harmonic_active + e->harmonic_active;
  std::array<std::complex<double>, 3> v, i;
  std::array<double, 3> v_ll{};
  for (std::size_t k = 0; k < 3; ++k) {
    v[k] = seen.fundamental(Weights::Unit(static_cast<Eigen::Index>(k)));
    i[k] = seen.fundamental(*l.current[k]);
    v_ll[k] = std::abs(seen.fundamental(*l.voltage_ll[k]));
  }
  t.voltage = symmetrical_components(v);
  t.current = symmetrical_components(i);
  t.rotation = rotation(t.voltage);
  t.effective = effective_power(all, harmonic, harmonic_active, t.voltage, t.current, l.neutral, neutral_weight);
  const auto to_positive = [](const SymmetricalComponents& s, const std::complex<double>& x) {
    return Ratio{std::abs(x) / std::abs(s.positive)};
  };
  t.u2 = to_positive(t.voltage, t.voltage.negative);
  t.u2_of_lines = unbalance_of_line_voltages(v_ll);
  t.i2 = to_positive(t.current, t.current.negative);
  if (l.neutral) {
    t.u0 = to_positive(t.voltage, t.voltage.zero);
    t.i0 = to_positive(t.current, t.current.zero);
  }
  return t;
}

void add_totals(Quantities& q) {
  for (const auto& e : q.phase) {
    if (!e) continue;
    q.active = q.active + e->active;
    q.fundamental_active = q.fundamental_active + e->fundamental_active;
    q.reactive = q.reactive + e->reactive;
    q.budeanu = q.budeanu + e->budeanu;
    q.apparent_arithmetic = q.apparent_arithmetic + e->apparent;
  }
  q.apparent_vector = ApparentPower{std::hypot(q.active.si(), q.reactive.si())};
  q.apparent_vector_budeanu = ApparentPower{std::hypot(q.active.si(), q.budeanu.si())};
}

}  // namespace

double Quantities::effective_power_factor() const {
  return three_phase ? active.si() / three_phase->effective.apparent.si() : none;
}

std::optional<ReactivePower> Quantities::reactive_by(ReactiveMethod method) const {
  if (method == ReactiveMethod::fryze) return ReactivePower{leg(apparent_arithmetic.si(), active.si())};
  ReactivePower sum;
  for (const auto& e : phase) {
    if (!e) continue;
    const auto part = e->reactive_by(method);
    if (!part) return std::nullopt;
    sum = sum + *part;
  }
  return sum;
}

double start_angle(const PhasorSet& set, Service service) {
  const auto needed = needed_channels(service);
  for (const std::size_t first : {0U, 3U}) {
    std::array<std::complex<double>, 3> fundamental{};
    double strongest = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      if (needed[first + k]) fundamental[k] = line(first == 0 ? set.voltage[k] : set.current[k], 1);
      strongest = std::max(strongest, std::abs(fundamental[k]));
    }
    if (!(strongest > 0)) continue;
    for (const auto& x : fundamental)
      if (std::abs(x) >= 1e-3 * strongest) return std::arg(x);
  }
  return 0;
}

Quantities quantities(const Observation& seen, Service service, const MeteringOptions& options) {
  const Combinations combined{seen};
  const Lines l = lines(service);
  std::optional<double> delay_periods;
  if (options.nominal) delay_periods = seen.frequency.si() / (4 * options.nominal->si());

  Quantities q;
  q.service = service;
  q.frequency = seen.frequency;
  if (seen.spectra) q.start_angle = start_angle(*seen.spectra, service);
  q.voltage_ln = roots<Voltage>(combined, l.voltage_ln);
  q.voltage_ll = roots<Voltage>(combined, l.voltage_ll);
  q.current = roots<Current>(combined, l.current);
  if (l.current_sum) (l.neutral ? q.neutral_current : q.leakage_current) = Current{combined.root(*l.current_sum)};
  for (const ElementWiring& wiring : elements(service)) {
    const auto place = std::find(wiring.current.begin(), wiring.current.end(), 1.0) - wiring.current.begin();
    q.phase[static_cast<std::size_t>(place)] =
        combined.element(voltage_weights(wiring.voltage), current_weights(wiring.current), delay_periods);
  }
  q.voltage_ln_average = average(q.voltage_ln);
  q.voltage_ll_average = average(q.voltage_ll);
  q.current_average = average(q.current).value_or(Current{});
  add_totals(q);
  if (l.three) q.three_phase = three_phase(combined, l, q, options.neutral_weight);
  return q;
}

}  // namespace blondel
