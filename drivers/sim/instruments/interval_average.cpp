#include "drivers/sim/instruments/interval_average.hpp"

#include <cmath>
#include <numbers>

namespace blondel::sim {

namespace {

/// SplitMix64's finaliser.
std::uint64_t mixed(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// In (0, 1).
double fraction(std::uint64_t bits) {
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
}

}  // namespace

double keyed_normal(std::uint64_t seed, std::uint64_t interval, std::uint64_t quantity) {
  const auto first = mixed(mixed(mixed(seed) ^ interval) ^ quantity);
  return std::sqrt(-2 * std::log(fraction(first))) * std::cos(2 * std::numbers::pi * fraction(mixed(first)));
}

InputErrors InputErrors::drawn(std::uint64_t seed, const ErrorDistribution& gain_ppm,
                               const ErrorDistribution& phase_urad) {
  InputErrors errors;
  auto state = mixed(seed ^ 0x5EED);
  for (auto& factor : errors.factor) {
    const double gain = 1 + gain_ppm.at(state = mixed(state)) * 1e-6;
    factor = std::polar(gain, phase_urad.at(state = mixed(state)) * 1e-6);
  }
  return errors;
}

IntervalAverage average(const std::vector<Stretch>& stretches, const InputErrors& errors) {
  return average(stretches, [&errors](std::uint64_t) { return errors; });
}

IntervalAverage average(const std::vector<Stretch>& stretches,
                        const std::function<InputErrors(std::uint64_t load)>& errors_at) {
  IntervalAverage out;
  double total = 0, live = 0, turns = 0;
  std::array<double, 6> squares{};
  for (const auto& s : stretches) {
    const double weight = in_seconds(s.to - s.from);
    if (!(weight > 0)) continue;
    total += weight;
    const auto errors = errors_at(s.load);
    const auto seen = [&](std::size_t c, int order, Phasor value) {
      return value * (order == 0 ? Phasor{std::abs(errors.factor[c])} : errors.factor[c]);
    };

    Phasor turn{1};
    for (std::size_t c = 0; c < 6; ++c)
      if (const auto found = s.channels[c].find(1); found != s.channels[c].end()) {
        const auto first = seen(c, 1, found->second);
        if (!(std::abs(first) > 1e-9)) continue;
        turn = std::conj(first) / std::abs(first);
        break;
      }
    bool has_voltage = false;
    for (std::size_t c = 0; c < 6; ++c)
      for (const auto& [order, at_input] : s.channels[c]) {
        const auto value = seen(c, order, at_input);
        squares[c] += weight * std::norm(value);
        out.spectrum[c][order] += weight * value * (order == 1 ? turn : std::pow(turn, order));
        if (order != 1) continue;
        out.fundamental[c] += weight * value * turn;
        has_voltage = has_voltage || (c < 3 && std::abs(value) > 1);
      }
    if (has_voltage) {
      live += weight;
      turns += weight * s.frequency_hz;
    }
    for (std::size_t k = 0; k < 3; ++k)
      for (const auto& [order, u] : s.channels[k]) {
        const auto i = s.channels[k + 3].find(order);
        if (i == s.channels[k + 3].end()) continue;
        const auto power = seen(k, order, u) * std::conj(seen(k + 3, order, i->second));
        out.active[k] += weight * power.real();
        if (order == 1) out.reactive[k] += weight * power.imag();
      }
  }
  if (total == 0) return out;
  for (std::size_t c = 0; c < 6; ++c) {
    out.rms[c] = std::sqrt(squares[c] / total);
    out.fundamental[c] /= total;
    for (auto& [order, value] : out.spectrum[c]) value /= total;
  }
  for (std::size_t k = 0; k < 3; ++k) {
    out.active[k] /= total;
    out.reactive[k] /= total;
  }
  if (live > 0) out.frequency_hz = turns / live;
  return out;
}

}  // namespace blondel::sim
