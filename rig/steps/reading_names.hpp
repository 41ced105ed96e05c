#pragma once

#include <optional>
#include <string>

#include "references/settings.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"

namespace blondel {

/// A name that a plan gives to a reading: letters, digits and '_', beginning with a letter; no unit, and no word that
/// means something else, such as `oracle`.
/// @throws Failure(malformed) where it stands.
std::string new_reading_name(const Settings& at);

/// Lets later steps speak of a reading; a name that is taken is refused at `where`.
void foretell_reading(Outlook& outlook, Findings& findings, const std::string& name, const std::string& where,
                      ReadingForecast reading);

/// A reading, or the difference or ratio of two, as a plan writes it: "before", "after - before", "p / s".
struct ReadingTerm {
  enum class Sort { reading, difference, ratio };
  Sort sort{};
  std::string left{}, right{};  ///< names; right is empty for a reading alone
  std::string where{};

  std::string text() const;
  /// The unit it comes in, in lint's world; nothing, and a refusal, where a name is not known or the two do not go
  /// together.
  std::optional<Unit> unit(const Outlook& outlook, Findings& findings) const;
  /// Its value at the position of that place, in unit(run). NaN: a register said "no value". Nothing: not read.
  std::optional<double> value(const Run& run, std::size_t place) const;
  Unit unit(const Run& run) const;
};

/// @throws Failure(malformed) for more language than that.
ReadingTerm read_term(const Settings& at);

}  // namespace blondel
