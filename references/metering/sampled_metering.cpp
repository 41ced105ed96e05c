#include "references/metering/sampled_metering.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "references/metering/tapered_metering.hpp"

namespace blondel {
namespace {

constexpr const char* me = "sampled metering";

template <class T>
Result<SampleBlock<T>> needed_only(SampleBlock<T> recording, Service service) {
  const auto needed = needed_channels(service);
  for (std::size_t k = 0; k < 6; ++k) {
    if (needed[k] && recording.channel[k] == nullptr)
      return fail(Fault::malformed, me,
                  fmt::format("{} needs channel {}, and the recording has none", name(service), channel_names[k]));
    if (!needed[k]) recording.channel[k] = nullptr;
  }
  return recording;
}

template <class T>
std::array<double, 6> steps(const ChannelScale& scale, const SampledOptions& options) {
  if constexpr (std::is_floating_point_v<T>) {
    return options.step;
  } else {
    std::array<double, 6> step{};
    for (std::size_t k = 0; k < 6; ++k) step[k] = std::max(options.step[k], std::abs(scale.gain[k]));
    return step;
  }
}

template <class T>
SampleBlock<T> part(const SampleBlock<T>& recording, std::size_t first, std::size_t rows) {
  SampleBlock<T> block = recording;
  block.rows = rows;
  for (auto& channel : block.channel)
    if (channel != nullptr) channel += static_cast<std::ptrdiff_t>(first) * recording.stride;
  return block;
}

/// Level 3: both engines' results of one second in one reading.
class SecondReader {
 public:
  SecondReader(double rate_hz, Service service, const SampledOptions& options, const std::array<double, 6>& step)
      : service_{service},
        options_{options},
        rows_{static_cast<std::size_t>(std::llround(rate_hz))},
        rate_hz_{rate_hz},
        fit_{rate_hz, rows_, options.fit},
        steadiness_{rate_hz, service, options.fit.guard_hz, step} {}

  template <class T>
  SampledReading read(const SampleBlock<T>& recording, const ChannelScale& scale, const Moments& moments) {
    SampledReading reading{.begin = Seconds{moments.begin_s},
                           .duration = Seconds{moments.duration_s},
                           .quantities = {},
                           .spectra = std::nullopt,
                           .flags = {},
                           .dropped = {},
                           .consistency = {}};
    Observation seen{
        .spectra = std::nullopt, .products = moments.product, .frequency = Frequency{moments.frequency_hz}};
    const auto first = static_cast<std::size_t>(std::llround(moments.begin_s * rate_hz_));
    const auto fitted = fit_.fit(part(recording, first, rows_), scale, options_.reference);
    if (!fitted) {
      failed_ = fitted.error();
      reading.flags = {{.reason = Unsteady::no_fundamental, .text = fitted.error().what}};
    } else {
      const HarmonicEstimate& estimate = fit_.estimate();
      reading.flags = steadiness_.look(moments, fit_);
      reading.dropped = estimate.dropped;
      reading.condition = estimate.condition;
      reading.consistency = consistency(moments, estimate, service_);
      if (reading.steady()) {
        seen.frequency = Frequency{estimate.frequency_hz};
        seen.rest = estimate.residual;
        seen.spectra = reading.spectra = estimate.phasors();
      }
    }
    reading.quantities = quantities(seen, service_, options_.metering);
    return reading;
  }

  const std::optional<Error>& failed() const { return failed_; }

 private:
  Service service_;
  const SampledOptions& options_;
  std::size_t rows_;
  double rate_hz_;
  HarmonicFit fit_;
  Steadiness steadiness_;
  std::optional<Error> failed_;
};

bool has_fundamental(const SampledReading& reading) {
  return reading.steady() || reading.flags.front().reason != Unsteady::no_fundamental;
}

}  // namespace

template <class T>
Result<std::vector<SampledReading>> sampled_metering(const SampleBlock<T>& recording, const ChannelScale& scale,
                                                     double rate_hz, Service service, const SampledOptions& options) {
  const auto block = needed_only(recording, service);
  if (!block) return tl::unexpected<Error>{block.error()};
  const auto moments = tapered_readings(*block, rate_hz, scale);
  if (!moments) return tl::unexpected<Error>{moments.error()};
  SecondReader reader{rate_hz, service, options, steps<T>(scale, options)};
  std::vector<SampledReading> readings;
  for (const Moments& second : *moments) readings.push_back(reader.read(*block, scale, second));
  if (std::ranges::none_of(readings, has_fundamental) && reader.failed())
    return tl::unexpected<Error>{*reader.failed()};
  return readings;
}

template Result<std::vector<SampledReading>> sampled_metering(const SampleBlock<double>&, const ChannelScale&, double,
                                                              Service, const SampledOptions&);
template Result<std::vector<SampledReading>> sampled_metering(const SampleBlock<std::int16_t>&, const ChannelScale&,
                                                              double, Service, const SampledOptions&);
template Result<std::vector<SampledReading>> sampled_metering(const SampleBlock<std::int32_t>&, const ChannelScale&,
                                                              double, Service, const SampledOptions&);

}  // namespace blondel
