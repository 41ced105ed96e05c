#include "reports/number_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace blondel {
namespace {

double rounded(double value, int decimals) {
  return std::strtod(fmt::format("{:.{}f}", value, decimals).c_str(), nullptr);
}

/// Whether a value says the same about a limit after it was rounded.
bool same_side(double value, double limit, int decimals) {
  const double shown = rounded(value, decimals);
  return (value < limit) == (shown < limit) && (value > limit) == (shown > limit);
}

}  // namespace

std::string signed_text(double value, int decimals) {
  auto text = fmt::format("{:+.{}f}", value, decimals);
  if (text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);  // neither +0.00 nor -0.00
  return text;
}

std::string typeset(std::string number) {
  if (number.starts_with('-')) number.replace(0, 1, "\u2212");
  return number;
}

std::string short_text(double value) {
  return fmt::format("{:.6g}", value == 0 ? 0.0 : value);
}

int decimals_for(const MeasurementView& m) {
  int decimals = 3;
  if (m.expanded_uncertainty && *m.expanded_uncertainty > 0) {
    const double places = 1 - std::floor(std::log10(*m.expanded_uncertainty));
    decimals = static_cast<int>(std::clamp(places, 0.0, 9.0));
  } else if (m.value && std::abs(*m.value) < 1e15 && *m.value == std::round(*m.value)) {
    decimals = 0;  // a count
  }
  const auto tells = [&](const std::optional<double>& limit) {
    return !limit || same_side(*m.value, *limit, decimals);
  };
  while (m.value && decimals < 9 && !(tells(m.lower) && tells(m.upper))) ++decimals;
  return decimals;
}

std::string value_text(const MeasurementView& m) {
  if (!m.value) return m.no_measurement.empty() ? "not a number" : "no measurement";
  return m.unit == "%" ? signed_text(*m.value, decimals_for(m)) : fmt::format("{:.{}f}", *m.value, decimals_for(m));
}

std::string value_unit_text(const MeasurementView& m) {
  return m.value && !m.unit.empty() ? value_text(m) + ' ' + m.unit : value_text(m);
}

std::string limits_text(const MeasurementView& m) {
  const auto with_sign = [](double v) { return (v > 0 ? "+" : "") + short_text(v); };
  if (m.lower && m.upper)
    return *m.lower == -*m.upper ? "±" + short_text(*m.upper) : with_sign(*m.lower) + " … " + with_sign(*m.upper);
  if (m.upper) return "at most " + short_text(*m.upper);
  if (m.lower) return "at least " + short_text(*m.lower);
  return "none";
}

std::string words_of(const std::string& name) {
  auto words = name;
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string clock_text(std::int64_t bench_time_ns) {
  const auto ms = bench_time_ns / 1'000'000;
  const auto sign = ms < 0 ? "-" : "";
  const auto all = ms < 0 ? -ms : ms;
  return fmt::format("{}{}:{:02}:{:02}.{:03}", sign, all / 3'600'000, all / 60'000 % 60, all / 1000 % 60, all % 1000);
}

std::string duration_text(double seconds) {
  if (!(std::abs(seconds) < 1e12)) return "–";
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string verdict_word(Verdict verdict) {
  std::string word{name(verdict)};
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return word;
}

}  // namespace blondel
