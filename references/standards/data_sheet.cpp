#include "references/standards/data_sheet.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "references/data_folder.hpp"
#include "references/quantity_text.hpp"
#include "references/settings.hpp"

namespace blondel {
namespace {

/// A quotient that misses an end of a range by its last bits stands on it.
constexpr double last_bits = 1e-9;

bool meets(double a, double b) {
  return std::abs(a - b) <= last_bits * b;
}

std::filesystem::path sheets() {
  return data_folder() / "standards" / "data_sheets";
}

Provenance read_provenance(const Settings& row, const Settings& sources) {
  const auto mark = row.at("mark"), source = row.at("source");
  return {row.at("clause").text(), known_marks()[mark.one_of(known_marks())],
          sources.at(sources.keys()[source.one_of(sources.keys())]).text(), row.where()};
}

/// V line to neutral: "90 V" or "600 V line to line".
double read_voltage(const Settings& at) {
  constexpr std::string_view line_to_line = " line to line";
  auto text = at.text();
  if (!text.ends_with(line_to_line)) return at.voltage().si();
  text.resize(text.size() - line_to_line.size());
  return value_or_throw(parse_voltage(text, at.where())).si() / std::numbers::sqrt3;
}

DataSheet::Statement read_statement(const Settings& row, const Settings& sources) {
  DataSheet::Statement s;
  const bool voltage = row.at("quantity").one_of({"voltage", "current"}) == 0;
  s.quantity = voltage ? "voltage" : "current";
  const auto from = row.at("from"), to = row.at("to");
  s.lowest = voltage ? read_voltage(from) : from.ratio().si();
  s.highest = voltage ? read_voltage(to) : to.ratio().si();
  if (!(s.lowest > 0)) throw from.failure("expected a value above 0");
  if (!(s.highest > s.lowest)) throw to.failure("the range ends before it begins");
  s.range = row.at("range").text();
  s.limit = row.at("limit").ratio();
  if (!(s.limit.si() > 0)) throw row.at("limit").failure("expected a limit above 0");
  s.per_kelvin = row.at("per_kelvin").ratio();
  if (!(s.per_kelvin.si() >= 0)) throw row.at("per_kelvin").failure("expected no less than 0");
  s.reference = row.at("reference").temperature();
  s.coldest = row.at("coldest").temperature();
  s.warmest = row.at("warmest").temperature();
  if (!(s.coldest <= s.reference && s.reference <= s.warmest))
    throw row.at("reference").failure("expected a temperature between coldest and warmest");
  s.from = read_provenance(row, sources);
  row.finish();
  return s;
}

}  // namespace

DataSheet DataSheet::load(const std::string& path) {
  const auto file = Settings::load(path);
  DataSheet sheet;
  sheet.file_ = path;
  sheet.meter_ = file.at("data_sheet").text();
  sheet.edition_ = file.at("edition").text();
  const auto sources = file.at("sources");
  for (const auto& row : file.at("classes").items()) {
    sheet.classes_.push_back({row.at("quantity").text(), row.at("standard").text(), read_provenance(row, sources)});
    row.finish();
  }
  for (const auto& row : file.at("statements").items()) {
    const auto s = read_statement(row, sources);
    const auto before = std::ranges::find_if(sheet.statements_.rbegin(), sheet.statements_.rend(),
                                             [&](const Statement& other) { return other.quantity == s.quantity; });
    if (before != sheet.statements_.rend() && !meets(before->highest, s.lowest))
      throw row.at("from").failure(fmt::format("{} the range of {} at {}",
                                               before->highest < s.lowest ? "leaves a gap behind" : "overlaps",
                                               s.quantity, before->from.where));
    sheet.statements_.push_back(s);
  }
  for (const auto& row : file.at("not_covered").items()) {
    sheet.not_covered_.push_back({row.at("what").text(), row.at("why").text()});
    row.finish();
  }
  file.finish();
  return sheet;
}

std::vector<DataSheet> DataSheet::ours() {
  const auto folder = sheets();
  std::error_code problem;
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator{folder, problem})
    if (file.path().extension() == ".yaml") files.push_back(file.path());
  if (problem) throw Failure{Fault::malformed, folder.string(), "cannot be read: " + problem.message()};
  std::ranges::sort(files);
  std::vector<DataSheet> all;
  for (const auto& file : files) all.push_back(load(file.string()));
  return all;
}

const DataSheet& DataSheet::series_4000_k() {
  static const auto sheet = load((sheets() / "series_4000_k.yaml").string());
  return sheet;
}

std::optional<Ratio> DataSheet::tolerance(const std::string& quantity, double value, Temperature ambient) const {
  const Statement* found = nullptr;
  for (const auto& s : statements_)
    if (s.quantity == quantity && value >= s.lowest * (1 - last_bits) && value <= s.highest * (1 + last_bits))
      found = &s;
  if (!found || !(ambient >= found->coldest && ambient <= found->warmest)) return std::nullopt;
  return found->limit + found->per_kelvin * std::abs(ambient.si() - found->reference.si());
}

}  // namespace blondel
