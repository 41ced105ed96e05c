// How long a firmware build needs for one sample: the inner loop of every simulated run.
//
//   sample_entry_bench [--benchmark options] [BUILD]     BUILD is a shared object, by default the Series 4000-K
#include <benchmark/benchmark.h>
#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numbers>
#include <vector>

#include "drivers/sim/firmware/blondel_firmware.h"

namespace {

/// A hardware abstraction that costs next to nothing.
struct Hardware {
  std::int64_t samples = 0;
  std::vector<std::uint8_t> store = std::vector<std::uint8_t>(8192, 0xFF);

  static Hardware& self(void* c) { return *static_cast<Hardware*>(c); }
  static std::int64_t now(void* c) { return self(c).samples * 1'000'000'000 / BLONDEL_SAMPLES_PER_SECOND; }
  static void uart(void*, const std::uint8_t*, std::uint32_t, std::int64_t, std::int64_t) {}
  static void contact(void*, std::uint32_t, std::int32_t, std::int64_t) {}
  static void read(void* c, std::uint32_t at, void* bytes, std::uint32_t count) {
    std::memcpy(bytes, self(c).store.data() + at, count);
  }
  static void write(void* c, std::uint32_t at, const void* bytes, std::uint32_t count) {
    std::memcpy(self(c).store.data() + at, bytes, count);
  }
  static double temperature(void*) { return 25; }
  static void lcd(void*, const char*) {}
  static const char* setting(void*, const char*) { return nullptr; }
  static void refuse(void*, const char* why) {
    std::fprintf(stderr, "the build refuses to run: %s\n", why);
    std::exit(1);
  }

  blondel_hal hal{
      BLONDEL_FIRMWARE_VERSION, this, now, uart, contact, 8192, read, write, temperature, lcd, setting, refuse};
};

/// An hour of a loaded wye at 60 Hz, second by second; everything done once a second is in it.
void sample_entry(benchmark::State& state, const blondel_firmware* firmware) {
  std::vector<std::int32_t> codes;
  for (int n = 0; n < BLONDEL_SAMPLES_PER_SECOND; ++n)
    for (int c = 0; c < BLONDEL_CHANNELS; ++c) {
      const double angle = 2 * std::numbers::pi * (60.0 * n / BLONDEL_SAMPLES_PER_SECOND - c % 3 / 3.0);
      codes.push_back(static_cast<std::int32_t>(std::lround((c < 3 ? 4.5e6 : 2.5e6) * std::cos(angle))));
    }
  Hardware hardware;
  firmware->power_up(&hardware.hal);
  for (auto _ : state)
    for (int n = 0; n < BLONDEL_SAMPLES_PER_SECOND; ++n) {
      firmware->sample(&codes[static_cast<std::size_t>(n) * BLONDEL_CHANNELS]);
      ++hardware.samples;
    }
  state.counters["time per sample"] =
      benchmark::Counter(static_cast<double>(BLONDEL_SAMPLES_PER_SECOND) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const char* build = argc > 1 ? argv[1] : SERIES_4000_K_BUILD;
  void* object = dlopen(build, RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  blondel_firmware_entry entry = nullptr;
  *reinterpret_cast<void**>(&entry) = dlsym(object, BLONDEL_FIRMWARE_SYMBOL);
  if (entry == nullptr) {
    std::fprintf(stderr, "%s does not export " BLONDEL_FIRMWARE_SYMBOL "\n", build);
    return 1;
  }
  benchmark::RegisterBenchmark("sample_entry", sample_entry, entry());
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
