#include "rig/class_test/claimed_class.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/standards/load_points.hpp"
#include "references/standards/standard_list.hpp"
#include "rig/class_test/imax_setting.hpp"

namespace blondel {

namespace {

/// The words of `recollected_limits`, for a class or for all of a step.
void read_recollected(const Settings& at, ClaimedClass& into) {
  const auto recollected = at.find("recollected_limits");
  if (!recollected) return;
  into.recollection_decides = recollected->one_of({"inform", "decide"}) == 1;
  into.recollection_told = true;
}

ClaimedClass read_class(const Settings& at, const Settings& step) {
  const auto name = at.at("standard");
  std::optional<std::string> edition;
  if (const auto year = at.find("edition")) edition = year->text();
  const auto found = StandardList::ours().find(name.text(), edition, name.where());
  ClaimedClass claimed;
  claimed.standard = found.standard;
  claimed.class_name = found.class_name;
  claimed.where = name.where();
  read_recollected(step, claimed);
  read_recollected(at, claimed);
  if (const auto connection = at.find("connection")) {
    claimed.connection = connection->text();
    if (!claimed.standard->connection(claimed.class_name, claimed.connection)) {
      std::string known;
      for (const auto& column : claimed.standard->connections())
        if (claimed.standard->connection(claimed.class_name, column.name))
          known += (known.empty() ? "" : ", ") + column.name;
      throw connection->failure(
          fmt::format("{} has no connection '{}'; expected one of: {}", claimed.name(), claimed.connection, known));
    }
  }
  const auto* column = claimed.standard->connection(claimed.class_name, claimed.connection);
  if (column && column->imax) claimed.imax_to_in = *column->imax;
  if (const auto imax = at.find("imax"); imax && column)
    claimed.imax_to_in = read_imax(*imax, *column, claimed.class_name);
  return claimed;
}

void require_one_energy(const std::vector<ClaimedClass>& all) {
  for (const auto& claimed : all) {
    if (claimed.standard->energy() != all.front().standard->energy())
      throw Failure{Fault::malformed, claimed.where,
                    fmt::format("expected classes of one kind of energy in a step; {} is not about that of {}",
                                claimed.name(), all.front().name())};
    const auto same = std::ranges::count_if(all, [&](const ClaimedClass& c) { return c.same_as(claimed); });
    if (same > 1)
      throw Failure{
          Fault::malformed, claimed.where,
          fmt::format("expected a class once; {} of {} stands twice", claimed.name(), claimed.standard->edition())};
  }
}

}  // namespace

std::string why_informative(const ClaimedClass& claimed, const std::string& mark) {
  if (!claimed.informative.empty()) return claimed.informative;
  if (mark == "m" && !claimed.recollection_decides)
    return "the limit is known from recollection only (mark m) and decides nothing";
  return {};
}

std::optional<std::string> undecided(const ClaimedClass& claimed, bool something_decides, const std::string& why) {
  if (something_decides || !claimed.informative.empty() || claimed.recollection_told) return std::nullopt;
  return fmt::format(
      "nothing here decides whether a meter conforms to {} of {}: {}; expected 'recollected_limits: decide', or that "
      "nothing shall be decided: 'recollected_limits: inform' or 'claimed: false'",
      claimed.name(), claimed.standard->edition(), why);
}

std::optional<PointClaim> claim_at(const ClaimedClass& claimed, const ClassPoint& point) {
  if (claimed.standard->energy() != point.energy) return std::nullopt;
  const auto table = claimed.standard->class_limits(
      claimed.class_name, point.element == 0 ? "balanced" : "single-phase", claimed.connection);
  if (!table) return std::nullopt;
  Condition at;
  at.ratio_to_in = point.current_ratio;
  at.imax_to_in = claimed.imax_to_in;
  if (point.energy == MeteredEnergy::reactive)
    at.sine = std::abs(std::sin(point.lag.si()));
  else if (const auto factor = PowerFactor::of_lag(point.lag))
    at.power_factor = *factor;
  else
    return std::nullopt;
  const auto limit = table->limit(at);
  if (!limit) return std::nullopt;
  return PointClaim{&claimed, *limit, why_informative(claimed, limit->mark)};
}

std::vector<ClassPoint> points_of(const ClaimedClass& claimed, int elements, bool on_request) {
  std::vector<ClassPoint> points;
  for (const auto& nominal :
       load_points(*claimed.standard, claimed.class_name, claimed.imax_to_in, claimed.connection, elements))
    if (on_request || !nominal.on_request)
      points.push_back({claimed.standard->energy(), nominal.ratio_to_in, nominal.lag, nominal.element});
  return points;
}

std::vector<ClaimedClass> read_claimed_classes(const Settings& step) {
  std::vector<ClaimedClass> all;
  if (const auto list = step.find("standards")) {
    if (step.has("standard")) throw list->failure("expected either standard or standards");
    for (const auto& item : list->items()) {
      auto claimed = read_class(item, step);
      if (const auto claims = item.find("claimed"); claims && !claims->boolean())
        claimed.informative = "a neighbouring class that the meter does not claim";
      item.finish();
      all.push_back(std::move(claimed));
    }
    if (all.empty()) throw list->failure("expected at least one standard");
  } else {
    all.push_back(read_class(step, step));
  }
  require_one_energy(all);
  return all;
}

}  // namespace blondel
