#include "references/standards/standard.hpp"

#include <algorithm>

#include "references/settings.hpp"
#include "references/standards/standard_reader.hpp"

namespace blondel {
namespace {

/// Those of a class and a connection.
template <class Figure>
std::vector<Figure> of(const std::vector<Figure>& all, const std::string& class_name, const CurrentColumn* connection) {
  std::vector<Figure> found;
  for (const auto& one : all)
    if (connection && one.to.class_name == class_name && one.to.connection == connection->name) found.push_back(one);
  return found;
}

template <class Figure>
std::optional<Figure> first(const std::vector<Figure>& all, const std::string& class_name,
                            const CurrentColumn* connection) {
  const auto found = of(all, class_name, connection);
  if (found.empty()) return std::nullopt;
  return found.front();
}

}  // namespace

Standard Standard::load(const std::string& path) {
  return Standard{read_standard(Settings::load(path), path)};
}

Standard Standard::parse(const std::string& text, const std::string& name) {
  return Standard{read_standard(Settings::parse(text, name), name)};
}

bool Standard::has_class(const std::string& class_name) const {
  return std::ranges::find(data_.classes, class_name) != data_.classes.end();
}

const CurrentColumn* Standard::connection(const std::string& class_name, const std::string& connection) const {
  for (const auto& one : data_.connections)
    if ((connection.empty() || one.name == connection) &&
        std::ranges::find(one.classes, class_name) != one.classes.end())
      return &one;
  return nullptr;
}

std::optional<LimitTable> Standard::class_limits(const std::string& class_name, const std::string& load_kind,
                                                 const std::string& connection) const {
  const auto* column = this->connection(class_name, connection);
  for (const auto& table : data_.tables)
    if (column && table.class_name == class_name && table.connection == column->name &&
        table.limits.load_kind() == load_kind)
      return table.limits;
  return std::nullopt;
}

std::optional<Difference> Standard::difference(const std::string& class_name, const std::string& connection) const {
  return first(data_.differences, class_name, this->connection(class_name, connection));
}
std::optional<StartingCurrent> Standard::starting_current(const std::string& class_name,
                                                          const std::string& connection) const {
  return first(data_.starting, class_name, this->connection(class_name, connection));
}
std::optional<StartVerdict> Standard::start_verdict(const std::string& class_name,
                                                    const std::string& connection) const {
  return first(data_.start_verdicts, class_name, this->connection(class_name, connection));
}
std::optional<NoLoad> Standard::no_load(const std::string& class_name, const std::string& connection) const {
  return first(data_.no_load, class_name, this->connection(class_name, connection));
}
std::optional<ConstantAgreement> Standard::meter_constant(const std::string& class_name,
                                                          const std::string& connection) const {
  return first(data_.constants, class_name, this->connection(class_name, connection));
}
std::optional<RepeatabilityLimit> Standard::repeatability(const std::string& class_name,
                                                          const std::string& connection) const {
  return first(data_.repeatability, class_name, this->connection(class_name, connection));
}
std::optional<UncertaintyWanted> Standard::uncertainty(const std::string& class_name,
                                                       const std::string& connection) const {
  return first(data_.uncertainty, class_name, this->connection(class_name, connection));
}
std::optional<InterpretationAllowance> Standard::interpretation_allowance(const std::string& class_name,
                                                                          const std::string& connection) const {
  return first(data_.allowances, class_name, this->connection(class_name, connection));
}
std::vector<InfluenceLimit> Standard::influences(const std::string& class_name, const std::string& connection) const {
  return of(data_.influences, class_name, this->connection(class_name, connection));
}
std::vector<ReferenceCondition> Standard::reference_conditions(const std::string& class_name,
                                                               const std::string& connection) const {
  return of(data_.conditions, class_name, this->connection(class_name, connection));
}
std::vector<OtherRequirement> Standard::others(const std::string& class_name, const std::string& connection) const {
  return of(data_.others, class_name, this->connection(class_name, connection));
}

std::map<std::string, int> Standard::marks(const std::string& class_name) const {
  std::map<std::string, int> count;
  for (const auto& row : data_.rows)
    for (const auto& figure : row.figures)
      if (figure.class_name == class_name) ++count[figure.mark];
  return count;
}

}  // namespace blondel
