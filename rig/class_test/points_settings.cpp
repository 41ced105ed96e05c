#include "rig/class_test/points_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "references/quantity_text.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

namespace {

/// "1 ind", "0.5 cap": the sine of the lag and its side.
Angle read_sine(const Settings& at) {
  const auto text = at.text();
  const auto factor = parse_power_factor(text == "1 ind" || text == "1 cap" ? "1" : text, at.where());
  if (!factor || text == "1") throw at.failure("expected a sine such as '1 ind' or '0.5 cap', found '" + text + "'");
  const double lag = factor->cosine >= 1 ? std::numbers::pi / 2 : std::asin(factor->cosine);
  return Angle{text.ends_with("cap") ? -lag : lag};
}

std::string names_of(const std::vector<ClaimedClass>& classes) {
  std::string names;
  for (const auto& c : classes) names += (names.empty() ? "" : " and ") + c.name();
  return names;
}

ClassPoint read_point(const Settings& at, const std::vector<ClaimedClass>& classes) {
  ClassPoint point;
  point.energy = classes.front().standard->energy();
  point.current_ratio = read_current_ratio(at.at("current"));
  if (point.energy == MeteredEnergy::reactive) {
    point.lag = read_sine(at.at("sine"));
  } else {
    const auto factor = at.at("power_factor");
    point.lag = value_or_throw(parse_power_factor(factor.text(), factor.where())).lag();
  }
  if (const auto element = at.find("element")) {
    if (element->integer() < 1 || element->integer() > 3) throw element->failure("expected 1, 2 or 3");
    point.element = static_cast<int>(element->integer());
  }
  at.finish();
  if (std::ranges::none_of(classes, [&](const ClaimedClass& c) { return claim_at(c, point).has_value(); }))
    throw at.failure(fmt::format("{} sets no limit at {} In and {} {}{}", names_of(classes), point.current_ratio,
                                 point.energy == MeteredEnergy::active ? "power factor" : "reactive load",
                                 point.factor(), point.element == 0 ? "" : ", " + point.load()));
  return point;
}

}  // namespace

PointsSettings PointsSettings::of(const Settings& step, const std::vector<ClaimedClass>& classes) {
  PointsSettings settings;
  const auto at = step.at("points");
  settings.where_ = at.where();
  if (at.is_scalar()) {
    const auto which = at.one_of({"all", "all and on request", "balanced"});
    settings.by_the_standard_ = classes;
    settings.on_request_ = which == 1;
    settings.balanced_only_ = which == 2;
  } else {
    for (const auto& item : at.items()) settings.listed_.push_back({read_point(item, classes), item.where()});
    if (settings.listed_.empty()) throw at.failure("expected at least one point");
  }
  settings.cheapest_order_ = settings.by_the_standard();
  if (const auto order = step.find("order")) settings.cheapest_order_ = order->one_of({"cheapest", "as written"}) == 0;
  return settings;
}

std::vector<PointsSettings::Wanted> PointsSettings::points(int elements) const {
  std::vector<Wanted> wanted = listed_;
  for (const auto& one : listed_)
    if (one.point.element > elements)
      throw Failure{
          Fault::malformed, one.where,
          fmt::format("the wiring of the bench has {}; expected no element {}",
                      elements == 0 ? "no element that carries current alone" : fmt::format("{} elements", elements),
                      one.point.element)};
  for (const auto& claimed : by_the_standard_)
    for (const auto& point : points_of(claimed, balanced_only_ ? 0 : elements, on_request_))
      if (std::ranges::none_of(wanted, [&](const Wanted& w) { return w.point.same_as(point); }))
        wanted.push_back({point, where_});
  return wanted;
}

}  // namespace blondel
