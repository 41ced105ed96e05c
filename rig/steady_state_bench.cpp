// One meter in steady state: ten harmonics on every channel and noise on, all blocks of its registers polled every
// second through the driver, the bus and the firmware's process. Prints how many times faster than real time that is,
// and where the time goes.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <complex>

#include "drivers/meters/meter.hpp"
#include "drivers/sim/bench/simulated_bench.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

constexpr int seconds_a_round = 60;

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds_of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

sim::BenchWiring one_socket() {
  sim::BenchWiring wiring;
  wiring.source_driver = "fluke-6105a";
  wiring.source_address = "TCPIP::127.0.0.1::1234::SOCKET";
  wiring.reference_driver = "zera-com5003";
  wiring.reference_address = "TCPIP::127.0.0.1::6320::SOCKET";
  wiring.control_power_driver = "scpi-switch";
  wiring.control_power_address = "TCPIP::127.0.0.1::5025::SOCKET";
  wiring.sockets.push_back({"/dev/ttyUSB0", "gpiochip0/1", "4K-1"});
  return wiring;
}

sim::SetPoint ten_harmonics() {
  sim::SetPoint point;
  point.on = true;
  point.frequency_hz = 59.97;
  for (int c = 0; c < 6; ++c) {
    const double angle = -2.0943951023931953 * (c % 3);
    const double rms = c < 3 ? 277 : 5;
    auto& spectrum = point.channels[static_cast<std::size_t>(c)];
    spectrum[1] = std::polar(rms, angle);
    for (int order = 3; order <= 19; order += 2) spectrum[order] = std::polar(rms * 0.03, order * angle);
    spectrum[20] = std::polar(rms * 0.01, angle);
  }
  return point;
}

Task<void> settle(Clock& clock, sim::SimulatedBench& bench) {
  bench.circuit().set_control_power(1, true, clock.now() + sim::Circuit::notice);
  bench.circuit().set(ten_harmonics(), clock.now() + sim::Circuit::notice);
  co_await clock.pause(60s);
}

Task<void> poll(Clock& clock, Meter& meter) {
  // The first and the last point of the integers, the configuration and the floats: every register between is read.
  const std::vector<std::string> all = {"real_energy",  "real_energy_c", "command",
                                        "reserved_154", "real_energy_f", "real_energy_c_f"};
  for (int i = 0; i < seconds_a_round; ++i) {
    const Time next = clock.now() + 1s;
    const auto values = co_await meter.read(all);
    benchmark::DoNotOptimize(values);
    co_await clock.pause_until(next);
  }
}

void one_meter_in_steady_state(benchmark::State& state) {
  double children = cpu_seconds(RUSAGE_CHILDREN), own = cpu_seconds(RUSAGE_SELF);
  double virtual_seconds = 0;
  std::uint64_t entries = 0, grants = 0;
  {
    VirtualClock clock;
    const auto simulation = Settings::parse("meters: {gain: 500 ppm, clock: 20 ppm}", "bench");
    sim::SimulatedBench bench{clock, one_socket(), simulation};
    const auto at = Settings::parse("port: /dev/ttyUSB0", "bench");
    const auto meter = value_or_throw(meters().find("series-4000-k", "bench"))(at, bench, Order{1, 1});
    clock.run(settle(clock, bench));
    clock.run(poll(clock, *meter));
    const auto entries_before = bench.meter(1).firmware_entries(), grants_before = bench.meter(1).grants();
    own = cpu_seconds(RUSAGE_SELF);
    for (auto _ : state) {
      clock.run(poll(clock, *meter));
      virtual_seconds += seconds_a_round;
    }
    own = cpu_seconds(RUSAGE_SELF) - own;
    entries = bench.meter(1).firmware_entries() - entries_before;
    grants = bench.meter(1).grants() - grants_before;
  }
  // The meter's process has ended, so its time is known; two minutes of it were before the count.
  children = (cpu_seconds(RUSAGE_CHILDREN) - children) * virtual_seconds / (virtual_seconds + 120);
  state.counters["x_real_time"] = benchmark::Counter(virtual_seconds, benchmark::Counter::kIsRate);
  state.counters["entries_per_s"] = static_cast<double>(entries) / virtual_seconds;
  state.counters["grants_per_s"] = static_cast<double>(grants) / virtual_seconds;
  state.counters["rig_cpu_ms_per_s"] = 1e3 * own / virtual_seconds;
  state.counters["meter_cpu_ms_per_s"] = 1e3 * children / virtual_seconds;
}
BENCHMARK(one_meter_in_steady_state)->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(3);

}  // namespace
}  // namespace blondel

BENCHMARK_MAIN();
