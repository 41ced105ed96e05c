#include "references/standards/limit_table.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace blondel {
namespace {

constexpr double last_bits = 1e-9;

/// 0.25 A of 5 A is 0.05 give or take the last bit, and stands at the breakpoint 0.05.
bool at_breakpoint(double ratio, double breakpoint) {
  return std::abs(ratio - breakpoint) <= last_bits * breakpoint;
}
bool below_breakpoint(double ratio, double breakpoint) {
  return ratio < breakpoint && !at_breakpoint(ratio, breakpoint);
}

bool same_factor(const LimitRow& a, const LimitRow& b) {
  if (a.sine.has_value() != b.sine.has_value() || a.through.has_value() != b.through.has_value()) return false;
  if (a.sine) return std::abs(*a.sine - *b.sine) <= last_bits;
  return a.power_factor.same_as(b.power_factor) && (!a.through || a.through->same_as(*b.through));
}

bool at_factor(const LimitRow& row, const Condition& at) {
  if (row.sine.has_value() != at.sine.has_value()) return false;
  return row.sine ? std::abs(*row.sine - *at.sine) <= last_bits : row.power_factor.same_as(at.power_factor);
}

bool within_factors(const LimitRow& row, const Condition& at) {
  if (!row.through || at.sine) return false;
  using Side = PowerFactor::Side;
  if (at.power_factor.side == Side::unity) return true;
  const auto& end = at.power_factor.side == row.power_factor.side ? row.power_factor : *row.through;
  return at.power_factor.side == end.side && at.power_factor.cosine >= end.cosine - last_bits;
}

bool at_current(const LimitRow& row, const Condition& at) {
  if (below_breakpoint(at.ratio_to_in, row.from)) return false;
  if (!row.below) return at.ratio_to_in <= at.imax_to_in || at_breakpoint(at.ratio_to_in, at.imax_to_in);
  if (row.with_end) return at.ratio_to_in <= *row.below || at_breakpoint(at.ratio_to_in, *row.below);
  return below_breakpoint(at.ratio_to_in, *row.below);
}

[[noreturn]] void refuse(const LimitRow& row, std::string what) {
  throw Failure{Fault::malformed, row.where, std::move(what)};
}

void check_row(const LimitRow& row) {
  if (!(row.limit.si() > 0) || !std::isfinite(row.limit.si())) refuse(row, "expected a limit above 0");
  if (!(row.from > 0)) refuse(row, "expected a current above 0");
  if (row.below && (row.with_end ? *row.below < row.from : *row.below <= row.from))
    refuse(row, "the row ends before it begins");
}

/// Where a row begins, seen from the row of the same power factor above it.
void check_continues(const LimitRow& before, const LimitRow& row) {
  const auto above = fmt::format("the row of {} at {}", show_factor(row), before.where);
  if (!before.below) refuse(row, above + " reaches up to Imax already");
  if (before.with_end ? !below_breakpoint(*before.below, row.from) : below_breakpoint(row.from, *before.below))
    refuse(row, fmt::format("overlaps {}, which ends at {}", above, *before.below));
  if (!before.with_end && below_breakpoint(*before.below, row.from))
    refuse(row, fmt::format("leaves a gap behind {}, which ends at {}", above, *before.below));
}

}  // namespace

bool LimitRow::same_row(const LimitRow& other) const {
  return standard == other.standard && edition == other.edition && where == other.where && from == other.from &&
         same_factor(*this, other);
}

LimitTable::LimitTable(std::vector<LimitRow> rows, std::string load_kind, std::string file)
    : file_{std::move(file)}, load_kind_{std::move(load_kind)}, rows_{std::move(rows)} {
  if (rows_.empty()) throw Failure{Fault::malformed, file_, "there is no limit in this table"};
  for (auto row = rows_.begin(); row != rows_.end(); ++row) {
    check_row(*row);
    const auto before = std::find_if(std::make_reverse_iterator(row), rows_.rend(),
                                     [&](const LimitRow& other) { return same_factor(other, *row); });
    if (before != rows_.rend()) check_continues(*before, *row);
  }
}

std::optional<LimitRow> LimitTable::limit(const Condition& at) const {
  if (!std::isfinite(at.ratio_to_in)) return std::nullopt;
  auto found = std::ranges::find_if(
      rows_, [&](const LimitRow& row) { return !row.through && at_factor(row, at) && at_current(row, at); });
  if (found == rows_.end())
    found = std::ranges::find_if(rows_,
                                 [&](const LimitRow& row) { return within_factors(row, at) && at_current(row, at); });
  if (found == rows_.end()) return std::nullopt;
  auto row = *found;
  if (row.grows_below) row.limit = row.limit * (*row.grows_below / at.ratio_to_in);
  return row;
}

std::vector<std::string> LimitTable::marks() const {
  std::vector<std::string> all;
  for (const auto& m : known_marks())
    if (std::ranges::count(rows_, m, &LimitRow::mark) > 0) all.push_back(m);
  return all;
}

std::string show_factor(const LimitRow& row) {
  if (row.sine) return fmt::format("sin {:.6g}", *row.sine);
  if (row.through) return show(row.power_factor) + " to " + show(*row.through);
  return show(row.power_factor);
}

}  // namespace blondel
