#include "references/metering/recording.hpp"

#include "references/error.hpp"
#include "references/metering/tapered_metering.hpp"

namespace blondel {

double value(const Recording& recording, std::size_t channel, std::size_t row) {
  const double sample =
      std::visit([&](const auto& samples) { return static_cast<double>(samples[channel][row]); }, recording.samples);
  return recording.scale.gain[channel] * (sample - recording.scale.offset[channel]);
}

double checked_rate(double rate_hz, const std::string& where) {
  if (!(rate_hz >= TaperedMetering::lowest_rate_hz && rate_hz <= TaperedMetering::highest_rate_hz))
    throw Failure{Fault::malformed, where,
                  fmt::format("expected a rate from {} to {} samples a second, found {:.9g}",
                              TaperedMetering::lowest_rate_hz, TaperedMetering::highest_rate_hz, rate_hz)};
  return rate_hz;
}

}  // namespace blondel
