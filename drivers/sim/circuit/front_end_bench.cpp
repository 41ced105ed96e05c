#include <benchmark/benchmark.h>

#include <vector>

#include "drivers/sim/circuit/meter_front_end.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace {

using namespace blondel;
using namespace blondel::sim;

/// One second of one meter's samples, with so many harmonics on every channel.
void one_second(benchmark::State& state) {
  VirtualClock clock;
  CircuitSettings settings;
  settings.sockets.resize(1);
  ThreePhaseCircuit circuit{clock, settings};
  SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
  for (int c = 0; c < 6; ++c)
    for (int order = 1; order <= state.range(0); ++order) point.channels[c][order] = (c < ia ? 230.0 : 5.0) / order;
  circuit.set(point, Time{Circuit::notice});
  MeterFrontEnd meter{circuit, 1, {.clock_ppm = 20, .sampling_phase = 0.3}};
  std::vector<std::int32_t> counts(2520 * 6);
  std::int64_t first = 2520 * 10;
  for (auto _ : state) {
    meter.samples(first, counts);
    first += 2520;
    benchmark::DoNotOptimize(counts.data());
  }
  state.counters["samples/s"] =
      benchmark::Counter(2520.0 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(one_second)->Arg(1)->Arg(10)->Arg(50);

/// The same in the second after a set-point, while amplitudes still move.
void one_second_settling(benchmark::State& state) {
  VirtualClock clock;
  CircuitSettings settings;
  settings.sockets.resize(1);
  ThreePhaseCircuit circuit{clock, settings};
  SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
  for (int c = 0; c < 6; ++c)
    for (int order = 1; order <= state.range(0); ++order) point.channels[c][order] = (c < ia ? 230.0 : 5.0) / order;
  circuit.set(point, Time{Circuit::notice});
  MeterFrontEnd meter{circuit, 1, {}};
  std::vector<std::int32_t> counts(2520 * 6);
  std::int64_t first = 504;
  for (auto _ : state) {
    first = first == 504 ? 1008 : 504;
    meter.samples(first, counts);
    benchmark::DoNotOptimize(counts.data());
  }
}
BENCHMARK(one_second_settling)->Arg(10);

}  // namespace

BENCHMARK_MAIN();
