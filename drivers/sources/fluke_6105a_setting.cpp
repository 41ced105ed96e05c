#include "drivers/sources/fluke_6105a_setting.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <span>

namespace blondel {

namespace {

constexpr FlukeSpan voltage_spans[] = {{0, 23}, {0, 45}, {0, 90}, {0, 180}, {0, 360}, {0, 650}, {0, 1008}};
constexpr FlukeSpan current_spans[] = {{0.05, 0.25}, {0.05, 0.5}, {0.1, 1}, {0.2, 2}, {0.5, 5}, {1, 10}, {2, 21}};

/// Below this share of its range a channel is set to a smaller one.
constexpr double least_fill = 0.1;

/// Fundamental and harmonics as if they all peaked at once, over the square root of two.
double together(double fundamental, const std::vector<HarmonicShare>& harmonics) {
  double sum = 1;
  for (const auto& h : harmonics) sum += h.of_fundamental.si();
  return fundamental * sum;
}

/// Degrees from -180 to 180.
double folded(Angle angle) {
  const double d = std::remainder(in_degrees(angle), 360.0);
  return d == 0 ? 0 : d;
}

std::string figure(double value) {
  return fmt::format("{:.8g}", value);
}

std::optional<std::string> cannot_channel(double fundamental, const std::vector<HarmonicShare>& harmonics,
                                          Frequency frequency, double most, const std::string& unit) {
  if (!std::isfinite(fundamental) || fundamental < 0)
    return fmt::format("{} {} is no amplitude", figure(fundamental), unit);
  std::set<int> orders;
  for (const auto& h : harmonics) {
    if (h.order < 2 || h.order > 50) return fmt::format("harmonic {} is outside 2 to 50", h.order);
    if (!orders.insert(h.order).second) return fmt::format("harmonic {} is asked for twice", h.order);
    if (!std::isfinite(h.of_fundamental.si()) || h.of_fundamental.si() < 0 || !std::isfinite(h.angle.si()))
      return fmt::format("harmonic {} has no proper amplitude and angle", h.order);
    if (h.order * frequency.si() > 6000)
      return fmt::format("harmonic {} of {} Hz lies above 6 kHz", h.order, figure(frequency.si()));
  }
  if (const double sum = together(fundamental, harmonics); sum > most)
    return fmt::format("asked for {} {} with harmonics, can do {} {}", figure(sum), unit, figure(most), unit);
  return std::nullopt;
}

FlukeSpan span_for(std::span<const FlukeSpan> spans, const std::optional<FlukeSpan>& present, double fundamental,
                   double sum) {
  const auto holds = [&](const FlukeSpan& s) { return s.lowest <= fundamental && sum <= s.full_scale; };
  if (present && holds(*present) && sum >= least_fill * present->full_scale) return *present;
  for (const auto& span : spans)
    if (holds(span)) return span;
  // fluke_cannot() has been asked before.
  throw std::logic_error{"no range of the 6105A holds the point"};
}

FlukeSetting::Channel wanted_channel(const FlukeSetting::Channel& before, std::span<const FlukeSpan> spans,
                                     double fundamental, Angle angle, const std::vector<HarmonicShare>& harmonics) {
  FlukeSetting::Channel channel;
  channel.armed = true;
  channel.amplitude = fundamental;
  channel.degrees = folded(angle);
  for (const auto& h : harmonics)
    if (fundamental * h.of_fundamental.si() > 0)
      channel.harmonics[h.order] = {fundamental * h.of_fundamental.si(), folded(h.angle)};
  const double sum = together(fundamental, harmonics);
  // Nothing to fill a range with: whatever is set stays.
  channel.range = fundamental == 0 && before.range ? *before.range : span_for(spans, before.range, fundamental, sum);
  return channel;
}

/// Tells `say` of every command that brings a channel from one setting to another, in order. It is handed what makes
/// the text, since most who ask only count.
template <class Say>
void say_channel(const Say& say, std::size_t phase, const char* name, const FlukeSetting::Channel& before,
                 const FlukeSetting::Channel& after) {
  const auto root = [&] { return fmt::format("SOUR:PHAS{}:{}", phase + 1, name); };
  if (!after.armed) {
    if (before.armed || !before.range) say([&] { return root() + ":STAT 0"; });
    return;
  }
  const bool new_range = before.range != after.range, new_harmonics = before.harmonics != after.harmonics;
  // Old harmonics go first: they might not fit into the new range, or together with the new fundamental.
  if (!before.harmonics.empty() && (new_range || new_harmonics)) say([&] { return root() + ":MHAR:CLE"; });
  if (new_range)
    say([&] {
      return fmt::format("{}:RANG {},{}", root(), figure(after.range->lowest), figure(after.range->full_scale));
    });
  if (!before.armed || new_range) say([&] { return root() + ":MHAR:STAT ON"; });
  say([&] { return fmt::format("{}:MHAR:HARM1 {},{}", root(), figure(after.amplitude), figure(after.degrees)); });
  if (new_range || new_harmonics)
    for (const auto& [order, h] : after.harmonics)
      say([&, order = order, h = h] {
        return fmt::format("{}:MHAR:HARM{} {},{}", root(), order, figure(h.first), figure(h.second));
      });
  if (!before.armed) say([&] { return root() + ":STAT 1"; });
}

/// Sets `after` and tells `say` of every command that leads there. @returns whether the output has to go off.
template <class Say>
bool say_change(const Say& say, const FlukeSetting& before, const LoadPoint& point, FlukeSetting& after) {
  bool switches_off = false;
  after.on = true;
  after.frequency_hz = point.frequency.si();
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& p = point.phases[k];
    after.voltage[k] =
        wanted_channel(before.voltage[k], voltage_spans, p.voltage.si(), p.voltage_angle, p.voltage_harmonics);
    if (p.current.si() > 0) {
      after.current[k] = wanted_channel(before.current[k], current_spans, p.current.si(), -p.lag, p.current_harmonics);
    } else {
      after.current[k] = before.current[k];
      after.current[k].armed = false;
    }
    for (const auto channel : {&FlukeSetting::voltage, &FlukeSetting::current}) {
      const auto& old = (before.*channel)[k];
      const auto& now = (after.*channel)[k];
      if (before.on && (old.armed != now.armed || old.range != now.range)) switches_off = true;
    }
  }
  if (before.frequency_hz != after.frequency_hz) say([&] { return "SOUR:FREQ " + figure(after.frequency_hz); });
  for (std::size_t k = 0; k < 3; ++k) {
    say_channel(say, k, "VOLT", before.voltage[k], after.voltage[k]);
    say_channel(say, k, "CURR", before.current[k], after.current[k]);
  }
  return switches_off;
}

}  // namespace

std::optional<std::string> fluke_cannot(const LoadPoint& point) {
  if (!(point.frequency.si() >= 16 && point.frequency.si() <= 850))
    return fmt::format("asked for {} Hz, can do 16 to 850 Hz", figure(point.frequency.si()));
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& p = point.phases[k];
    const auto on_phase = [k](const std::string& why) { return fmt::format("phase {}: {}", k + 1, why); };
    if (!std::isfinite(p.voltage_angle.si()) || !std::isfinite(p.lag.si())) return on_phase("an angle is no number");
    if (const auto why = cannot_channel(p.voltage.si(), p.voltage_harmonics, point.frequency, 1008, "V"))
      return on_phase(*why);
    if (const auto why = cannot_channel(p.current.si(), p.current_harmonics, point.frequency, 21, "A"))
      return on_phase(*why);
    if (p.current.si() > 0 && p.current.si() < 0.05)
      return on_phase(fmt::format("asked for {} A, can do 0.05 to 21 A", figure(p.current.si())));
  }
  return std::nullopt;
}

FlukeChange fluke_change(const FlukeSetting& before, const LoadPoint& point) {
  FlukeChange change;
  const auto write = [&](const auto& text) { change.commands.push_back(text()); };
  change.switches_off = say_change(write, before, point, change.after);
  return change;
}

FlukeEffort fluke_effort(const FlukeSetting& before, const LoadPoint& point) {
  FlukeEffort effort;
  const auto count = [&](const auto&) { ++effort.commands; };
  effort.switches_off = say_change(count, before, point, effort.after);
  return effort;
}

}  // namespace blondel
