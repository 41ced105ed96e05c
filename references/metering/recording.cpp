#include "references/metering/recording.hpp"

#include "references/error.hpp"

namespace blondel {

double value(const Recording& recording, std::size_t channel, std::size_t row) {
  const double sample =
      std::visit([&](const auto& samples) { return static_cast<double>(samples[channel][row]); }, recording.samples);
  return recording.scale.gain[channel] * (sample - recording.scale.offset[channel]);
}

double checked_rate(double rate_hz, const std::string& where) {
  if (!(rate_hz >= lowest_recording_rate_hz && rate_hz <= highest_recording_rate_hz))
    throw Failure{Fault::malformed, where,
                  fmt::format("expected a rate from {} to {} samples a second, found {:.9g}", lowest_recording_rate_hz,
                              highest_recording_rate_hz, rate_hz)};
  return rate_hz;
}

}  // namespace blondel
