#include "rig/steps/permitted_reading.hpp"

namespace blondel {

std::string PermittedReading::text() const {
  switch (sort) {
    case Sort::number: return show(number.number, number.unit);
    case Sort::reading: return term.text();
    case Sort::no_value: return "no value";
    case Sort::oracle: return "oracle";
  }
  return {};
}

std::optional<Unit> PermittedReading::unit(const Outlook& outlook, Findings& findings) const {
  if (sort == Sort::number) return number.unit;
  if (sort == Sort::reading) return term.unit(outlook, findings);
  return std::nullopt;
}

std::optional<double> PermittedReading::value(const Run& run, std::size_t place, const Unit& in) const {
  if (sort == Sort::number) return number.in(in);
  if (sort != Sort::reading) return std::nullopt;
  const auto value = term.value(run, place);
  if (!value) return std::nullopt;
  return *value * (term.unit(run).factor / in.factor);
}

PermittedReading read_permitted(const Settings& at) {
  const auto text = at.text();
  PermittedReading p{.where = at.where()};
  const auto begins_a_number = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.'; };
  if (text == "oracle") {
    p.sort = PermittedReading::Sort::oracle;
  } else if (text == "no value") {
    p.sort = PermittedReading::Sort::no_value;
  } else if (!text.empty() && begins_a_number(text[0])) {
    p.sort = PermittedReading::Sort::number;
    p.number = value_or_throw(parse_unit_value(text, at.where()));
  } else {
    p.sort = PermittedReading::Sort::reading;
    p.term = read_term(at);
  }
  return p;
}

}  // namespace blondel
