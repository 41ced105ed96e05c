#include "references/standards/limit_table.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "references/csv_file.hpp"
#include "references/quantity_text.hpp"

namespace blondel {
namespace {

const std::vector<std::string> columns{"power_factor", "from",   "below", "limit_percent", "standard",
                                       "edition",      "clause", "load",  "mark",          "source"};
namespace column {
enum Column : std::size_t { power_factor, from, below, limit_percent, standard, edition, clause, load, mark, source };
}

const std::vector<std::string> known_marks{"V", "V*", "M", "m"};

/// 0.25 A of 5 A is 0.05 give or take the last bit, and stands at the breakpoint 0.05.
bool at_breakpoint(double ratio, double breakpoint) {
  return std::abs(ratio - breakpoint) <= 1e-9 * breakpoint;
}
bool below_breakpoint(double ratio, double breakpoint) {
  return ratio < breakpoint && !at_breakpoint(ratio, breakpoint);
}

double positive(const CsvFile& file, const CsvCell& cell) {
  const double value = value_or_throw(parse_number(cell.text, file.where(cell)));
  if (!(value > 0)) throw file.failure(cell, "expected a number above 0, found '" + cell.text + "'");
  return value;
}

std::string needed(const CsvFile& file, const CsvCell& cell, const char* noun) {
  if (cell.text.empty()) throw file.failure(cell, std::string{"every row names its "} + noun);
  return cell.text;
}

std::string one_of(const CsvFile& file, const CsvCell& cell, const std::vector<std::string>& words) {
  if (std::ranges::find(words, cell.text) != words.end()) return cell.text;
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "'" : ", '") + word + "'";
  throw file.failure(cell, "expected one of " + list + ", found '" + cell.text + "'");
}

LimitRow read_row(const CsvFile& file, const std::vector<CsvCell>& cells) {
  LimitRow row;
  row.line = cells[column::power_factor].line;
  row.power_factor =
      value_or_throw(parse_power_factor(cells[column::power_factor].text, file.where(cells[column::power_factor])));
  row.from = positive(file, cells[column::from]);
  if (cells[column::below].text != "Imax") {
    row.below = positive(file, cells[column::below]);
    if (*row.below <= row.from) throw file.failure(cells[column::below], "the row ends before it begins");
  }
  row.limit = percent(positive(file, cells[column::limit_percent]));
  row.standard = needed(file, cells[column::standard], "standard");
  row.edition = needed(file, cells[column::edition], "edition");
  row.clause = needed(file, cells[column::clause], "clause");
  row.mark = one_of(file, cells[column::mark], known_marks);
  row.source = needed(file, cells[column::source], "source");
  return row;
}

/// Where a row begins, seen from the row of the same power factor above it.
void check_continues(const CsvFile& file, const CsvCell& cell, const LimitRow& before, const LimitRow& row) {
  const auto above = fmt::format("the row of this power factor in line {}", before.line);
  if (!before.below) throw file.failure(cell, above + " reaches up to Imax already");
  if (row.from < *before.below)
    throw file.failure(cell, fmt::format("overlaps {}, which ends at {}", above, *before.below));
  if (row.from > *before.below)
    throw file.failure(cell, fmt::format("leaves a gap behind {}, which ends at {}", above, *before.below));
}

}  // namespace

LimitTable LimitTable::load(const std::string& path) {
  return from(CsvFile::load(path, CsvFile::Comments::hash));
}

LimitTable LimitTable::parse(const std::string& text, const std::string& name) {
  return from(CsvFile::parse(text, name, CsvFile::Comments::hash));
}

LimitTable LimitTable::from(const CsvFile& file) {
  file.expect_header(columns);
  if (file.rows().empty()) throw Failure{Fault::malformed, file.name(), "there is no limit in this table"};
  LimitTable table;
  table.file_ = file.name();
  for (const auto& cells : file.rows()) {
    auto row = read_row(file, cells);
    const auto kind = one_of(file, cells[column::load], {"balanced", "single-phase"});
    if (table.rows_.empty()) table.load_kind_ = kind;
    if (kind != table.load_kind_) throw file.failure(cells[column::load], "a table holds one kind of load");
    if (!table.rows_.empty() && row.standard != table.standard())
      throw file.failure(cells[column::standard], "a table holds one class of one standard");
    if (!table.rows_.empty() && row.edition != table.edition())
      throw file.failure(cells[column::edition], "a table holds one edition");
    const auto before = std::ranges::find_if(table.rows_.rbegin(), table.rows_.rend(), [&](const LimitRow& other) {
      return other.power_factor.same_as(row.power_factor);
    });
    if (before != table.rows_.rend()) check_continues(file, cells[column::from], *before, row);
    table.rows_.push_back(std::move(row));
  }
  return table;
}

std::optional<LimitRow> LimitTable::limit(const Condition& at) const {
  const auto covers = [&](const LimitRow& row) {
    if (!row.power_factor.same_as(at.power_factor) || below_breakpoint(at.ratio_to_in, row.from)) return false;
    if (row.below) return below_breakpoint(at.ratio_to_in, *row.below);
    return at.ratio_to_in <= at.imax_to_in || at_breakpoint(at.ratio_to_in, at.imax_to_in);
  };
  const auto found = std::ranges::find_if(rows_, covers);
  if (found == rows_.end()) return std::nullopt;
  return *found;
}

std::vector<std::string> LimitTable::marks() const {
  std::vector<std::string> all;
  for (const auto& m : known_marks)
    if (std::ranges::count(rows_, m, &LimitRow::mark) > 0) all.push_back(m);
  return all;
}

}  // namespace blondel
