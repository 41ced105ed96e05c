#include "references/metering/metering_envelope.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "references/metering/energy_integrator.hpp"
#include "references/metering/tapered_metering.hpp"

namespace blondel {
namespace {

constexpr long double pi = std::numbers::pi_v<long double>;

double ppm(double found, double expected, double of) {
  return std::abs(found - expected) / of * 1e6;
}

}  // namespace

EnvelopeCase envelope_case(std::uint64_t seed, bool unsteady) {
  std::mt19937_64 engine{seed};
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * (static_cast<double>(engine() >> 11) * 0x1p-53);
  };
  EnvelopeCase result;
  result.frequency_hz = uniform(45, unsteady ? 61.9 : 65);
  if (unsteady && seed % 2 == 1) result.ramp_hz_per_s = uniform(-1, 1);
  if (unsteady && seed % 2 == 0) {
    result.modulation = uniform(0, 0.05);
    result.modulation_hz = 1 + static_cast<int>(engine() % 5);
    result.modulation_phase = uniform(-3, 3);
  }
  const double highest = result.frequency_hz + 3 * std::abs(result.ramp_hz_per_s);
  const int orders = std::min(20, static_cast<int>(1240 / highest));
  for (std::size_t k = 0; k < 6; ++k) {
    const double rms = k < 3 ? uniform(50, 300) : uniform(0.1, 20), most = k < 3 ? 0.1 : 0.3;
    auto& phasor = result.phasor[k];
    phasor.emplace_back(rms * uniform(-0.05, 0.05));
    phasor.push_back(std::polar(rms, uniform(-3.2, 3.2)));
    for (int order = 2; order <= orders; ++order)
      phasor.push_back(std::polar(rms * uniform(0, most), uniform(-3.2, 3.2)));
  }
  return result;
}

std::vector<double> sampled(const EnvelopeCase& stimulus, double rate_hz, std::size_t rows) {
  std::vector<double> samples(6 * rows);
  for (std::size_t n = 0; n < rows; ++n) {
    const long double t = static_cast<long double>(n) / rate_hz - 0.6L;
    long double turns = stimulus.frequency_hz * t + stimulus.ramp_hz_per_s * t * t / 2;
    turns -= std::floor(turns);
    const std::complex<double> step{static_cast<double>(std::cos(2 * pi * turns)),
                                    static_cast<double>(std::sin(2 * pi * turns))};
    const double swell =
        1 + stimulus.modulation *
                static_cast<double>(std::cos(2 * pi * stimulus.modulation_hz * t + stimulus.modulation_phase));
    for (std::size_t k = 0; k < 6; ++k) {
      const auto& phasor = stimulus.phasor[k];
      std::complex<double> sum{};  // Horner, from the highest order down
      for (std::size_t order = phasor.size(); order-- > 1;) sum = (sum + phasor[order]) * step;
      samples[6 * n + k] = swell * (std::numbers::sqrt2 * sum.real() + phasor[0].real());
    }
  }
  return samples;
}

SampleBlock<double> interleaved(const std::vector<double>& samples) {
  SampleBlock<double> block{.channel = {}, .stride = 6, .rows = samples.size() / 6};
  for (std::size_t k = 0; k < 6; ++k) block.channel[k] = samples.data() + k;
  return block;
}

double mean_product(const EnvelopeCase& stimulus, std::size_t j, std::size_t k) {
  long double sum = 0;
  for (std::size_t order = 0; order < stimulus.phasor[j].size(); ++order)
    sum += (stimulus.phasor[j][order] * std::conj(stimulus.phasor[k][order])).real();
  return static_cast<double>(sum * (1 + std::pow(static_cast<long double>(stimulus.modulation), 2) / 2));
}

void EnvelopeErrors::worsen(const EnvelopeErrors& other) {
  for (const auto member : {&EnvelopeErrors::voltage, &EnvelopeErrors::current, &EnvelopeErrors::active,
                            &EnvelopeErrors::apparent, &EnvelopeErrors::energy, &EnvelopeErrors::fundamental_active,
                            &EnvelopeErrors::fundamental_reactive, &EnvelopeErrors::frequency_ppm})
    if (!(other.*member <= this->*member)) this->*member = other.*member;  // NaN is the worst
}

EnvelopeErrors envelope_errors(const EnvelopeCase& stimulus, double rate_hz, std::size_t seconds) {
  const auto rows = static_cast<std::size_t>(std::ceil((static_cast<double>(seconds) + 0.2) * rate_hz)) + 1;
  const auto samples = sampled(stimulus, rate_hz, rows);
  const auto readings = tapered_readings(interleaved(samples), rate_hz, {});
  EnvelopeErrors worst;
  if (!readings || readings->size() != seconds) {
    worst.active = std::numeric_limits<double>::quiet_NaN();
    return worst;
  }
  const bool steady = stimulus.ramp_hz_per_s == 0 && stimulus.modulation == 0;
  EnergyIntegrator energy;
  for (const Moments& m : *readings) {
    energy.add(m);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto v = static_cast<Eigen::Index>(k), i = v + 3;
      const double vv = mean_product(stimulus, k, k), ii = mean_product(stimulus, k + 3, k + 3);
      const double s = std::sqrt(vv * ii);
      EnvelopeErrors e;
      e.voltage = ppm(std::sqrt(m.product(v, v)), std::sqrt(vv), std::sqrt(vv));
      e.current = ppm(std::sqrt(m.product(i, i)), std::sqrt(ii), std::sqrt(ii));
      e.active = ppm(m.product(v, i), mean_product(stimulus, k, k + 3), s);
      e.apparent = ppm(std::sqrt(m.product(v, v) * m.product(i, i)), s, s);
      if (steady) {
        const auto found = m.fundamental[k] * std::conj(m.fundamental[k + 3]);
        const auto expected = stimulus.phasor[k][1] * std::conj(stimulus.phasor[k + 3][1]);
        e.fundamental_active = ppm(found.real(), expected.real(), s);
        e.fundamental_reactive = ppm(found.imag(), expected.imag(), s);
        e.frequency_ppm = ppm(m.frequency_hz, stimulus.frequency_hz, stimulus.frequency_hz);
      }
      worst.worsen(e);
    }
  }
  const auto total = energy.total();
  for (std::size_t k = 0; k < 3; ++k) {
    const double s = std::sqrt(mean_product(stimulus, k, k) * mean_product(stimulus, k + 3, k + 3));
    const double expected = mean_product(stimulus, k, k + 3) * static_cast<double>(seconds);
    const auto row = static_cast<Eigen::Index>(k);
    EnvelopeErrors e;
    e.energy = ppm((*total)(row, row + 3), expected, s * static_cast<double>(seconds));
    worst.worsen(e);
  }
  return worst;
}

}  // namespace blondel
