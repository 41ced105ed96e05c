#pragma once

#include <string>
#include <string_view>

#include "references/error.hpp"

namespace blondel {

/// The unit of a number in a plan or of a register: what it measures, and its size in the base unit of that.
struct Unit {
  std::string symbol{};     ///< as plan and register map write it: "kW"; empty for a plain number
  std::string dimension{};  ///< "active power", "ratio", "count", "plain number", ...
  double factor = 1;        ///< base units in one of this: 1000 for kW

  bool operator==(const Unit&) const = default;
};

/// V, A, W, var, VA, Wh, varh, VAh, Hz and s with the prefixes m, k and M, besides min and h; %, ppm and "ratio";
/// "pulses"; nothing for a plain number. Reactive units may be written with VAR.
/// @returns an Error (malformed) at `where` for any other word.
Result<Unit> parse_unit(std::string_view symbol, const std::string& where);

/// Whether two numbers may be compared or subtracted. W, var and VA are three things.
bool same_dimension(const Unit& a, const Unit& b);

/// Whether one number divided by the other is a number without a unit. W over VA is one, the power factor, and so are
/// all ratios of W, var and VA, and of their energies.
bool have_a_ratio(const Unit& a, const Unit& b);

/// A number with its unit, as a plan writes it.
struct UnitValue {
  double number{};
  Unit unit{};
  /// The same in another unit of its dimension.
  double in(const Unit& other) const { return number * (unit.factor / other.factor); }
};

/// "480 V", "0.5 %", "12". @returns an Error (malformed) at `where` for anything else, nan and inf included.
Result<UnitValue> parse_unit_value(std::string_view text, const std::string& where);

/// The value in that unit, for people: "12.5 kW".
std::string show(double number, const Unit& unit);

}  // namespace blondel
