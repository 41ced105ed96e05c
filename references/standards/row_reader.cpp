#include "references/standards/row_reader.hpp"

#include <algorithm>
#include <utility>

#include "references/nearest_name.hpp"

namespace blondel {
namespace {

/// The keys of a map by class (or connection) must be such.
void check_keys(const Settings& map, const std::vector<std::string>& known, const char* noun) {
  for (const auto& key : map.keys()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    throw map.at(key).failure(fmt::format("'{}' is no {} of this file{}; there are: {}", key, noun, hint(key, known),
                                          fmt::join(known, ", ")));
  }
}

std::vector<std::string> names(const std::vector<CurrentColumn>& all) {
  std::vector<std::string> found;
  for (const auto& one : all) found.push_back(one.name);
  return found;
}

FactorCell read_power_factor(const Settings& at) {
  FactorCell cell;
  cell.text = at.text();
  const auto to = cell.text.find(" to ");
  cell.power_factor = value_or_throw(parse_power_factor(cell.text.substr(0, to), at.where()));
  if (to == std::string::npos) return cell;
  cell.through = value_or_throw(parse_power_factor(cell.text.substr(to + 4), at.where()));
  if (cell.power_factor->side != PowerFactor::Side::inductive || cell.through->side != PowerFactor::Side::capacitive)
    throw at.failure("a range of power factors goes from an inductive over unity to a capacitive one");
  return cell;
}

FactorCell read_sine(const Settings& at) {
  FactorCell cell;
  cell.sine = at.number();
  if (!(*cell.sine > 0 && *cell.sine <= 1)) throw at.failure("expected a sine above 0 and at most 1");
  cell.text = fmt::format("sin {:.6g}", *cell.sine);
  return cell;
}

}  // namespace

const CurrentColumn* RowWords::find(const std::string& connection) const {
  const auto found = std::ranges::find(connections, connection, &CurrentColumn::name);
  return found == connections.end() ? nullptr : &*found;
}

bool yes_or_no(const Settings& at) {
  return at.one_of({"yes", "no"}) == 0;
}

RowReader::RowReader(const Settings& row, const RowWords& words, std::string section)
    : row_{row}, words_{words}, section_{std::move(section)} {
  if (const auto name = row_.find("connection")) name->one_of(names(words_.connections));
}

std::optional<Settings> RowReader::cell(const std::string& key, const std::string& class_name) const {
  const auto value = row_.find(key);
  if (!value || !value->is_map()) return value;
  check_keys(*value, words_.classes, "class");
  return value->find(class_name);
}

Settings RowReader::needed(const std::string& key, const std::string& class_name) const {
  const auto found = cell(key, class_name);
  if (found) return *found;
  const auto whole = row_.at(key);
  throw whole.failure(fmt::format("'{}' says nothing about class {}", key, class_name));
}

std::vector<FactorCell> RowReader::factors() const {
  const auto power_factor = row_.find("power_factor"), sine = row_.find("sine");
  if (power_factor && sine) throw sine->failure("a row has a power factor or a sine, not both");
  const auto& written = power_factor ? power_factor : sine;
  if (!written) return {FactorCell{}};
  std::vector<FactorCell> all;
  const auto take = [&](const Settings& at) { all.push_back(power_factor ? read_power_factor(at) : read_sine(at)); };
  if (written->is_sequence())
    for (const auto& one : written->items()) take(one);
  else
    take(*written);
  if (all.empty()) throw written->failure("expected at least one");
  return all;
}

std::optional<std::pair<CurrentSpan, Settings>> RowReader::currents(const std::string& connection) const {
  auto written = row_.find("currents");
  if (written && written->is_map()) {
    check_keys(*written, names(words_.connections), "connection");
    written = written->find(connection);
  }
  if (!written) return std::nullopt;
  return std::pair{value_or_throw(parse_current_span(written->text(), written->where())), *written};
}

bool RowReader::on_request() const {
  const auto written = row_.find("on_request");
  return written && yes_or_no(*written);
}

bool RowReader::speaks_of(const CurrentColumn& connection) const {
  if (const auto one = row_.find("connection")) return one->text() == connection.name;
  if (const auto map = row_.find("currents"); map && map->is_map()) return map->has(connection.name);
  return true;
}

Provenance RowReader::provenance(const std::string& class_name) const {
  Provenance p;
  p.clause = row_.at("clause").text();
  const auto mark = needed("mark", class_name);
  p.mark = known_marks()[mark.one_of(known_marks())];
  const auto source = needed("source", class_name);
  std::vector<std::string> known;
  for (const auto& [name, words] : words_.sources) known.push_back(name);
  p.source = words_.sources[source.one_of(known)].second;
  p.where = row_.where();
  return p;
}

std::vector<std::string> RowReader::classes_of(const std::string& key) const {
  std::vector<std::string> found;
  for (const auto& name : words_.classes)
    if (!row_.has(key) || cell(key, name)) found.push_back(name);
  return found;
}

StandardRow RowReader::read(const std::string& key, const std::string& item, const Printed& printed,
                            const Each& each) const {
  StandardRow row;
  row.section = section_;
  row.item = item;
  row.where = row_.where();
  row.on_request = on_request();
  for (const auto& factor : factors()) row.factor += (row.factor.empty() ? "" : ", ") + factor.text;
  if (const auto note = row_.find("note")) row.note = note->text();
  if (const auto written = row_.find("currents"); written && written->is_map())
    for (const auto& name : written->keys()) row.currents.emplace_back(name, written->at(name).text());
  else if (written)
    row.currents.emplace_back("", written->text());
  if (const auto only = row_.find("connection"); only && row.currents.empty())
    row.currents.emplace_back(only->text(), "");
  for (const auto& class_name : classes_of(key)) {
    bool noted = false;
    for (const auto& connection : words_.connections) {
      if (std::ranges::find(connection.classes, class_name) == connection.classes.end()) continue;
      if (!speaks_of(connection)) continue;
      const Applies to{class_name, connection.name, provenance(class_name)};
      if (!std::exchange(noted, true)) {
        row.clause = to.from.clause;
        row.figures.push_back({class_name, printed(class_name), to.from.mark, to.from.source});
      }
      each(to, connection);
    }
  }
  if (row.figures.empty()) throw row_.failure("this row holds for no class and connection of the file");
  for (const char* unused : {"clause", "mark", "source"}) row_.has(unused);
  row_.finish();
  return row;
}

}  // namespace blondel
