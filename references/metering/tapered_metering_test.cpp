#include "references/metering/tapered_metering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <new>
#include <numbers>

#include "references/metering/energy_integrator.hpp"
#include "references/metering/metering_envelope.hpp"

namespace {
std::atomic<long> allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto unit = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace blondel {
namespace {

constexpr double rate = 2520;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Lines = std::map<std::size_t, std::pair<double, double>>;  // order -> rms, degrees

/// One phase; the others dead.
EnvelopeCase one_phase(double frequency_hz, const Lines& voltage, const Lines& current) {
  EnvelopeCase result{.frequency_hz = frequency_hz, .phasor = {}};
  for (auto& phasor : result.phasor) phasor.resize(8);
  for (const auto& [order, line] : voltage)
    result.phasor[0][order] = std::polar(line.first, line.second / 180 * std::numbers::pi);
  for (const auto& [order, line] : current)
    result.phasor[3][order] = std::polar(line.first, line.second / 180 * std::numbers::pi);
  return result;
}

EnvelopeCase off_nominal(double frequency_hz) {
  return one_phase(frequency_hz, {{1, {230, 0}}, {3, {4.6, 40}}, {5, {6.9, -60}}, {7, {3.45, 110}}},
                   {{1, {5, -60}}, {3, {1, -25}}, {5, {0.6, 100}}, {7, {0.35, -150}}});
}

std::vector<Moments> readings(const EnvelopeCase& stimulus, std::size_t seconds, double rate_hz = rate) {
  const auto rows = static_cast<std::size_t>((static_cast<double>(seconds) + 0.2) * rate_hz) + 1;
  const auto samples = sampled(stimulus, rate_hz, rows);
  return tapered_readings(interleaved(samples), rate_hz, {}).value();
}

TEST(TaperedMeteringTest, ReadsTheOffNominalCaseToItsPrintedDigits) {
  for (const double f : {49.37, 61.83})
    for (const Moments& m : readings(off_nominal(f), 3)) {
      const double s = std::sqrt(m.product(0, 0) * m.product(3, 3));
      EXPECT_NEAR(std::sqrt(m.product(0, 0)), 230.175308, 6e-7);
      EXPECT_NEAR(std::sqrt(m.product(3, 3)), 5.146115, 6e-7);
      EXPECT_NEAR(m.product(0, 3), 572.844036, 6e-7);
      EXPECT_NEAR(s, 1184.508615, 6e-7);
      EXPECT_NEAR(m.product(0, 3) / s, 0.483613, 6e-7);
      const auto power = m.fundamental[0] * std::conj(m.fundamental[3]);
      EXPECT_NEAR(power.real(), 575, 6e-7);
      EXPECT_NEAR(power.imag(), 995.929214, 6e-7);
      EXPECT_NEAR(m.frequency_hz, f, 1e-9);
      EXPECT_TRUE(m.finite);
    }
}

/// IEEE Std 1459-2010, Annex B, single phase at 60 Hz.
TEST(TaperedMeteringTest, ReadsTheSinglePhaseExampleOfIeee1459) {
  const auto stimulus = one_phase(60, {{1, {100, 0}}, {3, {8, -70}}, {5, {15, 140}}, {7, {5, 20}}},
                                  {{1, {100, -30}}, {3, {20, -165}}, {5, {15, 233}}, {7, {10, 288}}});
  for (const Moments& m : readings(stimulus, 2)) {
    EXPECT_NEAR(std::sqrt(m.product(0, 0)), 101.557865, 6e-7);
    EXPECT_NEAR(std::sqrt(m.product(3, 3)), 103.561576, 6e-7);
    EXPECT_NEAR(m.product(0, 3), 8632.788554, 6e-7);
    const auto power = m.fundamental[0] * std::conj(m.fundamental[3]);
    EXPECT_NEAR(power.real(), 8660.2540, 6e-5);
    EXPECT_NEAR(power.imag(), 5000, 6e-7);
    EXPECT_NEAR(m.frequency_hz, 60, 1e-9);
    // The angle is that of the cosine at the middle of the second: 0.6 s and 1.6 s are whole periods here.
    EXPECT_NEAR(std::arg(m.fundamental[3]), -std::numbers::pi / 6, 1e-9);
  }
}

TEST(TaperedMeteringTest, MeetsItsTargetsAllOverItsEnvelope) {
  EnvelopeErrors worst;
  for (std::uint64_t seed = 1'000'000; seed < 1'000'024; ++seed)
    worst.worsen(envelope_errors(envelope_case(seed, seed % 3 == 2), rate, 2));
  EXPECT_LE(worst.voltage, 1e-3);
  EXPECT_LE(worst.current, 1e-3);
  EXPECT_LE(worst.active, 1e-3);
  EXPECT_LE(worst.apparent, 1e-3);
  EXPECT_LE(worst.energy, 1e-3);
  EXPECT_LE(worst.fundamental_active, 1e-3);
  EXPECT_LE(worst.fundamental_reactive, 1e-3);
  EXPECT_LE(worst.frequency_ppm, 1e-4);
}

TEST(TaperedMeteringTest, ACoherentRecordIsReadToTheRoundingOfItsSamples) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    auto stimulus = envelope_case(seed, false);
    stimulus.frequency_hz = seed % 2 == 0 ? 50 : 60;
    const auto worst = envelope_errors(stimulus, rate, 2);
    EXPECT_LE(std::max({worst.voltage, worst.current, worst.active, worst.apparent, worst.energy}), 1e-6);
  }
}

TEST(TaperedMeteringTest, AnyRateWillDoAlsoWhereASecondIsNoWholeNumberOfSamples) {
  for (const double other : {2521.0, 2520.37, 4799.9, 10240.0}) {
    const auto worst = envelope_errors(envelope_case(3, false), other, 3);
    EXPECT_LE(std::max({worst.voltage, worst.current, worst.active, worst.apparent}), 1e-3) << other;
    EXPECT_LE(std::max(worst.fundamental_active, worst.fundamental_reactive), 1e-3) << other;
  }
}

TEST(TaperedMeteringTest, NoSampleIsLostOrCountedTwiceBetweenSeconds) {
  // A lone pulse, wherever it lies, is in the energy once.
  for (std::size_t row = 504; row < 3 * 2520; row += 97) {
    std::vector<double> samples(6 * (4 * 2520 + 504));
    samples[6 * row] = 3;
    samples[6 * row + 3] = 5;
    double joule = 0;
    const auto all = tapered_readings(interleaved(samples), rate, {});
    for (const Moments& m : *all) joule += m.product(0, 3) * m.duration_s;
    EXPECT_NEAR(joule, 15 / rate, 1e-17) << row;
  }
}

TEST(TaperedMeteringTest, EnergyOfManySecondsIsThatOfThePowerAndOfEverySample) {
  EnergyIntegrator energy;
  for (const Moments& m : readings(off_nominal(49.37), 60)) energy.add(m);
  EXPECT_EQ(energy.seconds(), 60);
  const double apparent = 1184.508615;
  EXPECT_NEAR((*energy.total())(0, 3), 60 * mean_product(off_nominal(49.37), 0, 3), apparent * (60 * 1e-9 + 1e-9));
}

/// The same rows in blocks of other lengths, layouts and types.
template <class T>
std::vector<Moments> in_pieces(SampleBlock<T> block, const ChannelScale& scale, std::size_t step) {
  auto engine = TaperedMetering::create(rate, scale);
  std::vector<Moments> result;
  while (block.rows > 0) {
    auto piece = block;
    piece.rows = std::min(step, block.rows);
    engine->push(piece, [&](const Moments& m) { result.push_back(m); });
    for (auto& channel : block.channel)
      if (channel != nullptr) channel += static_cast<std::ptrdiff_t>(piece.rows) * block.stride;
    block.rows -= piece.rows;
  }
  return result;
}

void expect_same(const std::vector<Moments>& found, const std::vector<Moments>& expected, double relative) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t n = 0; n < found.size(); ++n) {
    const double size = expected[n].product.norm();
    EXPECT_LE((found[n].product - expected[n].product).norm(), relative * size);
    EXPECT_LE((found[n].mean - expected[n].mean).norm(), relative * std::sqrt(size));
    EXPECT_NEAR(found[n].frequency_hz, expected[n].frequency_hz, 1e3 * relative);
    EXPECT_EQ(found[n].begin_s, expected[n].begin_s);
    for (std::size_t k = 0; k < 6; ++k)
      EXPECT_LE(std::abs(found[n].fundamental[k] - expected[n].fundamental[k]), 10 * relative * std::sqrt(size));
  }
}

TEST(TaperedMeteringTest, BlocksOfAnyLengthAndLayoutReadAlike) {
  const auto samples = sampled(envelope_case(11, false), rate, 3 * 2520);
  const auto block = interleaved(samples);
  const auto whole = tapered_readings(block, rate, {}).value();
  ASSERT_EQ(whole.size(), 2U);
  EXPECT_EQ(whole[1].begin_s, 1.1);
  for (const std::size_t step : {1U, 7U, 252U, 255U, 1000U, 5000U})
    expect_same(in_pieces(block, {}, step), whole, 1e-13);

  std::vector<double> planar(samples.size());
  SampleBlock<double> columns{.channel = {}, .stride = 1, .rows = block.rows};
  for (std::size_t k = 0; k < 6; ++k) {
    for (std::size_t n = 0; n < block.rows; ++n) planar[k * block.rows + n] = samples[6 * n + k];
    columns.channel[k] = planar.data() + k * block.rows;
  }
  for (const std::size_t step : {3U, 333U, 10000U}) expect_same(in_pieces(columns, {}, step), whole, 1e-13);
  auto engine = TaperedMetering::create(rate, {}, TaperKernel::blackman_harris, portable_sums_kernel());
  std::vector<Moments> portable;
  engine->push(block, [&](const Moments& m) { portable.push_back(m); });
  expect_same(portable, whole, 1e-14);  // only one of the two fuses products with sums
}

template <class T>
void counts_read_like_numbers(double peak, double offset) {
  const auto samples = sampled(envelope_case(12, false), rate, 3 * 2520);
  ChannelScale scale;
  std::vector<T> counts(samples.size());
  std::vector<double> numbers(samples.size());
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const std::size_t k = n % 6;
    scale.gain[k] = (k < 3 ? 1000 : 70) / peak;
    scale.offset[k] = offset + static_cast<double>(k);
    counts[n] = static_cast<T>(std::lround(samples[n] / scale.gain[k] + scale.offset[k]));
    numbers[n] = scale.gain[k] * (static_cast<double>(counts[n]) - scale.offset[k]);
  }
  SampleBlock<T> block{.channel = {}, .stride = 6, .rows = counts.size() / 6};
  for (std::size_t k = 0; k < 6; ++k) block.channel[k] = counts.data() + k;
  const auto expected = tapered_readings(interleaved(numbers), rate, {}).value();
  expect_same(tapered_readings(block, rate, scale).value(), expected, 1e-13);
  expect_same(in_pieces(block, scale, 100), expected, 1e-13);
  block.channel[4] = nullptr;  // one column at a time, and a channel that is not there
  const auto without = tapered_readings(block, rate, scale).value();
  EXPECT_EQ(without[0].product.row(4).norm(), 0);
  EXPECT_NEAR(without[0].product(0, 3), expected[0].product(0, 3), 1e-13 * expected[0].product.norm());
}

TEST(TaperedMeteringTest, CountsOfAConverterAreReadInPlaceThroughGainAndOffset) {
  counts_read_like_numbers<std::int16_t>(24000, 2000);
  counts_read_like_numbers<std::int32_t>(6e6, 300000);
}

TEST(TaperedMeteringTest, NothingIsAllocatedWhileSamplesStream) {
  const auto samples = sampled(off_nominal(61.83), rate, 5 * 2520);
  auto engine = TaperedMetering::create(rate, {});
  auto block = interleaved(samples);
  EnergyIntegrator energy;
  int seconds = 0;
  const long before = allocations;
  for (std::size_t done = 0; done < 5 * 2520; done += 90) {
    auto piece = block;
    for (auto& channel : piece.channel) channel += 6 * done;
    piece.rows = 90;
    engine->push(piece, [&](const Moments& m) {
      energy.add(m);
      ++seconds;
    });
  }
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(seconds, 4);
  const auto counted = std::make_unique<double>(1);
  EXPECT_GT(allocations, before) << "allocations are not counted";
}

TEST(TaperedMeteringTest, ASampleThatIsNoNumberSpoilsItsOwnSecondsOnly) {
  auto samples = sampled(off_nominal(49.37), rate, 6 * 2520);
  samples[6 * 4000 + 4] = nan;  // in the second reading
  const auto found = in_pieces(interleaved(samples), {}, 500);
  ASSERT_EQ(found.size(), 5U);
  for (std::size_t n = 0; n < 5; ++n) EXPECT_EQ(found[n].finite, n != 1);
  EXPECT_NEAR(found[4].frequency_hz, 49.37, 1e-9);
  EnergyIntegrator energy;
  for (const Moments& m : found) energy.add(m);
  EXPECT_FALSE(energy.total());
}

TEST(TaperedMeteringTest, ARecordingWithASampleThatIsNoNumberIsRefusedByChannelAndRow) {
  auto samples = sampled(off_nominal(49.37), rate, 3 * 2520);
  for (const auto& [value, row] : {std::pair{nan, 4000U}, {HUGE_VAL, 1U}, {nan, 7559U}, {1e200, 300U}}) {
    auto bad = samples;
    bad[6 * row + 4] = value;
    const auto refused = tapered_readings(interleaved(bad), rate, {});
    ASSERT_FALSE(refused) << row;
    EXPECT_EQ(refused.error().where, fmt::format("ib, row {}", row));
    EXPECT_EQ(refused.error().fault, Fault::malformed);
  }
}

TEST(TaperedMeteringTest, WhatCannotBeMeteredIsRefused) {
  for (const double bad : {0.0, -2520.0, 499.0, 2e6, nan}) {
    const auto refused = TaperedMetering::create(bad, {});
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().where, "sampling rate");
  }
  ChannelScale scale;
  scale.gain[5] = nan;
  EXPECT_EQ(TaperedMetering::create(rate, scale).error().where, "ic");
  const std::vector<double> brief(6 * 3000);
  EXPECT_THAT(tapered_readings(interleaved(brief), rate, {}).error().what, testing::HasSubstr("at least 1.2 s"));
}

TEST(TaperedMeteringTest, WithoutAFundamentalThereIsNoFrequency) {
  auto stimulus = one_phase(50, {{0, {10, 0}}, {5, {20, 0}}}, {{5, {1, 0}}});
  for (const Moments& m : readings(stimulus, 2)) {
    EXPECT_TRUE(std::isnan(m.frequency_hz));
    EXPECT_TRUE(std::isnan(m.fundamental[0].real()));
    EXPECT_TRUE(m.finite);
    EXPECT_NEAR(m.product(0, 0), 500, 1e-6);
    EXPECT_NEAR(m.mean[0], 10, 1e-7);
  }
  EXPECT_TRUE(std::isnan(readings(one_phase(50, {}, {}), 1)[0].frequency_hz));
}

TEST(TaperedMeteringTest, CurrentAloneTellsTheFrequencyToo) {
  for (const Moments& m : readings(one_phase(52.5, {}, {{1, {5, 0}}, {3, {4, 20}}}), 3))
    EXPECT_NEAR(m.frequency_hz, 52.5, 1e-8);
}

TEST(TaperedMeteringTest, AfterAStepOfFrequencyTheNextWholeSecondIsReadAgain) {
  auto samples = sampled(off_nominal(50), rate, 4 * 2520);
  const auto later = sampled(off_nominal(60), rate, 4 * 2520);
  samples.insert(samples.end(), later.begin(), later.end());
  // The step at 4 s lies in the edge between readings 3 (3.1 to 4.1 s, its middle at 3.6 s) and 4.
  const auto found = tapered_readings(interleaved(samples), rate, {}).value();
  ASSERT_EQ(found.size(), 7U);
  for (std::size_t n = 0; n < 3; ++n) EXPECT_NEAR(found[n].frequency_hz, 50, 1e-9);
  for (std::size_t n = 5; n < 7; ++n) EXPECT_NEAR(found[n].frequency_hz, 60, 1e-9);
  EXPECT_NEAR((found[6].fundamental[0] * std::conj(found[6].fundamental[3])).imag(), 995.929214, 6e-7);
}

TEST(TaperedMeteringTest, ARampOfOneHertzASecondIsFollowed) {
  auto stimulus = off_nominal(50);
  stimulus.ramp_hz_per_s = 1;
  const auto found = readings(stimulus, 8);
  for (std::size_t n = 0; n < 8; ++n) EXPECT_NEAR(found[n].frequency_hz, 50 + static_cast<double>(n), 1e-3) << n;
}

}  // namespace
}  // namespace blondel
