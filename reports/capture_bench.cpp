// What it costs to record six channels at 50 000 samples a second: in HDF5 with several chunk sizes, and the same bytes
// written straight to a file, both of them flushed onto the disk once a second of samples. Ends with the ratios.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "reports/waveform_capture.hpp"

namespace blondel {
namespace {

constexpr double rate_hz = 50000;
constexpr std::size_t seconds = 20;
constexpr std::size_t block_rows = 1000;  ///< what an instrument hands over every 20 ms
constexpr std::size_t blocks_a_second = 50;

std::filesystem::path scratch_file() {
  return std::filesystem::temp_directory_path() / fmt::format("blondel-capture-bench-{}", ::getpid());
}

/// A sawtooth a channel, interleaved.
template <class Sample>
std::vector<Sample> block_of_samples() {
  std::vector<Sample> samples(6 * block_rows);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<Sample>(i * 37 % 30011);
  return samples;
}

template <class Sample>
void count(benchmark::State& state) {
  const auto bytes = seconds * blocks_a_second * block_rows * 6 * sizeof(Sample);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  state.counters["x_real_time"] = benchmark::Counter(
      static_cast<double>(seconds) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

/// The argument is the rows of a chunk.
template <class Sample>
void hdf5(benchmark::State& state) {
  const auto samples = block_of_samples<Sample>();
  SampleBlock<Sample> block{.stride = 6, .rows = block_rows};
  for (std::size_t k = 0; k < 6; ++k) block.channel[k] = samples.data() + k;
  const auto path = scratch_file();
  for (auto _ : state) {
    std::filesystem::remove(path);
    WaveformCapture<Sample> capture{path, rate_hz, 0, {}, static_cast<std::size_t>(state.range(0))};
    for (std::size_t second = 0; second < seconds; ++second) {
      for (std::size_t i = 0; i < blocks_a_second; ++i) capture.append(block);
      capture.flush();
    }
    capture.finish();
  }
  std::filesystem::remove(path);
  count<Sample>(state);
}

template <class Sample>
void plain_file(benchmark::State& state) {
  const auto samples = block_of_samples<Sample>();
  const auto bytes = samples.size() * sizeof(Sample);
  const auto path = scratch_file();
  for (auto _ : state) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    for (std::size_t i = 0; i < seconds * blocks_a_second; ++i) {
      if (::write(file, samples.data(), bytes) != static_cast<ssize_t>(bytes))
        return state.SkipWithError("not written");
      if (i % blocks_a_second == blocks_a_second - 1) ::fdatasync(file);
    }
    ::close(file);
  }
  std::filesystem::remove(path);
  count<Sample>(state);
}

// The median of seven: a disk has moods. --benchmark_enable_random_interleaving=true spreads them over all.
void seven_times(benchmark::internal::Benchmark* one) {
  one->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1)->Repetitions(7);
}

BENCHMARK_TEMPLATE(plain_file, std::int16_t)->Apply(seven_times);
BENCHMARK_TEMPLATE(hdf5, std::int16_t)->RangeMultiplier(4)->Range(512, 1 << 19)->Apply(seven_times);
BENCHMARK_TEMPLATE(plain_file, double)->Apply(seven_times);
BENCHMARK_TEMPLATE(hdf5, double)->RangeMultiplier(4)->Range(512, 1 << 19)->Apply(seven_times);

/// Prints the medians beside what they are compared with.
class Ratios : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const auto& run : runs)
      if (run.aggregate_name == "median") medians_[run.run_name.str()] = run.GetAdjustedRealTime();
  }

  void Finalize() override {
    for (const auto& [name, milliseconds] : medians_) {
      const auto plain = medians_.lower_bound("plain_file" + sample_type(name));
      if (name.starts_with("hdf5") && plain != medians_.end())
        fmt::print("{}: {:.0f} times real time, takes {:.2f} times what a plain file takes (medians)\n", name,
                   1e3 * seconds / milliseconds, milliseconds / plain->second);
    }
  }

 private:
  /// "hdf5<double>/512/…" → "<double>"
  static std::string sample_type(const std::string& name) {
    const auto first = name.find('<');
    return name.substr(first, name.find('>') - first + 1);
  }

  std::map<std::string, double> medians_;  ///< ms
};

}  // namespace
}  // namespace blondel

int main(int count, char** words) {
  benchmark::Initialize(&count, words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 4;
  blondel::Ratios ratios;
  benchmark::RunSpecifiedBenchmarks(&ratios);
  return 0;
}
