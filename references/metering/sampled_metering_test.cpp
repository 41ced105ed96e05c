#include "references/metering/sampled_metering.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "references/metering/phasor_metering.hpp"
#include "references/metering/quantity_list.hpp"
#include "references/metering/sampled_accuracy.hpp"
#include "references/metering/steady_samples.hpp"

namespace blondel {
namespace {

constexpr double steady_rate_hz = 2520;
constexpr std::size_t rows = 3025;

std::complex<double> at(double rms, double angle) {
  return std::polar(rms, degrees(angle).si());
}

SampledReading read(const SixChannels& samples, Service service, const SampledOptions& options = {}) {
  const auto readings = sampled_metering(block_of(samples), {}, steady_rate_hz, service, options);
  if (!readings) throw Failure{readings.error()};
  return readings->at(0);
}

/// Every number a validation case prints, as the samples give it.
Quantities steady(const PhasorSet& set, Service service) {
  const auto reading = read(samples_of(set, steady_rate_hz, rows), service);
  EXPECT_TRUE(reading.steady()) << reading.flags.at(0).text;
  EXPECT_LT(reading.consistency.power, 1e-9);
  EXPECT_LT(reading.consistency.voltage, 1e-9);
  return reading.quantities;
}

PhasorSet one_phase(double hertz, Spectrum u, Spectrum i) {
  return {Frequency{hertz}, {std::move(u), {}, {}}, {std::move(i), {}, {}}};
}

TEST(SampledMeteringTest, Ieee1459AnnexBComesOutOfSamples) {
  const auto q = steady(one_phase(60, {{1, at(100, 0)}, {3, at(8, -70)}, {5, at(15, 140)}, {7, at(5, 20)}},
                                  {{1, at(100, -30)}, {3, at(20, -165)}, {5, at(15, 233)}, {7, at(10, 288)}}),
                        Service::one_phase);
  const Element& e = *q.phase[0];
  EXPECT_NEAR(e.voltage.si(), 101.557865, 5.1e-7);
  EXPECT_NEAR(e.current.si(), 103.561576, 5.1e-7);
  EXPECT_NEAR(e.active.si(), 8632.788554, 5.1e-7);
  EXPECT_NEAR(e.harmonic_active.si(), -27.465484, 5.1e-7);
  EXPECT_NEAR(e.apparent.si(), 10517.492572, 5.1e-7);
  EXPECT_NEAR(e.nonfundamental_apparent.si(), 3258.473569, 5.1e-7);
  EXPECT_NEAR(e.nonactive.si(), 6007.712691, 5.1e-7);
  EXPECT_NEAR(e.harmonic_distortion_power().si(), 476.335646, 5.1e-7);
  const double var[] = {5000.00, 4984.67, 4565.95, 0, 5015.33, 4704.50, 6007.71};
  for (std::size_t k = 0; k < reactive_methods.size(); ++k)
    if (const auto found = q.reactive_by(reactive_methods[k])) {
      EXPECT_NEAR(found->si(), var[k], 0.005) << name(reactive_methods[k]);
    }
}

TEST(SampledMeteringTest, TheFifthHarmonicTestComesOutOfSamples) {
  const auto q = steady(one_phase(50, {{1, at(230, -90)}, {5, at(23, -90)}}, {{1, at(10, -90)}, {5, at(4, -90)}}),
                        Service::one_phase);
  const Element& e = *q.phase[0];
  EXPECT_NEAR(e.active.si(), 2392, 1e-6);
  EXPECT_NEAR(e.fundamental_active.si(), 2300, 1e-8);
  EXPECT_NEAR(e.voltage.si(), 231.147139, 5.1e-7);
  EXPECT_NEAR(e.apparent.si(), 2489.530880, 5.1e-7);
  EXPECT_NEAR(e.reactive.si(), 0, 1e-8);
  EXPECT_NEAR(e.budeanu.si(), 0, 1e-8);
  EXPECT_NEAR(e.nonactive.si(), 690, 1e-6);
  EXPECT_NEAR(e.current_distortion_power().si(), 920, 1e-8);
  EXPECT_NEAR(e.voltage_distortion_power().si(), 230, 1e-8);
  EXPECT_NEAR(e.harmonic_distortion_power().si(), 0, 1e-4);
}

PhasorSet balanced_208() {
  PhasorSet set{.frequency = Frequency{60}, .voltage = {}, .current = {}};
  for (std::size_t k = 0; k < 3; ++k) {
    const auto v = at(208 / std::sqrt(3.0), -120.0 * static_cast<double>(k));
    set.voltage[k] = {{1, v}};
    set.current[k] = {{1, v / std::complex<double>{8, 6}}};
  }
  return set;
}

TEST(SampledMeteringTest, TwoWattmetersAndAVirtualNeutralAgreeOnSamples) {
  const auto two = steady(balanced_208(), Service::two_wattmeters);
  EXPECT_NEAR(two.phase[0]->active.si(), 981.205539, 5.1e-7);
  EXPECT_NEAR(two.phase[0]->reactive.si(), 2297.059282, 5.1e-7);
  EXPECT_NEAR(two.phase[2]->active.si(), 2479.914461, 5.1e-7);
  EXPECT_NEAR(two.phase[2]->reactive.si(), 298.780718, 5.1e-7);
  EXPECT_NEAR(two.active.si(), 3461.12, 1e-6);
  const auto three = steady(balanced_208(), Service::virtual_neutral);
  EXPECT_NEAR(three.active.si(), two.active.si(), 1e-9);
  EXPECT_NEAR(three.reactive.si(), 2595.84, 1e-8);
  EXPECT_NEAR(three.apparent_arithmetic.si(), 4326.40, 1e-6);
  EXPECT_NEAR(three.three_phase->effective.apparent.si(), 4326.40, 1e-6);
}

TEST(SampledMeteringTest, OneResistorBetweenTwoLinesPartsTheApparentPowersOnSamples) {
  PhasorSet set = balanced_208();
  for (std::size_t k = 0; k < 3; ++k) set.voltage[k] = {{1, at(220, -120.0 * static_cast<double>(k))}};
  const auto i = (set.voltage[0].at(1) - set.voltage[1].at(1)) / 2.0;
  set.current = {Spectrum{{1, i}}, Spectrum{{1, -i}}, Spectrum{}};
  const auto q = steady(set, Service::four_wire);
  EXPECT_NEAR(q.active.si(), 72600, 1e-5);
  EXPECT_NEAR(q.phase[0]->reactive.si(), -20957.814772, 5.1e-7);
  EXPECT_NEAR(q.apparent_arithmetic.si(), 83831.259086, 1e-5);
  EXPECT_NEAR(q.apparent_vector.si(), 72600, 1e-5);
  EXPECT_NEAR(q.three_phase->effective.apparent.si(), 102671.904628, 1e-5);
  EXPECT_NEAR(q.three_phase->i2.si(), 1, 1e-11);
}

TEST(SampledMeteringTest, TheOffNominalCaseReadsItsTruthFromSamples) {
  for (const double f : {49.37, 61.83}) {
    const auto q = steady(one_phase(f, {{1, at(230, 0)}, {3, at(4.6, 40)}, {5, at(6.9, -60)}, {7, at(3.45, 110)}},
                                    {{1, at(5, -60)}, {3, at(1, -25)}, {5, at(0.6, 100)}, {7, at(0.35, -150)}}),
                          Service::one_phase);
    const Element& e = *q.phase[0];
    EXPECT_NEAR(q.frequency.si(), f, 1e-11);
    EXPECT_NEAR(e.voltage.si(), 230.175308, 5.1e-7);
    EXPECT_NEAR(e.current.si(), 5.146115, 5.1e-7);
    EXPECT_NEAR(e.active.si(), 572.844036, 5.1e-7);
    EXPECT_NEAR(e.harmonic_active.si(), -2.155964, 5.1e-7);
    EXPECT_NEAR(e.reactive.si(), 995.929214, 5.1e-7);
    EXPECT_NEAR(e.budeanu.si(), 997.493111, 5.1e-7);
    EXPECT_NEAR(e.apparent.si(), 1184.508615, 5.1e-7);
    EXPECT_NEAR(e.nonactive.si(), 1036.778843, 5.1e-7);
    EXPECT_NEAR(e.nonfundamental_apparent.si(), 283.832097, 5.1e-7);
    EXPECT_NEAR(e.voltage_distortion().si(), 0.039051, 5.1e-7);
    EXPECT_NEAR(e.current_distortion().si(), 0.243516, 5.1e-7);
  }
}

TEST(SampledMeteringTest, RoughLinesReadAsInClosedForm) {
  const auto errors = sampled_errors(100, 20);
  EXPECT_EQ(errors.flagged + errors.failed, 0);
  const auto spectral = [](const std::string& name) {
    return name == "frequency" || name.starts_with("fundamental") || name.starts_with("phasor") ||
           name.starts_with("harmonic") || name == "reactive_power" || name == "reactive_power_total";
  };
  for (const auto& [name, worst] : errors.worst) {
    if (spectral(name)) {
      EXPECT_LT(worst, name.starts_with("phasor") ? 1e-6 : 1e-5) << name;
    } else if (name.starts_with("voltage_unbalance")) {
      EXPECT_LT(worst, 1e-9) << name;
    } else if (name.starts_with("nonactive") || name.find("fryze") != std::string::npos) {
      EXPECT_LT(worst, 0.05) << name;
    } else {
      EXPECT_LT(worst, 0.001) << name;
    }
  }
}

// What must not be taken for a signal that moves.

SixChannels with_noise(SixChannels samples, double share, std::mt19937_64& engine) {
  for (auto& channel : samples) {
    double square = 0;
    for (const double x : channel) square += x * x;
    const double size = share * std::sqrt(square / static_cast<double>(channel.size()));
    // The sum of twelve uniform numbers is normal for all that matters here.
    for (double& x : channel) {
      double sum = -6;
      for (int n = 0; n < 12; ++n) sum += uniform(engine, 0, 1);
      x += size * sum;
    }
  }
  return samples;
}

TEST(SampledMeteringTest, NoiseIsNotTakenForUnsteadiness) {
  std::mt19937_64 engine{31};
  for (const double share : {1e-5, 1e-3, 1e-2})
    for (int n = 0; n < 6; ++n) {
      const auto set = rough_lines(engine, uniform(engine, 45, 61.9));
      const auto reading = read(with_noise(samples_of(set, steady_rate_hz, rows), share, engine), Service::four_wire);
      EXPECT_TRUE(reading.steady()) << share << ": " << reading.flags.at(0).text;
    }
}

template <class T>
void expect_rounding_is_steady(int bits, double level, double hertz, double dither, std::mt19937_64& engine) {
  const auto set = rough_lines(engine, hertz);
  const auto samples = samples_of(set, steady_rate_hz, rows);
  ChannelScale scale;
  std::array<std::vector<T>, 6> counts;
  SampleBlock<T> block{.channel = {}, .stride = 1, .rows = rows};
  for (std::size_t k = 0; k < 6; ++k) {
    const double peak = *std::ranges::max_element(samples[k]);
    scale.gain[k] = peak / level / std::pow(2.0, bits - 1);
    for (const double x : samples[k])
      counts[k].push_back(static_cast<T>(std::lround(x / scale.gain[k] + dither * uniform(engine, -1, 1))));
    block.channel[k] = counts[k].data();
  }
  const auto readings = sampled_metering(block, scale, steady_rate_hz, Service::four_wire);
  ASSERT_TRUE(readings);
  EXPECT_TRUE(readings->at(0).steady()) << bits << " bits at " << level << ", " << hertz << " Hz, dither " << dither
                                        << ": " << readings->at(0).flags.at(0).text;
}

TEST(SampledMeteringTest, RoundingIsNotTakenForUnsteadiness) {
  std::mt19937_64 engine{32};
  for (const double hertz : {60.0, 50.0, 59.87, 47.3})
    for (const double level : {0.5, 0.009})
      for (const double dither : {0.0, 0.5}) {
        expect_rounding_is_steady<std::int16_t>(16, level, hertz, dither, engine);
        expect_rounding_is_steady<std::int32_t>(24, level, hertz, dither, engine);
      }
}

// What must be.

const PhasorSet plain = one_phase(60, {{1, at(230, 20)}, {5, at(4, 1)}}, {{1, at(5, -40)}, {3, at(0.3, 7)}});

/// The plain set with something done to its two channels: (volts, amperes, t).
SampledReading disturbed(const std::function<void(double&, double&, double)>& how) {
  auto samples = samples_of(plain, steady_rate_hz, rows);
  for (std::size_t n = 0; n < rows; ++n) how(samples[0][n], samples[3][n], static_cast<double>(n) / steady_rate_hz);
  return read(samples, Service::one_phase);
}

double tone(double hertz, double t) {
  return std::numbers::sqrt2 * std::cos(2 * std::numbers::pi * hertz * t + 0.4);
}

void expect_withheld(const SampledReading& reading, Unsteady reason) {
  ASSERT_FALSE(reading.steady());
  EXPECT_EQ(reading.flags[0].reason, reason) << reading.flags[0].text;
  EXPECT_FALSE(reading.spectra);
  EXPECT_TRUE(std::isnan(reading.quantities.reactive.si()));
  EXPECT_GT(reading.quantities.apparent_arithmetic.si(), 1000);
  for (const auto& q : quantity_list(reading)) {
    if (q.name == "reactive_power_total") {
      EXPECT_FALSE(q.value);
      EXPECT_NE(q.withheld.find(name(reason)), std::string::npos) << q.withheld;
    }
    if (q.name == "active_power_total") {
      EXPECT_TRUE(q.value);
    }
  }
}

TEST(SampledMeteringTest, AnInterharmonicWithholdsTheSpectrumAndKeepsThePower) {
  const auto reading = disturbed([](double& u, double& i, double t) {
    u += 0.5 * tone(107.3, t);
    i += 0.02 * tone(107.3, t);
  });
  expect_withheld(reading, Unsteady::interharmonic);
  EXPECT_NEAR(reading.flags[0].frequency_hz, 107.3, 0.5);
  EXPECT_NEAR(reading.flags[0].share, 0.02 / 5, 0.0002);
  EXPECT_NEAR(reading.quantities.active.si(), 230 * 5 * 0.5 + 0.5 * 0.02, 1e-5);
}

TEST(SampledMeteringTest, AComponentAtHalfTheRateIsToldAndNotMeasured) {
  expect_withheld(disturbed([](double& u, double&, double t) { u += 0.03 * 230 * tone(1260, t); }),
                  Unsteady::near_half_rate);
  expect_withheld(disturbed([](double& u, double&, double t) { u += 0.1 * tone(1245, t); }), Unsteady::near_half_rate);
}

TEST(SampledMeteringTest, WhatMovesWithinTheSecondIsToldAndPowerStays) {
  // A tenth of a hertz a second: 313 ppm of V in a fit that believes in one frequency.
  auto samples = samples_of(one_phase(60, {}, {}), steady_rate_hz, rows);
  for (std::size_t n = 0; n < rows; ++n) {
    const double t = static_cast<double>(n) / steady_rate_hz;
    const double angle = 2 * std::numbers::pi * (60 * t + 0.05 * t * t);
    samples[0][n] = std::numbers::sqrt2 * 230 * std::cos(angle);
    samples[3][n] = std::numbers::sqrt2 * 5 * std::cos(angle - 0.7);
  }
  const auto ramp = read(samples, Service::one_phase);
  expect_withheld(ramp, Unsteady::not_steady);
  EXPECT_NEAR(ramp.quantities.active.si() / (230 * 5 * std::cos(0.7)), 1, 1e-9);
  // A step, a modulation of 0.1 % at 2 Hz, and a beat of two sources 1.5 Hz apart.
  expect_withheld(disturbed([](double& u, double&, double t) { u *= t > 0.55 ? 1.001 : 1; }), Unsteady::not_steady);
  expect_withheld(disturbed([](double&, double& i, double t) { i *= 1 + 0.001 * tone(2, t); }), Unsteady::not_steady);
  expect_withheld(disturbed([](double&, double& i, double t) { i += 0.005 * tone(61.5, t); }), Unsteady::not_steady);
}

TEST(SampledMeteringTest, ASecondWithoutFundamentalIsToldAmongOthers) {
  auto samples = samples_of(plain, steady_rate_hz, 3 * 2520 + 505);
  for (std::size_t n = 2520; n < 2 * 2520 + 505; ++n) samples[0][n] = samples[3][n] = 0;
  const auto readings = sampled_metering(block_of(samples), {}, steady_rate_hz, Service::one_phase);
  ASSERT_TRUE(readings);
  ASSERT_EQ(readings->size(), 3U);
  EXPECT_EQ(readings->at(1).flags.at(0).reason, Unsteady::no_fundamental);
  EXPECT_FALSE(readings->at(0).steady()) << "its window ends in the gap";
}

TEST(SampledMeteringTest, RefusesWithOneError) {
  const auto samples = samples_of(plain, steady_rate_hz, rows);
  const auto refused = [](const SampleBlock<double>& block, double rate, Service service) {
    const auto readings = sampled_metering(block, {}, rate, service);
    return readings ? std::string{"not refused"} : readings.error().what;
  };
  auto block = block_of(samples);
  EXPECT_EQ(sampled_metering(block, {}, steady_rate_hz, Service::one_phase).has_value(), true);
  EXPECT_NE(refused(block, 10, Service::one_phase), "not refused");
  EXPECT_NE(refused(block, std::numeric_limits<double>::quiet_NaN(), Service::one_phase), "not refused");
  block.channel[3] = nullptr;
  EXPECT_NE(refused(block, steady_rate_hz, Service::one_phase).find("channel ia"), std::string::npos);
  block = block_of(samples);
  block.rows = 3000;
  EXPECT_NE(refused(block, steady_rate_hz, Service::one_phase), "not refused") << "shorter than one reading";
  auto broken = samples;
  broken[0][1500] = std::numeric_limits<double>::infinity();
  EXPECT_NE(refused(block_of(broken), steady_rate_hz, Service::one_phase), "not refused");
  auto slow = plain;
  slow.frequency = Frequency{35};
  EXPECT_NE(refused(block_of(samples_of(slow, steady_rate_hz, rows)), steady_rate_hz, Service::one_phase)
                .find("expected a fundamental"),
            std::string::npos);
}

}  // namespace
}  // namespace blondel
