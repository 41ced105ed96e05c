#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "references/error.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// A current as standards print it: "0.05 In", "Imax", "10 Itr", "Imax/sqrt(2)", "2.5 A".
struct RatedCurrent {
  double factor{1};
  std::string of;  ///< In, Ib, Itr, Imin, Ist, Imax, TA; "A" for amperes
  bool operator==(const RatedCurrent&) const = default;
};

/// "0.05 In <= I < 0.1 In", "0.05 In <= I <= Imax", or one current alone.
struct CurrentSpan {
  RatedCurrent from, to;  ///< the same where one current stands alone
  bool with_end{};        ///< whether `to` belongs to it
  bool operator==(const CurrentSpan&) const = default;
};

/// One column of currents in a printed table: how a meter is connected, or its current class.
struct CurrentColumn {
  std::string name;                  ///< "CT", "direct", "CL20"
  std::string base;                  ///< In, Ib, Itr or TA
  std::vector<std::string> classes;  ///< accuracy classes that there are for it
  std::optional<Current> amperes;    ///< of the base, where the standard fixes them
  std::optional<double> imax;        ///< highest current over base, where the standard fixes it
  /// By class: named currents over base, at the least ratios the standard permits (OIML R 46).
  std::map<std::string, std::map<std::string, double>> named;

  /// What load points of a plan are multiples of: In, else Ib, else the base.
  std::string rated(const std::string& class_name) const;
  bool operator==(const CurrentColumn&) const = default;
};

/// @returns an Error (malformed) at `where` for anything else.
Result<RatedCurrent> parse_rated_current(std::string_view text, const std::string& where);
Result<CurrentSpan> parse_current_span(std::string_view text, const std::string& where);

/// The current over the rated one of its connection, so that In is 1.
/// @param imax_to_rated  of the meter; without it a multiple of Imax is an Error unless the connection fixes Imax
/// @returns an Error (malformed, at `where`) for a current this connection does not know.
Result<double> ratio_to_rated(const RatedCurrent& current, const CurrentColumn& connection,
                              const std::string& class_name, std::optional<double> imax_to_rated,
                              const std::string& where);

}  // namespace blondel
