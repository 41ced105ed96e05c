#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/series_4000_k/phase_loss.hpp"

namespace blondel::series_4000_k {

/// Where a limit comes from, in words for a report.
struct Basis {
  std::string standard;  ///< "Series 4000-K data sheet", "IEC 62053-22 class 0.5S", "rule of this rig"
  std::string edition, clause;
  std::string mark;  ///< as in the limit tables: V seen, M from memory; a rule of our own has none
  bool operator==(const Basis&) const = default;
};

/// A range of values that a point may read, in the unit of the register map.
struct Permitted {
  double value{};           ///< what a perfect meter reads
  double lower{}, upper{};  ///< ends included
  bool operator==(const Permitted&) const = default;
};

/// What a point of the register map must read. One of three: any of the permitted values, "no value", or bits; where
/// none is given there is no verdict, and the basis says why not.
struct Expectation {
  std::vector<Permitted> values;           ///< any of these
  bool no_value = false;                   ///< "no value" (QNAN) is permitted
  bool measured = false;                   ///< a measured number, with a tolerance; else one of the values exactly
  bool since_before = false;               ///< the values are those read before and what came since
  std::optional<AlertExpectation> alerts;  ///< of register 146
  double resolution{};                     ///< half of the register's step, or the doubt of rounding; in the ranges
  Basis basis;

  bool judged() const { return !values.empty() || no_value || alerts.has_value(); }
  /// The range a reading lies in or next to. @pre there is one
  const Permitted& nearest(double reading) const;
  /// Empty where the reading (NaN: "no value") is permitted or nothing is said of it; else what is wrong, in words.
  std::string objection(double reading) const;
};

/// value ± half_width.
Permitted around(double value, double half_width);
/// The value itself.
Permitted exactly(double value);
/// No verdict, and why.
Expectation no_verdict(std::string why);
/// "No value" and nothing else.
Expectation without_value(std::string why);
/// A value, compared without tolerance.
Expectation exact(std::vector<double> values, std::string why);

}  // namespace blondel::series_4000_k
