#include "rig/steps/reading_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "references/nearest_name.hpp"

namespace blondel {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name(const std::string& text, bool with_dots) {
  return !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || (with_dots && c == '.');
  });
}

const ReadingForecast* known(const std::string& name, const std::string& where, const Outlook& outlook,
                             Findings& findings) {
  if (const auto* found = outlook.readings.find(name)) return found;
  auto names = outlook.readings.names();
  const auto near = nearest_name(name, names);
  // A long plan has hundreds.
  constexpr std::size_t most = 10;
  if (names.size() > most) {
    const auto others = names.size() - most;
    names.resize(most);
    names.push_back(fmt::format("and {} more", others));
  }
  findings.refusals.push_back(
      {Fault::malformed, where,
       fmt::format(
           "no reading before this is called '{}'{}", name,
           near ? "; is it what '" + *near + "' was meant to be?"
                : (names.empty() ? "; none has been taken" : fmt::format("; there are: {}", fmt::join(names, ", "))))});
  return nullptr;
}

const NamedReading& taken(const std::string& name, const Run& run) {
  if (const auto* found = run.readings.find(name)) return *found;
  throw std::logic_error{"a reading that lint knew was not taken: " + name};
}

std::optional<double> value_at(const NamedReading& reading, std::size_t place) {
  const auto& at = reading.moment->at[place];
  if (!at.read) return std::nullopt;
  return at.values.at(reading.point);
}

}  // namespace

std::string new_reading_name(const Settings& at) {
  const auto name = at.text();
  // The words that mean something else behind `is`; a count may be called what it is.
  constexpr std::array reserved = {"oracle", "no_value", "nan", "inf", "off"};
  if (std::ranges::find(reserved, name) != reserved.end())
    throw at.failure(fmt::format("'{}' has a meaning of its own in a plan; give the reading another name", name));
  if (name != "pulses" && !name.empty() && is_letter(name[0]) && parse_unit(name, {}))
    throw at.failure(fmt::format("'{}' is a unit; give the reading another name", name));
  if (!is_name(name, false))
    throw at.failure(fmt::format("expected a name of letters, digits and '_' such as 'before', found '{}'", name));
  return name;
}

void foretell_reading(Outlook& outlook, Findings& findings, const std::string& name, const std::string& where,
                      ReadingForecast reading) {
  reading.upsets = outlook.upsets.size();
  if (outlook.readings.add(name, std::move(reading))) return;
  findings.refusals.push_back(
      {Fault::malformed, where,
       fmt::format("a reading is called '{}' already; give this one another name with 'as: NAME'", name)});
}

std::string ReadingTerm::text() const {
  switch (sort) {
    case Sort::reading: return left;
    case Sort::difference: return left + " - " + right;
    case Sort::ratio: return left + " / " + right;
  }
  return left;
}

std::optional<Unit> ReadingTerm::unit(const Outlook& outlook, Findings& findings) const {
  const auto* a = known(left, where, outlook, findings);
  if (sort == Sort::reading) return a ? std::optional{a->unit} : std::nullopt;
  const auto* b = known(right, where, outlook, findings);
  if (!a || !b) return std::nullopt;
  const bool together = sort == Sort::ratio ? have_a_ratio(a->unit, b->unit) : same_dimension(a->unit, b->unit);
  if (!together) {
    findings.refusals.push_back(
        {Fault::malformed, where,
         fmt::format("units do not go together: '{}' is {} ({}), '{}' is {} ({})", left, a->unit.dimension,
                     a->unit.symbol, right, b->unit.dimension, b->unit.symbol)});
    return std::nullopt;
  }
  return sort == Sort::ratio ? Unit{"ratio", "ratio", 1} : a->unit;
}

Unit ReadingTerm::unit(const Run& run) const {
  return sort == Sort::ratio ? Unit{"ratio", "ratio", 1} : taken(left, run).unit;
}

std::optional<double> ReadingTerm::value(const Run& run, std::size_t place) const {
  const auto& a = taken(left, run);
  const auto first = value_at(a, place);
  if (sort == Sort::reading || !first) return first;
  const auto& b = taken(right, run);
  const auto other = value_at(b, place);
  if (!other) return std::nullopt;
  const double second = *other * (b.unit.factor / a.unit.factor);  // of kVA in kW: both by the thousand
  if (sort == Sort::difference) return *first - second;
  return second == 0 ? std::nan("") : *first / second;
}

ReadingTerm read_term(const Settings& at) {
  const auto text = at.text();
  ReadingTerm term{.left = text, .where = at.where()};
  for (const auto& [sign, sort] : {std::pair{" - ", ReadingTerm::Sort::difference}, {" / ", ReadingTerm::Sort::ratio}})
    if (const auto found = text.find(sign); found != std::string::npos && term.right.empty()) {
      term.sort = sort;
      term.left = text.substr(0, found);
      term.right = text.substr(found + 3);
    }
  const bool alone = term.sort == ReadingTerm::Sort::reading;
  if (!is_name(term.left, true) || (!alone && !is_name(term.right, true)))
    throw at.failure(fmt::format(
        "expected a reading, or a difference or ratio of two, such as 'after - before'; found '{}'. What needs more "
        "than that is a step",
        text));
  if (!alone && term.left == term.right)
    throw at.failure(
        fmt::format("expected two different readings, found '{}' twice: whatever the meter tells, that is {}",
                    term.left, term.sort == ReadingTerm::Sort::ratio ? "1" : "0"));
  return term;
}

}  // namespace blondel
