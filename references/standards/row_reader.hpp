#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "references/settings.hpp"
#include "references/standards/standard.hpp"

namespace blondel {

/// What the rows of a standard's file may name.
struct RowWords {
  std::vector<std::string> classes;
  std::vector<CurrentColumn> connections;
  std::vector<std::pair<std::string, std::string>> sources;  ///< short name, words

  const CurrentColumn* find(const std::string& connection) const;
};

/// A power factor, a range of them or a sine, as one cell of a row has it.
struct FactorCell {
  std::optional<PowerFactor> power_factor, through;
  std::optional<double> sine;
  std::string text;
};

/// One row of a section: its cells by class and connection, its provenance, and the row as printed.
class RowReader {
 public:
  RowReader(const Settings& row, const RowWords& words, std::string section);

  const Settings& at() const { return row_; }

  /// The cell of a class: the value under `key`, or of its map by class. Nothing where a map leaves the class out, or
  /// the row has no such key.
  std::optional<Settings> cell(const std::string& key, const std::string& class_name) const;
  /// The same, which must be there. @throws Failure at the row
  Settings needed(const std::string& key, const std::string& class_name) const;
  /// The factors of `power_factor` or `sine`, each; one empty cell where the row has neither.
  std::vector<FactorCell> factors() const;
  /// The currents for a connection; nothing where the row has none, or not for this one.
  std::optional<std::pair<CurrentSpan, Settings>> currents(const std::string& connection) const;
  bool has_currents() const { return row_.has("currents"); }
  bool on_request() const;

  /// Calls `each` for every class that has a cell under `key` (all classes if the row has none such) and every
  /// connection the row speaks of. Notes the row with the printed value of each class. Closes the row.
  /// @param item    what the row is about, as printed
  /// @param printed the value of a class as printed
  /// @throws Failure when the row holds for nobody
  using Each = std::function<void(const Applies&, const CurrentColumn&)>;
  using Printed = std::function<std::string(const std::string& class_name)>;
  StandardRow read(const std::string& key, const std::string& item, const Printed& printed, const Each& each) const;

 private:
  bool speaks_of(const CurrentColumn& connection) const;
  Provenance provenance(const std::string& class_name) const;
  std::vector<std::string> classes_of(const std::string& key) const;

  Settings row_;
  const RowWords& words_;
  std::string section_;
};

/// "yes" or "no".
bool yes_or_no(const Settings& at);

}  // namespace blondel
