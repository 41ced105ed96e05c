#include "references/register_maps/register_map.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "references/csv_file.hpp"
#include "references/nearest_name.hpp"
#include "references/quantity_text.hpp"

namespace blondel {
namespace {

const std::vector<std::string> columns{"register",
                                       "address",
                                       "words",
                                       "name",
                                       "access",
                                       "nv",
                                       "format",
                                       "unit",
                                       "scale",
                                       "min",
                                       "max",
                                       "default",
                                       "integer_or_float_twin",
                                       "min_firmware",
                                       "valid_in_system_types",
                                       "note",
                                       "provenance"};
namespace column {
enum Column : std::size_t {
  number,
  address,
  words,
  name,
  access,
  nv,
  format,
  unit,
  scale,
  minimum,
  maximum,
  default_value,
  twin,
  min_firmware,
  types,
  note,
  provenance
};
}  // namespace column

using Row = std::vector<CsvCell>;

/// A point with the row it came from, for messages about how points fit together.
struct Placed {
  RegisterPoint point;
  const Row* row;
};

int whole(const CsvFile& file, const CsvCell& cell, int least, int most) {
  const auto value = value_or_throw(parse_integer(cell.text, file.where(cell)));
  if (value < least || value > most)
    throw file.failure(cell, fmt::format("expected a whole number from {} to {}, found {}", least, most, value));
  return static_cast<int>(value);
}

template <class Meaning>
Meaning word(const CsvFile& file, const CsvCell& cell, const std::map<std::string, Meaning>& words) {
  if (const auto found = words.find(cell.text); found != words.end()) return found->second;
  std::string list;
  for (const auto& [known, meaning] : words) list += (list.empty() ? "'" : ", '") + known + "'";
  throw file.failure(cell, "expected one of " + list + ", found '" + cell.text + "'");
}

double largest(RegisterFormat f) {
  switch (f) {
    case RegisterFormat::uint16: return 65535;
    case RegisterFormat::sint16: return 32767;
    case RegisterFormat::uint32: return 4294967295.0;
    case RegisterFormat::float32: return static_cast<double>(std::numeric_limits<float>::max());
  }
  return 0;
}
double smallest(RegisterFormat f) {
  switch (f) {
    case RegisterFormat::sint16: return -32768;
    case RegisterFormat::float32: return -largest(f);
    default: return 0;
  }
}

std::optional<double> raw(const CsvFile& file, const CsvCell& cell, RegisterFormat f) {
  if (cell.text.empty()) return std::nullopt;
  const double value = value_or_throw(parse_number(cell.text, file.where(cell)));
  const bool integer = f != RegisterFormat::float32;
  if (value < smallest(f) || value > largest(f) || (integer && value != std::trunc(value)))
    throw file.failure(cell, fmt::format("{} cannot hold '{}'", name(f), cell.text));
  return value;
}

std::string snake_case_name(const CsvFile& file, const CsvCell& cell) {
  const auto& text = cell.text;
  if (text.empty() || text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
    throw file.failure(cell, "expected a name in small letters, digits and '_', found '" + text + "'");
  return text;
}

/// ">1.018" is 1018.
int firmware(const CsvFile& file, const CsvCell& cell) {
  if (cell.text.empty()) return 0;
  if (!cell.text.starts_with('>'))
    throw file.failure(cell, "expected a version such as '>1.018', found '" + cell.text + "'");
  const double version = value_or_throw(parse_number(cell.text.substr(1), file.where(cell)));
  const double thousandths = std::round(version * 1000);
  if (version <= 0 || version > 65.535 || std::abs(version * 1000 - thousandths) > 1e-6)
    throw file.failure(cell, "expected a version such as '>1.018', found '" + cell.text + "'");
  return static_cast<int>(thousandths);
}

std::vector<int> system_types(const CsvFile& file, const CsvCell& cell) {
  std::vector<int> all;
  for (std::size_t at = 0; at < cell.text.size();) {
    const auto end = std::min(cell.text.find(' ', at), cell.text.size());
    const CsvCell one{cell.text.substr(at, end - at), cell.line, cell.column + static_cast<int>(at)};
    all.push_back(whole(file, one, 1, 65535));
    if (std::ranges::count(all, all.back()) > 1) throw file.failure(one, "system type " + one.text + " stands twice");
    at = end == cell.text.size() ? end : end + 1;
  }
  return all;
}

RegisterPoint point(const CsvFile& file, const Row& row) {
  static const std::map<std::string, RegisterFormat> formats{{"uint16", RegisterFormat::uint16},
                                                             {"sint16", RegisterFormat::sint16},
                                                             {"uint32", RegisterFormat::uint32},
                                                             {"float32", RegisterFormat::float32}};
  static const std::map<std::string, RegisterScale> scales{{"none", RegisterScale::none},
                                                           {"I", RegisterScale::current},
                                                           {"V", RegisterScale::voltage},
                                                           {"W", RegisterScale::power},
                                                           {"E", RegisterScale::energy}};
  RegisterPoint p;
  p.number = whole(file, row[column::number], 1, 65536);
  p.address = whole(file, row[column::address], 0, 65535);
  if (p.address != p.number - 1)
    throw file.failure(row[column::address],
                       fmt::format("register {} has the address {}, not {}", p.number, p.number - 1, p.address));
  p.words = whole(file, row[column::words], 1, 65536 - p.address);
  p.name = snake_case_name(file, row[column::name]);
  const auto rights = word<int>(file, row[column::access], {{"R", 1}, {"W", 2}, {"RW", 3}});
  p.readable = rights & 1;
  p.writable = rights & 2;
  p.non_volatile = word<bool>(file, row[column::nv], {{"Y", true}, {"N", false}});
  p.format = word(file, row[column::format], formats);
  if (p.words % width(p.format) != 0)
    throw file.failure(row[column::words], fmt::format("{} words do not fit {}", p.words, name(p.format)));
  p.unit = row[column::unit].text;
  if (const auto named = scales.find(row[column::scale].text); named != scales.end()) {
    p.scale = named->second;
  } else {
    const auto factor = parse_number(row[column::scale].text, file.where(row[column::scale]));
    if (!factor || *factor <= 0)
      throw file.failure(row[column::scale], "expected 'none', 'I', 'V', 'W', 'E' or a factor such as 0.01, found '" +
                                                 row[column::scale].text + "'");
    p.scale = RegisterScale::fixed;
    p.factor = *factor;
  }
  if (p.scale != RegisterScale::none && p.format == RegisterFormat::float32)
    throw file.failure(row[column::scale], "a float is never scaled");
  p.minimum = raw(file, row[column::minimum], p.format);
  p.maximum = raw(file, row[column::maximum], p.format);
  p.factory_default = raw(file, row[column::default_value], p.format);
  if (p.minimum && p.maximum && *p.minimum > *p.maximum)
    throw file.failure(row[column::minimum], "the minimum is above the maximum");
  if (!row[column::twin].text.empty()) p.twin = whole(file, row[column::twin], 1, 65536);
  p.after_firmware = firmware(file, row[column::min_firmware]);
  p.system_types = system_types(file, row[column::types]);
  p.note = row[column::note].text;
  p.provenance = row[column::provenance].text;
  if (p.provenance.empty()) throw file.failure(row[column::provenance], "every row says where it comes from");
  return p;
}

void check_names(const CsvFile& file, const std::vector<Placed>& all) {
  std::map<std::string, int> line_of;
  for (const auto& [p, row] : all) {
    const auto [first, added] = line_of.emplace(p.name, (*row)[column::name].line);
    if (!added)
      throw file.failure((*row)[column::name], fmt::format("'{}' stands in line {} already", p.name, first->second));
  }
}

void check_overlaps(const CsvFile& file, const std::vector<Placed>& sorted) {
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const auto& before = sorted[i - 1].point;
    if (before.number + before.words > sorted[i].point.number)
      throw file.failure((*sorted[i].row)[column::number],
                         fmt::format("register {} is part of '{}' ({} words from {})", sorted[i].point.number,
                                     before.name, before.words, before.number));
  }
}

/// An integer's twin is a float and the other way round, and they name each other. A float that repeats another
/// (259 tells what 257 tells) names the same integer, whose own twin is the first of them.
void check_twins(const CsvFile& file, const std::vector<Placed>& all) {
  std::map<int, const RegisterPoint*> by_number;
  for (const auto& placed : all) by_number[placed.point.number] = &placed.point;
  for (const auto& [p, row] : all) {
    if (!p.twin) continue;
    const auto& cell = (*row)[column::twin];
    const auto other = by_number.find(*p.twin);
    if (other == by_number.end()) throw file.failure(cell, fmt::format("no point begins at {}", *p.twin));
    const auto& q = *other->second;
    if ((p.format == RegisterFormat::float32) == (q.format == RegisterFormat::float32))
      throw file.failure(cell, fmt::format("'{}' and '{}' are both {}", p.name, q.name,
                                           p.format == RegisterFormat::float32 ? "floats" : "integers"));
    const auto back = q.twin ? by_number.find(*q.twin) : by_number.end();
    const bool mutual = back != by_number.end() && back->second->number == p.number;
    const bool repeats = back != by_number.end() && p.format == RegisterFormat::float32 &&
                         back->second->format == RegisterFormat::float32 && back->second->twin == q.number;
    if (!mutual && !repeats)
      throw file.failure(cell, fmt::format("'{}' does not name '{}' as its twin", q.name, p.name));
  }
}

}  // namespace

bool RegisterPoint::valid_in(int system_type) const {
  return std::ranges::find(system_types, system_type) != system_types.end();
}

int width(RegisterFormat f) {
  return f == RegisterFormat::uint32 || f == RegisterFormat::float32 ? 2 : 1;
}

std::string_view name(RegisterFormat f) {
  switch (f) {
    case RegisterFormat::uint16: return "uint16";
    case RegisterFormat::sint16: return "sint16";
    case RegisterFormat::uint32: return "uint32";
    case RegisterFormat::float32: return "float32";
  }
  return "unknown";
}

RegisterMap RegisterMap::load(const std::string& path) {
  const auto file = CsvFile::load(path, CsvFile::Comments::none);
  return from(file);
}

RegisterMap RegisterMap::parse(const std::string& text, const std::string& name) {
  const auto file = CsvFile::parse(text, name, CsvFile::Comments::none);
  return from(file);
}

RegisterMap RegisterMap::from(const CsvFile& file) {
  file.expect_header(columns);
  if (file.rows().empty()) throw Failure{Fault::malformed, file.name(), "there is no point in this map"};
  std::vector<Placed> all;
  for (const auto& row : file.rows()) all.push_back({point(file, row), &row});
  check_names(file, all);
  std::ranges::stable_sort(all, {}, [](const Placed& p) { return p.point.number; });
  check_overlaps(file, all);
  check_twins(file, all);
  RegisterMap map;
  map.file_ = file.name();
  for (auto& placed : all) map.points_.push_back(std::move(placed.point));
  return map;
}

const RegisterPoint* RegisterMap::find(const std::string& name) const {
  const auto found = std::ranges::find(points_, name, &RegisterPoint::name);
  return found == points_.end() ? nullptr : &*found;
}

const RegisterPoint* RegisterMap::find(int number) const {
  const auto found = std::ranges::lower_bound(points_, number, {}, &RegisterPoint::number);
  return found == points_.end() || found->number != number ? nullptr : &*found;
}

const RegisterPoint& RegisterMap::at(const std::string& name) const {
  if (const auto* found = find(name)) return *found;
  std::vector<std::string> known;
  for (const auto& p : points_) known.push_back(p.name);
  throw Failure{Fault::malformed, file_, "this map has no point '" + name + "'" + hint(name, known)};
}

}  // namespace blondel
