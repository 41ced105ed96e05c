// Any text as a table: a meter's register map, or a recording with the rate that the first byte chooses.

#include <cmath>

#include "references/fuzz/fuzz_input.hpp"
#include "references/metering/waveform_csv.hpp"
#include "references/register_maps/register_codec.hpp"
#include "references/register_maps/register_map.hpp"

namespace blondel {
namespace {

const std::string file_name = "fuzz.csv";

template <class Reading>
void only_refuses(const Reading& reading) {
  try {
    reading();
  } catch (const Failure& failure) {
    require(failure.error.fault == Fault::malformed, "a reader of files says what is malformed");
    require(failure.error.where.starts_with(file_name), "a reader of files names the file");
  }
}

/// What a map promises of its points, and that its points can be coded.
void check(const RegisterMap& map) {
  int next = 1;
  for (const auto& point : map.points()) {
    require(point.number >= next && point.address == point.number - 1, "points rise and do not overlap");
    require(point.words > 0 && point.words % width(point.format) == 0, "a point holds whole values");
    next = point.number + point.words;
    require(map.find(point.name) == &point && map.find(point.number) == &point, "a point is found by name and number");
    const std::vector<std::uint16_t> words(static_cast<std::size_t>(width(point.format)), 0x4000);
    const auto raw = decode(point, words);
    if (const auto again = encode_raw(point, raw)) require(*again == words, "a raw value goes there and back");
    static_cast<void>(encode(point, scaled(point, raw, {})));
  }
}

void read_map(const std::string& text) {
  only_refuses([&] { check(RegisterMap::parse(text, file_name)); });
}

void read_recording(const std::string& text, RecordingRequest request) {
  only_refuses([&] {
    const auto recording = parse_waveform_csv(text, file_name, request);
    require(recording.rows >= 2, "a recording has two rows");
    require(std::isfinite(recording.rate_hz) && recording.rate_hz > 0, "a recording has a rate");
    for (std::size_t channel = 0; channel < 6; ++channel) {
      require(recording.has[channel] || !request.needed[channel], "what is needed is there");
      for (std::size_t row = 0; recording.has[channel] && row < recording.rows; ++row)
        require(std::abs(value(recording, channel, row)) <= largest_sample, "a sample is a finite number");
    }
  });
}

}  // namespace
}  // namespace blondel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace blondel;
  FuzzInput input{data, size};
  const auto kind = input.byte();
  const auto text = input.rest();
  if (kind % 4 == 0) {
    read_map(text);
    return 0;
  }
  RecordingRequest request;
  if (kind % 4 == 2) request.rate_hz = 2520;
  if (kind % 4 == 3) request.needed = {true, false, false, true, false, false};
  read_recording(text, request);
  return 0;
}
