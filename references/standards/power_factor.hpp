#pragma once

#include <string>
#include <string_view>

#include "references/error.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// The power factor of a sinusoidal load point as standards and plans write it: "1", "0.5 ind", "0.8 cap".
struct PowerFactor {
  enum class Side { unity, inductive, capacitive };

  double cosine{1};  ///< 0 < cosine <= 1, and 1 exactly at unity
  Side side{Side::unity};

  /// Of the current behind its voltage: positive for an inductive load.
  Angle lag() const;
  /// The power factor of a lag. @returns an Error (malformed) from ±90 degrees on, where no standard sets a limit.
  static Result<PowerFactor> of_lag(Angle lag);
  /// The same power factor, the last bits of a computed cosine aside.
  bool same_as(const PowerFactor& other) const;

  bool operator==(const PowerFactor&) const = default;
};

/// Reads "1", "0.5 ind" or "0.8 cap". @returns an Error (malformed) at `where` for anything else: a bare "0.5" does
/// not tell which side is meant.
Result<PowerFactor> parse_power_factor(std::string_view text, const std::string& where);

/// "0.5 ind"
std::string show(const PowerFactor& power_factor);

}  // namespace blondel
