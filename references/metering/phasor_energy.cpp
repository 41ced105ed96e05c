#include "references/metering/phasor_energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <stdexcept>

namespace blondel {
namespace {

/// The amplitude of a line: x(t) = Re Σ c_h·exp(jhωt).
std::complex<double> amplitude(int order, std::complex<double> rms) {
  return order == 0 ? rms : std::numbers::sqrt2 * rms;
}

/// p(t) = Re Σ C_m·exp(jmωt), m from 0: the product of two sums of cosines.
std::map<int, std::complex<double>> power_lines(const Spectrum& voltage, const Spectrum& current) {
  std::map<int, std::complex<double>> lines;
  for (const auto& [h, u] : voltage)
    for (const auto& [k, i] : current) {
      const auto c = amplitude(h, u), d = amplitude(k, i);
      lines[h + k] += 0.5 * c * d;
      lines[std::abs(h - k)] += 0.5 * (h >= k ? c * std::conj(d) : std::conj(c) * d);
    }
  return lines;
}

double integral(const std::map<int, std::complex<double>>& lines, double omega, double begin, double end) {
  const double length = end - begin, middle = 0.5 * (begin + end);
  double sum = 0;
  for (const auto& [m, c] : lines) {
    if (m == 0) {
      sum += c.real() * length;
      continue;
    }
    const double half = 0.5 * m * omega * length;
    const double shape = half == 0 ? 1 : std::sin(half) / half;
    sum += (c * std::polar(1.0, std::remainder(m * omega * middle, 2 * std::numbers::pi))).real() * length * shape;
  }
  return sum;
}

Spectrum weighted(const std::array<Spectrum, 3>& channels, const std::array<double, 3>& weights) {
  Spectrum sum;
  for (std::size_t k = 0; k < 3; ++k)
    if (weights[k] != 0) sum = sum + weights[k] * channels[k];
  return sum;
}

Energies operator+(Energies a, const Energies& b) {
  for (std::size_t k = 0; k < 3; ++k) {
    a.active[k] = a.active[k] + b.active[k];
    a.reactive[k] = a.reactive[k] + b.reactive[k];
    a.apparent[k] = a.apparent[k] + b.apparent[k];
  }
  return a;
}

}  // namespace

Energies phasor_energy(const PhasorSet& set, Service service, Seconds begin, Seconds end) {
  if (!(begin <= end)) throw std::logic_error{"an energy needs its begin before its end"};
  const double omega = 2 * std::numbers::pi * set.frequency.si(), length = (end - begin).si();
  Energies energies;
  for (const auto& wiring : elements(service)) {
    const auto at = static_cast<std::size_t>(std::ranges::find(wiring.current, 1.0) - wiring.current.begin());
    const Spectrum u = weighted(set.voltage, wiring.voltage), i = weighted(set.current, wiring.current);
    const Element e = element(u, i);
    energies.active[at] = ActiveEnergy{integral(power_lines(u, i), omega, begin.si(), end.si())};
    energies.reactive[at] = ReactiveEnergy{e.reactive.si() * length};
    energies.apparent[at] = ApparentEnergy{e.apparent.si() * length};
  }
  return energies;
}

Result<Energies> phasor_energy(const std::vector<PhasorStretch>& stretches, Service service, Seconds begin,
                               Seconds end) {
  std::vector<const PhasorStretch*> ordered;
  for (const auto& s : stretches)
    if (s.begin < end && s.end > begin) ordered.push_back(&s);
  std::ranges::sort(ordered, {}, [](const PhasorStretch* s) { return s->begin.si(); });
  Energies sum;
  Seconds reached = begin;
  for (const PhasorStretch* s : ordered) {
    const bool first = s == ordered.front();
    if (first ? s->begin > begin : s->begin != reached)
      return fail(Fault::malformed, "stimulus",
                  fmt::format("expected a stretch from {} s on, found one from {} s", reached.si(), s->begin.si()));
    const Seconds until = std::min(s->end, end);
    sum = sum + phasor_energy(s->set, service, std::max(s->begin, begin), until);
    reached = until;
  }
  if (reached < end)
    return fail(Fault::malformed, "stimulus",
                fmt::format("nothing is said about the time from {} s to {} s", reached.si(), end.si()));
  return sum;
}

}  // namespace blondel
