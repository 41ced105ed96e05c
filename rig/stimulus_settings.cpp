#include "rig/stimulus_settings.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "references/quantity_text.hpp"

namespace blondel {

Voltage read_system_voltage(const Settings& step) {
  const auto at = step.at("system_voltage");
  const auto voltage = at.voltage();
  if (!(voltage.si() > 0)) throw at.failure("expected more than 0 V");
  return voltage;
}

Frequency read_frequency(const Settings& step) {
  const auto at = step.at("frequency");
  const auto frequency = at.frequency();
  if (!(frequency.si() > 0)) throw at.failure("expected more than 0 Hz, found " + show(frequency));
  return frequency;
}

double read_current_ratio(const Settings& at) {
  const auto text = at.text();
  const char* begin = text.data();
  const char* end = begin + text.size();
  double ratio{};
  const auto [rest, error] = std::from_chars(begin, end, ratio);
  const std::string unit{rest, end};
  if (error != std::errc{} || unit != " In" || !std::isfinite(ratio) || !(ratio > 0))
    throw at.failure(fmt::format("expected a share of the rated current such as '0.05 In', found '{}'", text));
  return ratio;
}

}  // namespace blondel
