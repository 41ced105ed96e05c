#include "references/metering/spectrum_file.hpp"

#include <algorithm>
#include <cmath>

namespace blondel {
namespace {

constexpr double lowest_hz = 10, highest_hz = 1000;
constexpr long long highest_order = 1000;
// No line has this much, and its square is far from what a double can hold.
constexpr double largest = 1e9;

Frequency frequency_of(const Settings& place) {
  const Frequency f = place.frequency();
  if (!(f.si() >= lowest_hz && f.si() <= highest_hz))
    throw place.failure(
        fmt::format("expected a frequency from {} Hz to {} Hz, found '{}'", lowest_hz, highest_hz, place.text()));
  return f;
}

double magnitude_of(const Settings& place, bool is_voltage, bool is_dc) {
  const double rms = is_voltage ? place.voltage().si() : place.current().si();
  if (rms < 0 && !is_dc)
    throw place.failure(fmt::format("expected an rms value that is not negative, found '{}'", place.text()));
  if (std::abs(rms) > largest)
    throw place.failure(fmt::format("expected at most 1e9 {}, found '{}'", is_voltage ? "V" : "A", place.text()));
  return rms;
}

Spectrum spectrum_of(const Settings& list, bool is_voltage) {
  Spectrum lines;
  for (const Settings& line : list.items()) {
    const Settings order_at = line.at("order");
    const long long order = order_at.integer();
    if (order < 0 || order > highest_order)
      throw order_at.failure(fmt::format("expected an order from 0 (DC) to {}, found {}", highest_order, order));
    const double rms = magnitude_of(line.at("rms"), is_voltage, order == 0);
    double angle = 0;
    if (order == 0) {
      if (const auto given = line.find("angle"))
        throw given->failure("a DC line (order 0) has no angle; its sign stands before its value");
    } else {
      angle = line.at("angle").angle().si();
    }
    line.finish();
    if (lines.contains(static_cast<int>(order)))
      throw order_at.failure(fmt::format("order {} stands twice in this channel", order));
    lines[static_cast<int>(order)] = rms * std::complex<double>{std::cos(angle), std::sin(angle)};
  }
  return lines;
}

}  // namespace

Result<Service> parse_connection(const std::string& text, const std::string& where) {
  if (const auto service = parse_service(text, where)) return *service;
  if (const auto type = parse_system_type(text, where)) return service_of(*type);
  std::string known;
  for (const Service service : services) known += fmt::format("'{}', ", name(service));
  return fail(Fault::malformed, where,
              fmt::format("expected a connection: {}or a system number (10, 11, 12, 31, 40); found '{}'", known, text));
}

SpectrumFile read_spectrum(const Settings& file) {
  SpectrumFile spectrum;
  spectrum.set.frequency = frequency_of(file.at("frequency"));
  const Settings connection = file.at("connection");
  spectrum.service = value_or_throw(parse_connection(connection.text(), connection.where()));
  const auto needed = needed_channels(spectrum.service);
  for (std::size_t k = 0; k < 6; ++k) {
    const std::string channel{channel_names[k]};
    const auto list = file.find(channel);
    if (!list && needed[k])
      throw file.failure(fmt::format("'{}' is missing; the connection '{}' needs it", channel, name(spectrum.service)));
    if (list && !needed[k])
      throw list->failure(fmt::format("the connection '{}' has no channel '{}'", name(spectrum.service), channel));
    if (list) (k < 3 ? spectrum.set.voltage[k] : spectrum.set.current[k - 3]) = spectrum_of(*list, k < 3);
  }
  file.finish();
  return spectrum;
}

}  // namespace blondel
