// How fast the time-domain engine is, in channel-samples a second on one thread: six channels, all products, all
// fundamentals. ReadBandwidth reads the same array with as little work as there can be: the most this machine's memory
// gives to one thread.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "references/metering/tapered_metering.hpp"

namespace blondel {
namespace {

/// 192 MiB of double: several times the caches.
constexpr std::size_t rows = 4 * 1024 * 1024;

enum class Layout { planar, interleaved };

/// Three phases of 50 Hz with a fifth harmonic, to 90 % of the range of T (of 1 V and 1 A for double).
template <class T>
std::vector<T> recording(double rate_hz, Layout layout) {
  std::vector<T> samples(6 * rows);
  const double peak = std::is_integral_v<T> ? 0.9 * std::pow(2.0, 8 * sizeof(T) - 1) : 0.9;
  const auto period = static_cast<std::size_t>(rate_hz / 10);  // five cycles, a whole number of samples
  for (std::size_t k = 0; k < 6; ++k) {
    const auto place = [&](std::size_t n) { return layout == Layout::planar ? k * rows + n : 6 * n + k; };
    for (std::size_t n = 0; n < period; ++n) {
      const double turn = 2 * std::numbers::pi * 50 * static_cast<double>(n) / rate_hz;
      const double lag = (k < 3 ? 0 : 0.5) + 2 * std::numbers::pi / 3 * static_cast<double>(k % 3);
      const double value = peak * (0.9 * std::cos(turn - lag) + 0.1 * std::cos(5 * (turn - lag)));
      samples[place(n)] = static_cast<T>(value);
    }
    for (std::size_t n = period; n < rows; ++n) samples[place(n)] = samples[place(n - period)];
  }
  return samples;
}

template <class T>
SampleBlock<T> block(const std::vector<T>& samples, Layout layout) {
  SampleBlock<T> result{.channel = {}, .stride = layout == Layout::planar ? 1 : 6, .rows = rows};
  for (std::size_t k = 0; k < 6; ++k) result.channel[k] = samples.data() + (layout == Layout::planar ? k * rows : k);
  return result;
}

void count(benchmark::State& state, std::size_t sample_size) {
  const auto samples = static_cast<double>(state.iterations()) * 6 * static_cast<double>(rows);
  state.counters["channel_samples"] = benchmark::Counter(samples, benchmark::Counter::kIsRate);
  state.SetBytesProcessed(static_cast<std::int64_t>(samples * static_cast<double>(sample_size)));
}

/// A whole recording at once, from a new engine each time: the search for the frequency is in the time.
template <class T, Layout layout>
void whole_recording(benchmark::State& state) {
  const auto rate = static_cast<double>(state.range(0));
  const auto samples = recording<T>(rate, layout);
  for (auto _ : state) {
    auto readings = tapered_readings(block(samples, layout), rate, {});
    benchmark::DoNotOptimize(readings);
  }
  count(state, sizeof(T));
}

/// The same in blocks of 100 ms, as a recorder hands them over.
template <class T, Layout layout>
void in_blocks(benchmark::State& state) {
  const auto rate = static_cast<double>(state.range(0));
  const auto samples = recording<T>(rate, layout);
  const auto step = static_cast<std::size_t>(rate / 10);
  for (auto _ : state) {
    auto engine = TaperedMetering::create(rate, {});
    double energy = 0;
    for (std::size_t done = 0; done < rows; done += step) {
      auto piece = block(samples, layout);
      for (auto& channel : piece.channel) channel += static_cast<std::ptrdiff_t>(done) * piece.stride;
      piece.rows = std::min(step, rows - done);
      engine->push(piece, [&](const Moments& m) { energy += m.product(0, 3); });
    }
    benchmark::DoNotOptimize(energy);
  }
  count(state, sizeof(T));
}

/// An engine that runs on and on over the same few seconds, which stay in the third-level cache: what the arithmetic
/// takes where memory does not hold it up, and the frequency is known.
template <class T, Layout layout>
void running(benchmark::State& state) {
  const auto rate = static_cast<double>(state.range(0));
  const auto samples = recording<T>(rate, layout);
  auto piece = block(samples, layout);
  piece.rows = 200000 / static_cast<std::size_t>(rate) * static_cast<std::size_t>(rate);
  auto engine = TaperedMetering::create(rate, {});
  double energy = 0;
  for (auto _ : state) engine->push(piece, [&](const Moments& m) { energy += m.product(0, 3); });
  benchmark::DoNotOptimize(energy);
  const auto taken = static_cast<double>(state.iterations()) * 6 * static_cast<double>(piece.rows);
  state.counters["channel_samples"] = benchmark::Counter(taken, benchmark::Counter::kIsRate);
  state.SetBytesProcessed(static_cast<std::int64_t>(taken * sizeof(T)));
}

void read_bandwidth(benchmark::State& state) {
  const std::vector<double> samples(6 * rows, 1.0);
  for (auto _ : state) {
    typedef long long Lanes __attribute__((vector_size(16), may_alias));
    Lanes bits[8]{};
    const auto* at = reinterpret_cast<const Lanes*>(samples.data());
    for (std::size_t n = 0; n < 3 * rows; n += 8)
      for (std::size_t k = 0; k < 8; ++k) bits[k] |= at[n + k];
    for (const Lanes& lane : bits) benchmark::DoNotOptimize(lane[0] | lane[1]);
  }
  count(state, sizeof(double));
}

BENCHMARK(read_bandwidth)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_recording<double, Layout::planar>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_recording<double, Layout::interleaved>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_recording<std::int16_t, Layout::planar>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_recording<std::int16_t, Layout::interleaved>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_recording<std::int32_t, Layout::planar>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_recording<std::int32_t, Layout::interleaved>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(in_blocks<double, Layout::planar>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(in_blocks<std::int16_t, Layout::interleaved>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(running<double, Layout::planar>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(running<double, Layout::interleaved>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(running<std::int16_t, Layout::planar>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(running<std::int32_t, Layout::planar>)->Arg(2520)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(read_bandwidth)->Name("read_bandwidth_again")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace blondel

BENCHMARK_MAIN();
