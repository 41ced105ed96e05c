#pragma once

#include <optional>
#include <string>

#include "rig/steps/reading_names.hpp"

namespace blondel {

/// One thing that a reading is permitted to be.
struct PermittedReading {
  enum class Sort { number, reading, no_value, oracle };
  Sort sort{};
  UnitValue number{};
  ReadingTerm term{};
  std::string where{};

  /// Whether it has a value that another can be compared with.
  bool is_a_number() const { return sort == Sort::number || sort == Sort::reading; }
  std::string text() const;
  /// In lint's world; nothing where it has none, or where the plan is wrong.
  std::optional<Unit> unit(const Outlook& outlook, Findings& findings) const;
  /// At the position of that place, in that unit; nothing where it is not a number or was not read.
  std::optional<double> value(const Run& run, std::size_t place, const Unit& in) const;
};

/// "480 V", "before", "before - first", "no value" or "oracle". @throws Failure(malformed) where it stands.
PermittedReading read_permitted(const Settings& at);

}  // namespace blondel
