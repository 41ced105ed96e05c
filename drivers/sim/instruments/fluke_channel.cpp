#include "drivers/sim/instruments/fluke_channel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "drivers/sim/instruments/command_table.hpp"

namespace blondel::sim {

namespace {

constexpr double radians = std::numbers::pi / 180;

/// The largest instantaneous value of the set waveform.
double peak_of(const std::map<int, FlukeChannel::Component>& components) {
  constexpr int steps = 1024;
  double most = 0;
  for (int step = 0; step < steps; ++step) {
    double value = 0;
    for (const auto& [order, c] : components)
      value += order == 0 ? c.amplitude
                          : std::numbers::sqrt2 * c.amplitude *
                                std::cos(order * 2 * std::numbers::pi * step / steps + c.degrees * radians);
    most = std::max(most, std::abs(value));
  }
  return most;
}

double rms_of(const std::map<int, FlukeChannel::Component>& components) {
  double squares = 0;
  for (const auto& [order, c] : components) squares += c.amplitude * c.amplitude;
  return std::sqrt(squares);
}

}  // namespace

FlukeChannel::FlukeChannel(std::span<const FlukeRange> ranges, std::string unit)
    : ranges_{ranges}, unit_{std::move(unit)}, range_{ranges.front()} {}

void FlukeChannel::reset() {
  range_ = ranges_.front();
  components_.clear();
  armed = false;
  harmonics_on = false;
}

void FlukeChannel::choose_range(double lowest, double highest) {
  const auto covers = [&](const FlukeRange& r) { return r.lowest <= lowest && highest <= r.full_scale; };
  const auto found = std::ranges::find_if(ranges_, covers);
  if (!(lowest >= 0 && lowest <= highest) || found == ranges_.end())
    throw Refusal{-222, fmt::format("no range covers {:g} to {:g} {}", lowest, highest, unit_)};
  range_ = *found;
  const auto fundamental = at(1).amplitude;
  if (fundamental > range_.full_scale || fundamental < range_.lowest || rms_of(components_) > range_.full_scale)
    components_.clear();
}

void FlukeChannel::check(const std::map<int, Component>& components) const {
  // The peak ratings are the full scale as a sine, rounded: 0.353 V at 0.25 V.
  if (rms_of(components) > range_.full_scale * (1 + 1e-9) ||
      peak_of(components) > std::numbers::sqrt2 * range_.full_scale * (1 + 1e-9))
    throw Refusal{-222, fmt::format("beyond the {:g} {} range", range_.full_scale, unit_)};
}

void FlukeChannel::set(int order, Component component) {
  if (order < 0 || order > 100) throw Refusal{-222, "harmonics are 0 to 100"};
  if (order == 0 && component.degrees != 0) throw Refusal{-221, "DC has no angle"};
  if (!(std::abs(component.degrees) <= 180)) throw Refusal{-222, "angles are -180 to 180 degrees"};
  if (order != 0 && !(component.amplitude >= 0)) throw Refusal{-222, "amplitudes are positive"};
  if (order == 1 && component.amplitude < range_.lowest)
    throw Refusal{-222, fmt::format("below the {:g} {} range", range_.full_scale, unit_)};
  auto wanted = components_;
  wanted[order] = component;
  if (component.amplitude == 0 && order != 1) wanted.erase(order);
  check(wanted);
  components_ = std::move(wanted);
}

FlukeChannel::Component FlukeChannel::at(int order) const {
  if (order < 0 || order > 100) throw Refusal{-222, "harmonics are 0 to 100"};
  const auto found = components_.find(order);
  return found == components_.end() ? Component{} : found->second;
}

int FlukeChannel::highest_order() const {
  return components_.empty() ? 1 : std::max(1, components_.rbegin()->first);
}

void FlukeChannel::clear_harmonics() {
  std::erase_if(components_, [](const auto& entry) { return entry.first > 1; });
}

void FlukeChannel::set_rms(double rms_wanted) {
  const double now = rms();
  if (now == 0) throw Refusal{-221, "nothing is set that could be scaled"};
  auto wanted = components_;
  for (auto& [order, c] : wanted) c.amplitude *= rms_wanted / now;
  if (!(rms_wanted > 0) || wanted[1].amplitude < range_.lowest) throw Refusal{-222, "below the range"};
  check(wanted);
  components_ = std::move(wanted);
}

double FlukeChannel::rms() const {
  return rms_of(components_);
}

Spectrum FlukeChannel::spectrum(double zero_degrees) const {
  Spectrum out;
  if (!armed) return out;
  const double fundamental = zero_degrees + at(1).degrees;
  for (const auto& [order, c] : components_) {
    if (order > 1 && !harmonics_on) continue;
    if (c.amplitude == 0) continue;
    if (order == 0)
      out[order] = c.amplitude;
    else if (order == 1)
      out[order] = std::polar(c.amplitude, fundamental * radians);
    else
      out[order] = std::polar(c.amplitude, std::remainder(order * fundamental + c.degrees, 360.0) * radians);
  }
  return out;
}

}  // namespace blondel::sim
