#include "drivers/sim/instruments/plant_recorder.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace blondel::sim {

namespace {

constexpr double counts_of_full_scale = 8388608;  // 2^23
/// A phasor that is turned step by step drifts by its last bits; after so many steps it is set anew.
constexpr std::size_t steps_between_settings = 256;

/// Adds sqrt(2)·|z|·cos(ω·t + arg z) at `rate`, the first sample at `first_s`.
void add_wave(std::vector<double>& samples, Phasor z, double radians_per_s, double first_s, double rate) {
  const Phasor step = std::polar(1.0, radians_per_s / rate);
  Phasor turned;
  for (std::size_t n = 0; n < samples.size(); ++n) {
    if (n % steps_between_settings == 0)
      turned = std::numbers::sqrt2 * z * std::polar(1.0, radians_per_s * (first_s + static_cast<double>(n) / rate));
    samples[n] += turned.real();
    turned *= step;
  }
}

}  // namespace

PlantRecorder::PlantRecorder(Clock& clock, const Circuit& circuit, Order order, PlantRecorderTraits traits)
    : clock_{clock},
      circuit_{circuit},
      order_{order},
      traits_{traits},
      errors_{InputErrors::drawn(traits.seed ^ 0xD161, traits.gain_ppm, traits.phase_urad)} {
  if (!(traits_.rate_hz > 0)) throw std::logic_error{"a recorder has a sampling rate"};
}

void PlantRecorder::sample(const Stretch& stretch, Waveform& into) const {
  const auto index_at = [&](Time t) {
    return static_cast<std::size_t>(std::ceil(in_seconds(t - into.begin) * traits_.rate_hz - 1e-6));
  };
  const std::size_t all = into.counts[0].size();
  const std::size_t from = std::min(index_at(stretch.from), all), to = std::min(index_at(stretch.to), all);
  const double first_s = in_seconds(into.begin.time_since_epoch()) + static_cast<double>(from) / traits_.rate_hz;
  for (std::size_t c = 0; c < 6; ++c) {
    std::vector<double> samples(to - from, 0.0);
    for (const auto& [order, z] : stretch.channels[c]) {
      const auto seen = z * (order == 0 ? Phasor{std::abs(errors_.factor[c])} : errors_.factor[c]);
      if (order == 0)
        for (auto& x : samples) x += seen.real();
      else
        add_wave(samples, seen, 2 * std::numbers::pi * order * stretch.frequency_hz, first_s, traits_.rate_hz);
    }
    const double most = counts_of_full_scale - 1;
    for (std::size_t n = 0; n < samples.size(); ++n)
      into.counts[c][from + n] =
          static_cast<std::int32_t>(std::clamp(std::round(samples[n] / into.gain[c]), -most, most));
  }
}

Task<Waveform> PlantRecorder::record(Duration length) {
  Waveform waveform;
  waveform.begin = clock_.now();
  waveform.rate_hz = traits_.rate_hz;
  const auto rows = static_cast<std::size_t>(in_seconds(length) * traits_.rate_hz);
  for (std::size_t c = 0; c < 6; ++c) {
    waveform.counts[c].assign(rows, 0);
    waveform.gain[c] = (c < 3 ? traits_.voltage_peak : traits_.current_peak) / counts_of_full_scale;
  }
  co_await clock_.pause(length, order_, "the recorder's samples");
  for (const auto& stretch : circuit_.at_reference(waveform.begin, waveform.begin + length)) sample(stretch, waveform);
  co_return waveform;
}

}  // namespace blondel::sim
