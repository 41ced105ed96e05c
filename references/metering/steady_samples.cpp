#include "references/metering/steady_samples.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace blondel {

SixChannels samples_of(const PhasorSet& set, double rate_hz, std::size_t rows) {
  // Amplitudes of cosine and sine, order by order, six channels each.
  struct Line {
    std::array<double, 6> cosine{}, sine{};
  };
  std::vector<Line> lines;
  for (std::size_t k = 0; k < 6; ++k)
    for (const auto& [order, phasor] : k < 3 ? set.voltage[k] : set.current[k - 3]) {
      const auto at = static_cast<std::size_t>(order);
      if (lines.size() <= at) lines.resize(at + 1);
      lines[at].cosine[k] = (order == 0 ? 1 : std::numbers::sqrt2) * phasor.real();
      lines[at].sine[k] = -std::numbers::sqrt2 * phasor.imag();
    }
  SixChannels channels;
  for (auto& samples : channels) samples.assign(rows, 0);
  for (std::size_t n = 0; n < rows; ++n) {
    const double turns = set.frequency.si() * static_cast<double>(n) / rate_hz;
    const double angle = 2 * std::numbers::pi * (turns - std::round(turns));
    const double c = std::cos(angle), s = std::sin(angle);
    double ch = 1, sh = 0;
    for (const Line& one : lines) {
      for (std::size_t k = 0; k < 6; ++k) channels[k][n] += one.cosine[k] * ch + one.sine[k] * sh;
      const double turned = ch * c - sh * s;
      sh = sh * c + ch * s;
      ch = turned;
    }
  }
  return channels;
}

SampleBlock<double> block_of(const SixChannels& channels) {
  SampleBlock<double> block{.channel = {}, .stride = 1, .rows = channels[0].size()};
  for (std::size_t k = 0; k < 6; ++k) block.channel[k] = channels[k].data();
  return block;
}

double uniform(std::mt19937_64& engine, double low, double high) {
  return low + (high - low) * static_cast<double>(engine() >> 11) * 0x1p-53;
}

PhasorSet rough_lines(std::mt19937_64& engine, double frequency_hz) {
  const auto angle = [&] { return uniform(engine, -std::numbers::pi, std::numbers::pi); };
  const int most = std::min(20, static_cast<int>(1240 / frequency_hz));
  const double start = angle(), lag = angle();
  const double volts = uniform(engine, 50, 300), amperes = uniform(engine, 0.05, 20);
  PhasorSet set{.frequency = Frequency{frequency_hz}, .voltage = {}, .current = {}};
  for (std::size_t k = 0; k < 3; ++k) {
    const double turn = start - 2 * std::numbers::pi / 3 * static_cast<double>(k);
    const double u = volts * uniform(engine, 0.8, 1.2), i = amperes * uniform(engine, 0.6, 1.4);
    set.voltage[k] = {{0, u * uniform(engine, -0.01, 0.01)}, {1, std::polar(u, turn + uniform(engine, -0.1, 0.1))}};
    set.current[k] = {{0, i * uniform(engine, -0.02, 0.02)},
                      {1, std::polar(i, turn - lag + uniform(engine, -0.4, 0.4))}};
    for (int h = 2; h <= most; ++h) {
      set.voltage[k][h] = std::polar(u * uniform(engine, 0, 0.05), angle());
      set.current[k][h] = std::polar(i * uniform(engine, 0, 0.2), angle());
    }
  }
  return set;
}

}  // namespace blondel
