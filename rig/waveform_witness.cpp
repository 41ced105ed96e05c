#include "rig/waveform_witness.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "references/metering/sampled_metering.hpp"
#include "reports/sha256.hpp"
#include "reports/waveform_capture.hpp"

namespace blondel {

namespace {

ChannelScale scale_of(const Waveform& waveform) {
  ChannelScale scale;
  scale.gain = waveform.gain;
  return scale;
}

SampleBlock<std::int32_t> block_of(const Waveform& waveform) {
  SampleBlock<std::int32_t> block;
  for (std::size_t c = 0; c < 6; ++c) block.channel[c] = waveform.counts[c].data();
  block.rows = waveform.counts[0].size();
  return block;
}

}  // namespace

Task<void> WaveformWitness::record(Waveform& into) {
  into = co_await recorder_.record(length);
  std::filesystem::create_directories(folder_);
  const auto path = folder_ / fmt::format("{:03}.h5", ++kept_);
  WaveformCapture<std::int32_t> capture{path, into.rate_hz, in_seconds(into.begin.time_since_epoch()), scale_of(into)};
  capture.append(block_of(into));
  capture.finish();
  record_.add("waveform", {{"file", (folder_.filename() / path.filename()).string()},
                           {"sha256", value_or_throw(sha256_of_file(path))},
                           {"rate_hz", into.rate_hz},
                           {"rows", into.counts[0].size()}});
}

std::vector<TwoOracles> WaveformWitness::compare(const Waveform& waveform, const ReferenceReading& reading,
                                                 Ratio expanded) {
  const auto seconds = sampled_metering(block_of(waveform), scale_of(waveform), waveform.rate_hz, Service::four_wire);
  if (!seconds) throw Failure{Fault::instrument, "recorder", seconds.error().what};
  const auto& quantities = seconds->front().quantities;
  double largest = 0;
  for (const auto s : reading.apparent) largest = std::max(largest, s.si());
  std::vector<TwoOracles> pairs;
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& element = *quantities.phase[k];
    const double permitted =
        std::hypot(expanded.si(), uncertainty_.si()) * std::max(reading.apparent[k].si(), largest / 100);
    pairs.push_back({"P", k, reading.active[k].si(), element.active.si(), permitted});
    pairs.push_back({"S", k, reading.apparent[k].si(), element.apparent.si(), permitted});
  }
  for (const auto& pair : pairs)
    values[fmt::format("{}_{}", pair.quantity, "ABC"[pair.phase])] = {pair.by_instrument, pair.by_model};
  record_.add("reading", {{"position", 0}, {"what", "reference and waveform"}, {"values", std::move(values)}});
  return pairs;
}

}  // namespace blondel
