#include "references/standards/table_checks.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

namespace blondel {
namespace {

[[noreturn]] void refuse(const LimitRow& row, std::string what) {
  throw Failure{Fault::malformed, row.where, std::move(what)};
}

bool reaches(const LimitRow& row, std::optional<double> imax) {
  constexpr double last_bits = 1e-9;
  if (!row.below) return true;
  return imax && row.with_end && *row.below >= *imax * (1 - last_bits);
}

/// Where a row begins, and at one end of its power factors.
Condition beginning(const LimitRow& row) {
  return {row.power_factor, row.from, std::numeric_limits<double>::infinity(), row.sine};
}

/// "0.5S" is 0.5; nothing of "A".
std::optional<double> index_of(const std::string& class_name) {
  double index{};
  const auto read = std::from_chars(class_name.data(), class_name.data() + class_name.size(), index);
  return read.ec == std::errc{} ? std::optional{index} : std::nullopt;
}

void check_tighter(const ClassTable& tight, const ClassTable& loose) {
  for (const auto* rows : {&tight.limits->rows(), &loose.limits->rows()})
    for (const auto& row : *rows) {
      const auto at = beginning(row);
      const auto own = tight.limits->limit(at), others = loose.limits->limit(at);
      if (own && others && own->limit > others->limit)
        refuse(*own,
               fmt::format("class {} has {:.6g} % at {} and {:.6g} of the rated current, looser than the {:.6g} % "
                           "of class {} at {}: expected at most that",
                           tight.class_name, in_percent(own->limit), show_factor(row), row.from,
                           in_percent(others->limit), loose.class_name, others->where));
    }
}

}  // namespace

void check_reaches_imax(const LimitTable& table, std::optional<double> imax, const std::set<std::string>& ended) {
  std::map<std::string, const LimitRow*> last;
  for (const auto& row : table.rows()) {
    const auto before = last.find(show_factor(row));
    if (before != last.end() && ended.contains(before->second->where))
      refuse(*before->second, fmt::format("is said to end the limits of {}, and another row goes on at {}",
                                          show_factor(row), row.where));
    last[show_factor(row)] = &row;
  }
  for (const auto& [factor, row] : last) {
    const bool said = ended.contains(row->where), there = reaches(*row, imax);
    if (said && there) refuse(*row, fmt::format("is said to end the limits of {}, but reaches Imax", factor));
    if (!said && !there)
      refuse(*row,
             fmt::format("{}, {} load: the limits of {} end here, at {:.6g} of the rated current; expected rows up "
                         "to Imax, or in this row why there are none above: 'ends: ...'",
                         row->standard, table.load_kind(), factor, *row->below));
  }
}

void check_no_row_left_out(const ClassTable& one, const ClassTable& other, bool explained) {
  if (explained || !other.limits) return;
  for (const auto& row : other.limits->rows()) {
    // A row that names both may begin at another current for each: at its own Imin, say.
    if (one.limits && std::ranges::count(one.limits->rows(), row.where, &LimitRow::where) > 0) continue;
    if (one.limits && one.limits->limit(beginning(row))) continue;
    refuse(row, fmt::format("class {} has no limit under {} load at {} and {:.6g} of the rated current, where class {} "
                            "has one; expected it in 'limits' here, or a line of 'not_covered' or 'left_open' that "
                            "names the class",
                            one.class_name, other.limits->load_kind(), show_factor(row), row.from, other.class_name));
  }
}

void check_order_of_classes(const std::vector<ClassTable>& tables) {
  for (const auto& tight : tables)
    for (const auto& loose : tables) {
      const auto smaller = index_of(tight.class_name), larger = index_of(loose.class_name);
      if (tight.limits && loose.limits && smaller && larger && *smaller < *larger) check_tighter(tight, loose);
    }
}

}  // namespace blondel
