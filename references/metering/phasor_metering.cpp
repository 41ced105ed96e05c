#include "references/metering/phasor_metering.hpp"

#include <cmath>
#include <numeric>

namespace blondel {
namespace {

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

/// The voltage each element works with, by system type.
std::array<Spectrum, 3> element_voltages(const PhasorSet& set, SystemType type) {
  const auto& [a, b, c] = set.voltage;
  switch (type) {
    case SystemType::two_wire_ll: return {a - b, {}, {}};
    case SystemType::delta: {
      const Spectrum virtual_neutral = (1.0 / 3.0) * (a + b + c);
      return {a - virtual_neutral, b - virtual_neutral, c - virtual_neutral};
    }
    default: return set.voltage;
  }
}

/// 4-wire: Ve² = (3·ΣV_LN² + ΣV_LL²)/18, Ie² = (ΣI² + In²)/3. 3-wire: Ve² = ΣV_LL²/9, Ie² = ΣI²/3. Se = 3·Ve·Ie.
/// Source: IEEE Std 1459, effective apparent power.
std::optional<ApparentPower> effective(const PhasorSet& set, SystemType type) {
  if (type != SystemType::wye && type != SystemType::delta) return std::nullopt;
  const auto& [a, b, c] = set.voltage;
  const auto square = [](const Spectrum& s) { return std::pow(rms(s), 2); };
  const double between_lines = square(a - b) + square(b - c) + square(c - a);
  const auto& [ia, ib, ic] = set.current;
  const double lines = square(ia) + square(ib) + square(ic);
  if (type == SystemType::delta) return ApparentPower{3 * std::sqrt(between_lines / 9) * std::sqrt(lines / 3)};
  const double to_neutral = square(a) + square(b) + square(c);
  const double neutral = square(ia + ib + ic);
  return ApparentPower{3 * std::sqrt((3 * to_neutral + between_lines) / 18) * std::sqrt((lines + neutral) / 3)};
}

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

Quantities phasor_metering(const PhasorSet& set, SystemType type) {
  const Connection wired = connection(type);
  const auto& v = set.voltage;
  const auto voltages = element_voltages(set, type);

  Quantities q;
  q.frequency = set.frequency;
  constexpr std::size_t from[] = {0, 1, 0}, to[] = {1, 2, 2};  // AB, BC, AC
  for (std::size_t k = 0; k < 3; ++k) {
    if (wired.voltage_ln[k]) q.voltage_ln[k] = Voltage{rms(v[k])};
    if (wired.voltage_ll[k]) q.voltage_ll[k] = Voltage{rms(v[from[k]] - v[to[k]])};
    if (wired.current[k]) q.current[k] = Current{rms(set.current[k])};
    if (!wired.element[k]) continue;
    const Element e = element(voltages[k], set.current[k]);
    q.phase[k] = e;
    q.active = q.active + e.active;
    q.reactive = q.reactive + e.reactive;
    q.apparent_arithmetic = q.apparent_arithmetic + e.apparent;
  }
  q.voltage_ln_average = average(q.voltage_ln);
  q.voltage_ll_average = average(q.voltage_ll);
  q.current_average = average(q.current).value_or(Current{});
  q.apparent_vector = ApparentPower{std::hypot(q.active.si(), q.reactive.si())};
  q.apparent_effective = effective(set, type);
  return q;
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
