#include "reports/waveform_capture.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <stdexcept>

#include "references/metering/waveform_hdf5.hpp"
#include "reports/testdata/hdf5_content.hpp"
#include "reports/testdata/scratch_folder.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

constexpr std::array<const char*, 6> names{"va", "vb", "vc", "ia", "ib", "ic"};

/// Samples with a different one at every place.
template <class Sample>
std::vector<Sample> interleaved(std::size_t rows) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < 6 * rows; ++i) samples.push_back(static_cast<Sample>(i % 30011) - Sample{15000});
  return samples;
}

template <class Sample>
SampleBlock<Sample> block_of_rows(const std::vector<Sample>& samples, std::size_t first, std::size_t rows) {
  SampleBlock<Sample> block{.stride = 6, .rows = rows};
  for (std::size_t k = 0; k < 6; ++k) block.channel[k] = samples.data() + 6 * first + k;
  return block;
}

template <class Sample>
void expect_holds(const std::filesystem::path& path, const std::vector<Sample>& samples, std::size_t rows) {
  const Hdf5Content h5{path};
  for (std::size_t k = 0; k < 6; ++k) {
    const auto column = h5.numbers(names[k]);
    ASSERT_EQ(column.size(), rows) << names[k];
    for (std::size_t row = 0; row < rows; ++row)
      ASSERT_EQ(column[row], static_cast<double>(samples[6 * row + k])) << names[k] << ' ' << row;
  }
}

template <class Sample>
class EveryWaveformCapture : public testing::Test {};
using SampleTypes = testing::Types<std::int16_t, std::int32_t, double>;
TYPED_TEST_SUITE(EveryWaveformCapture, SampleTypes);

TYPED_TEST(EveryWaveformCapture, HoldsWhatWasAppendedHoweverItWasCut) {
  ScratchFolder folder;
  const auto samples = interleaved<TypeParam>(1000);
  WaveformCapture<TypeParam> capture{folder / "w.h5", 2520, 0, {}, 64};
  std::size_t row = 0;
  for (std::size_t size = 0; row < 1000; size = size * 3 % 197 + 1) {
    const auto rows = std::min(size, 1000 - row);
    capture.append(block_of_rows(samples, row, rows));
    row += rows;
    if (row % 3 == 0) capture.flush();
  }
  EXPECT_EQ(capture.rows(), 1000u);
  capture.finish();
  capture.finish();
  expect_holds(folder / "w.h5", samples, 1000);
  const auto facts = value_or_throw(capture_facts(folder / "w.h5"));
  EXPECT_TRUE(facts.finished);
  EXPECT_EQ(facts.rows, 1000u);
}

TYPED_TEST(EveryWaveformCapture, TakesPlanarSamplesToo) {
  ScratchFolder folder;
  const auto samples = interleaved<TypeParam>(100);
  std::array<std::vector<TypeParam>, 6> planes;
  SampleBlock<TypeParam> block{.rows = 100};
  for (std::size_t k = 0; k < 6; ++k) {
    for (std::size_t row = 0; row < 100; ++row) planes[k].push_back(samples[6 * row + k]);
    block.channel[k] = planes[k].data();
  }
  WaveformCapture<TypeParam> capture{folder / "w.h5", 2520, 0, {}, 64};
  capture.append(block);
  capture.finish();
  expect_holds(folder / "w.h5", samples, 100);
}

TEST(WaveformCapture, IsReadAsARecordingWithRateAndScales) {
  ScratchFolder folder;
  const auto samples = interleaved<std::int16_t>(10);
  ChannelScale scale;
  scale.gain = {0.25, 0.5, 1, 2, 4, 8};
  scale.offset = {1, 2, 3, 4, 5, 6};
  WaveformCapture<std::int16_t> capture{folder / "w.h5", 50000, 12.5, scale};
  capture.append(block_of_rows(samples, 0, 10));
  capture.finish();
  RecordingRequest request;
  request.needed.fill(true);
  const auto recording = load_waveform_hdf5((folder / "w.h5").string(), request);
  EXPECT_EQ(recording.rate_hz, 50000);
  EXPECT_EQ(recording.rows, 10u);
  EXPECT_EQ(value(recording, 0, 0), 0.25 * (-15000 - 1));
  EXPECT_EQ(value(recording, 5, 9), 8 * (-15000 + 59 - 6));
  EXPECT_TRUE(std::holds_alternative<ChannelSamples<std::int16_t>>(recording.samples));
  EXPECT_EQ(Hdf5Content{folder / "w.h5"}.number_attribute("/", "start_s"), 12.5);
}

TEST(WaveformCapture, LeavesAFileThatOpensWhenItsProcessDiesAfterAFlush) {
  ScratchFolder folder;
  const auto samples = interleaved<std::int16_t>(5000);
  WaveformCapture<std::int16_t> capture{folder / "w.h5", 50000, 0, {}, 16};
  // What a process leaves that is killed now is what the file holds now.
  const auto killed = [&] { return folder.with("killed.h5", bytes_of(folder / "w.h5")); };
  expect_holds(killed(), samples, 0);
  std::size_t row = 0;
  for (const std::size_t flushed : {1000u, 1507u, 4000u}) {
    capture.append(block_of_rows(samples, row, flushed - row));
    capture.flush();
    expect_holds(killed(), samples, flushed);
    row = flushed + 500;  // many chunks more, which nobody flushes
    capture.append(block_of_rows(samples, flushed, 500));
    expect_holds(killed(), samples, flushed);
  }
  EXPECT_FALSE(value_or_throw(capture_facts(killed())).finished);
}

TEST(WaveformCapture, IsTheSameBytesForTheSameSamples) {
  ScratchFolder folder;
  const auto samples = interleaved<std::int16_t>(1000);
  std::vector<std::string> files;
  for (const char* name : {"a.h5", "b.h5"}) {
    WaveformCapture<std::int16_t> capture{folder / name, 50000, 0, {}, 128};
    capture.append(block_of_rows(samples, 0, 1000));
    capture.finish();
    files.push_back(bytes_of(folder / name));
  }
  EXPECT_EQ(files[0], files[1]);
}

template <class Action>
Error reason(Action action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.error;
  }
  return {Fault::cancelled, "", "nothing was thrown"};
}

TEST(WaveformCapture, RefusesWhatCannotBeARecording) {
  ScratchFolder folder;
  const auto path = folder / "w.h5";
  const auto begin = [&](double rate, double start, const ChannelScale& scale) {
    return reason([&] { WaveformCapture<double>{path, rate, start, scale}; });
  };
  EXPECT_EQ(begin(0, 0, {}).fault, Fault::malformed);
  EXPECT_EQ(begin(std::nan(""), 0, {}).fault, Fault::malformed);
  EXPECT_EQ(begin(1000, HUGE_VAL, {}).fault, Fault::malformed);
  ChannelScale scale;
  scale.gain[4] = 0;
  EXPECT_EQ(begin(1000, 0, scale).fault, Fault::malformed);
  EXPECT_THAT(begin(1000, 0, scale).where, HasSubstr("w.h5:/ib"));
  EXPECT_FALSE(std::filesystem::exists(path));
  folder.with("w.h5", "mine");
  EXPECT_EQ(begin(1000, 0, {}).fault, Fault::usage);
  EXPECT_EQ(bytes_of(path), "mine");
  EXPECT_EQ(reason([&] { WaveformCapture<double>{folder / "none/w.h5", 1000, 0}; }).fault, Fault::storage);
}

TEST(WaveformCapture, TakesAllChannelsAndNothingAfterItsEnd) {
  ScratchFolder folder;
  const auto samples = interleaved<double>(1);
  WaveformCapture<double> capture{folder / "w.h5", 1000, 0};
  auto block = block_of_rows(samples, 0, 1);
  block.channel[2] = nullptr;
  EXPECT_THROW(capture.append(block), std::logic_error);
  capture.finish();
  EXPECT_THROW(capture.append(block_of_rows(samples, 0, 1)), std::logic_error);
}

/// Lets no file of this process grow beyond so many bytes, as a full disk would, while it lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(WaveformCapture, TellsOfAFullDiskEachTimeAndNeverSaysItWasFinished) {
  ScratchFolder folder;
  const auto samples = interleaved<std::int16_t>(20000);
  {
    WaveformCapture<std::int16_t> capture{folder / "w.h5", 50000, 0, {}, 1024};
    capture.append(block_of_rows(samples, 0, 2000));
    capture.flush();
    const FullDisk full{60000};
    const auto first = reason([&] { capture.append(block_of_rows(samples, 2000, 18000)); });
    EXPECT_EQ(first.fault, Fault::storage);
    EXPECT_THAT(first.where, HasSubstr("w.h5:/"));
    EXPECT_EQ(reason([&] { capture.append(block_of_rows(samples, 0, 1)); }), first);
    EXPECT_EQ(reason([&] { capture.finish(); }), first);
  }
  const Hdf5Content h5{folder / "w.h5"};
  EXPECT_FALSE(h5.flag_attribute("/", "finished"));
  for (std::size_t k = 0; k < 6; ++k) {
    const auto column = h5.numbers(names[k]);
    ASSERT_GE(column.size(), 2000u);
    for (std::size_t row = 0; row < 2000; ++row) ASSERT_EQ(column[row], samples[6 * row + k]) << names[k];
  }
}

TEST(CaptureFacts, NameWhatIsMissing) {
  ScratchFolder folder;
  EXPECT_EQ(capture_facts(folder / "none.h5").error().fault, Fault::malformed);
  EXPECT_THAT(capture_facts(folder.with("x.h5", "no")).error().what, HasSubstr("HDF5"));
  const auto file = H5Fcreate((folder / "empty.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  EXPECT_THAT(capture_facts(folder / "empty.h5").error().what, HasSubstr("'rate_hz'"));
}

}  // namespace
}  // namespace blondel
