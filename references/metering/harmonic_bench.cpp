#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "references/metering/harmonic_fit.hpp"

namespace blondel {
namespace {

/// One second of six channels of 20 harmonics at 2520 samples a second.
std::vector<double> second(double frequency_hz) {
  std::vector<double> samples(6 * 2520);
  for (std::size_t n = 0; n < 2520; ++n)
    for (std::size_t k = 0; k < 6; ++k)
      for (int h = 1; h <= 20; ++h)
        samples[k * 2520 + n] +=
            (h == 1 ? 1.0 : 0.02) * std::cos(h * (2 * EIGEN_PI * frequency_hz * static_cast<double>(n) / 2520) +
                                             0.7 * static_cast<double>(k) + 0.3 * h);
  return samples;
}

/// Seconds of signal a second of computing: the rate is the multiple of real time.
void off_nominal(benchmark::State& state) {
  const auto samples = second(59.87);
  SampleBlock<double> block{.channel = {}, .stride = 1, .rows = 2520};
  for (std::size_t k = 0; k < 6; ++k) block.channel[k] = &samples[k * 2520];
  HarmonicFit fit{2520, 2520, {.orders = 20}};
  for (auto _ : state) {
    if (!fit.fit(block)) state.SkipWithError("no fit");
    benchmark::DoNotOptimize(fit.estimate().frequency_hz);
  }
  state.counters["x_real_time"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(off_nominal);

}  // namespace
}  // namespace blondel

BENCHMARK_MAIN();
