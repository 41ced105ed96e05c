#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "references/standards/limit_table.hpp"
#include "references/standards/requirements.hpp"

namespace blondel {

enum class MeteredEnergy { active, reactive };

/// Everything a file says, checked; Standard's own.
struct StandardData {
  std::string name, edition, title, file;
  MeteredEnergy energy{};
  bool default_edition{};
  std::vector<std::string> classes;
  std::vector<CurrentColumn> connections;
  struct Table {
    std::string class_name, connection;
    LimitTable limits;
  };
  std::vector<Table> tables;
  std::vector<Difference> differences;
  std::vector<StartingCurrent> starting;
  std::vector<StartVerdict> start_verdicts;
  std::vector<NoLoad> no_load;
  std::vector<ConstantAgreement> constants;
  std::vector<RepeatabilityLimit> repeatability;
  std::vector<UncertaintyWanted> uncertainty;
  std::vector<InterpretationAllowance> allowances;
  std::vector<InfluenceLimit> influences;
  std::vector<ReferenceCondition> conditions;
  std::vector<OtherRequirement> others;
  std::vector<StandardRow> rows;
  std::vector<Absent> not_covered, left_open;
  std::vector<ScopeNote> scope;
};

/// One edition of one standard, read from one file and checked whole: limits, start, no-load, influences, reference
/// conditions, and what is not covered. docs/standards.md has the format.
///
/// An accessor without a connection speaks of the first one that has the class. It answers with nothing (or an empty
/// list) where the file has no figure; no figure is never a pass, and why it is absent stands in not_covered() or
/// left_open().
class Standard {
 public:
  /// @throws Failure (malformed, file:line:column): broken syntax, unknown words, marks or classes, a limit that is not
  ///         above 0, gaps and overlaps, a class without a table of balanced load, and a section that is silent about
  ///         a class: every section has a figure for it or a line under `not covered` or `left open`.
  static Standard load(const std::string& path);
  /// The same for a text; `name` stands where the file name would.
  static Standard parse(const std::string& text, const std::string& name);

  const std::string& name() const { return data_.name; }        ///< "IEC 62053-22"
  const std::string& edition() const { return data_.edition; }  ///< "2003"
  const std::string& title() const { return data_.title; }
  const std::string& file() const { return data_.file; }
  MeteredEnergy energy() const { return data_.energy; }
  /// Whether plans that name no edition are judged by this one.
  bool is_default_edition() const { return data_.default_edition; }
  const std::vector<std::string>& classes() const { return data_.classes; }
  bool has_class(const std::string& class_name) const;
  /// "IEC 62053-22 class 0.5S", as plans say it.
  std::string full_name(const std::string& class_name) const { return data_.name + " class " + class_name; }
  const std::vector<CurrentColumn>& connections() const { return data_.connections; }
  /// @returns null for a connection or class there is not
  const CurrentColumn* connection(const std::string& class_name, const std::string& connection = {}) const;

  /// @param load_kind  "balanced" or "single-phase"
  std::optional<LimitTable> class_limits(const std::string& class_name, const std::string& load_kind,
                                         const std::string& connection = {}) const;
  std::optional<Difference> difference(const std::string& class_name, const std::string& connection = {}) const;
  std::optional<StartingCurrent> starting_current(const std::string& class_name,
                                                  const std::string& connection = {}) const;
  std::optional<StartVerdict> start_verdict(const std::string& class_name, const std::string& connection = {}) const;
  std::optional<NoLoad> no_load(const std::string& class_name, const std::string& connection = {}) const;
  std::optional<ConstantAgreement> meter_constant(const std::string& class_name,
                                                  const std::string& connection = {}) const;
  std::optional<RepeatabilityLimit> repeatability(const std::string& class_name,
                                                  const std::string& connection = {}) const;
  std::optional<UncertaintyWanted> uncertainty(const std::string& class_name, const std::string& connection = {}) const;
  std::optional<InterpretationAllowance> interpretation_allowance(const std::string& class_name,
                                                                  const std::string& connection = {}) const;
  std::vector<InfluenceLimit> influences(const std::string& class_name, const std::string& connection = {}) const;
  std::vector<ReferenceCondition> reference_conditions(const std::string& class_name,
                                                       const std::string& connection = {}) const;
  std::vector<OtherRequirement> others(const std::string& class_name, const std::string& connection = {}) const;

  /// Every row in file order, as the printed tables have them.
  const std::vector<StandardRow>& rows() const { return data_.rows; }
  const std::vector<Absent>& not_covered() const { return data_.not_covered; }
  const std::vector<Absent>& left_open() const { return data_.left_open; }
  const std::vector<ScopeNote>& scope() const { return data_.scope; }
  /// How many figures of a class bear each mark.
  std::map<std::string, int> marks(const std::string& class_name) const;

 private:
  explicit Standard(StandardData data) : data_{std::move(data)} {}
  StandardData data_;
};

}  // namespace blondel
