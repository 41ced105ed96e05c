#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "references/quantity_text.hpp"
#include "rig/class_test/schedule.hpp"

namespace blondel {

namespace {

/// "1/5 of the limit" -> 0.2
std::optional<double> share_in(const std::string& text) {
  const std::string tail = " of the limit";
  if (!text.ends_with(tail)) return std::nullopt;
  const char* const begin = text.data();
  const char* const end = begin + text.size() - tail.size();
  double share{}, by = 1;
  auto [rest, error] = std::from_chars(begin, end, share);
  if (error != std::errc{}) return std::nullopt;
  if (rest != end && *rest == '/') {
    const auto divisor = std::from_chars(rest + 1, end, by);
    if (divisor.ec != std::errc{}) return std::nullopt;
    rest = divisor.ptr;
  }
  share /= by;
  if (rest != end || !std::isfinite(share)) return std::nullopt;
  return share;
}

}  // namespace

TimeSettings TimeSettings::of(const Settings& step) {
  TimeSettings settings;
  const bool has_window = step.has("window");
  settings.kind = has_window ? Kind::given : Kind::adaptive;
  if (const auto time = step.find("time")) {
    settings.kind = std::array{Kind::given, Kind::fixed, Kind::adaptive}[time->one_of({"given", "fixed", "adaptive"})];
    if (has_window && settings.kind != Kind::given)
      throw step.at("window").failure("expected no window where the time follows from the uncertainty");
  }
  const auto wanted = step.find("uncertainty");
  if (settings.kind == Kind::given) {
    for (const char* key : {"uncertainty", "early_risk", "expected_error"})
      if (const auto unused = step.find(key))
        throw unused->failure("expected it only where the time is fixed by the uncertainty, or adaptive");
    return settings;
  }
  settings.share_of_limit = 0.2;
  if (wanted) {
    settings.share_of_limit = share_in(wanted->text());
    if (!settings.share_of_limit) settings.percent = in_percent(wanted->ratio());
    const double value = settings.share_of_limit.value_or(settings.percent.value_or(0));
    if (!(value > 0 && value <= 1))
      throw wanted->failure(
          "expected an expanded uncertainty such as '1/5 of the limit' or '0.05 %', above 0 and at "
          "most the limit or 1 %");
  }
  if (const auto risk = step.find("early_risk")) {
    settings.early_risk = risk->ratio().si();
    if (!(settings.early_risk > 0 && settings.early_risk <= 0.5)) throw risk->failure("expected above 0 to 50 %");
  }
  if (const auto error = step.find("expected_error")) {
    settings.expected_error = in_percent(error->ratio());
    if (!(*settings.expected_error >= 0 && *settings.expected_error <= 100))
      throw error->failure("expected 0 to 100 %");
  }
  return settings;
}

std::optional<double> TimeSettings::wanted(double limit_percent) const {
  if (percent) return percent;
  if (share_of_limit) return *share_of_limit * limit_percent;
  return std::nullopt;
}

}  // namespace blondel
