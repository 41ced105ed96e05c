#pragma once

#include <array>
#include <string>
#include <string_view>

#include "references/error.hpp"

namespace blondel {

/// How a service is wired to the meter. The numbers are those of the Series 4000-K's register 130.
enum class SystemType {
  one_phase = 10,    ///< one line and neutral: v_an, i_a
  two_wire_ll = 11,  ///< two lines: v_ab, i_a
  split_phase = 12,  ///< two lines and neutral: v_an, v_bn, i_a, i_b
  delta = 31,        ///< three lines without neutral, three current sensors
  wye = 40,          ///< three lines and neutral
};

/// Which of the meter's inputs mean something in a system type. A value without meaning is told as "no value".
/// Source: installation guide ZL0138-0A, wiring and phase-loss table.
struct Connection {
  std::array<bool, 3> current;     ///< A, B, C
  std::array<bool, 3> voltage_ln;  ///< AN, BN, CN
  std::array<bool, 3> voltage_ll;  ///< AB, BC, AC
  /// Elements whose own power, reactive and apparent power and power factor mean something. In a delta they are
  /// taken against a virtual neutral: their sum is the load's, each alone is bookkeeping.
  std::array<bool, 3> element;

  int elements() const { return element[0] + element[1] + element[2]; }
  bool operator==(const Connection&) const = default;
};
Connection connection(SystemType type);

/// All system types, in the order of their numbers.
inline constexpr std::array<SystemType, 5> system_types{SystemType::one_phase, SystemType::two_wire_ll,
                                                        SystemType::split_phase, SystemType::delta, SystemType::wye};

/// 10, 11, 12, 31 or 40. @returns an Error (malformed) at `where` for any other number.
Result<SystemType> system_type(long long number, const std::string& where);
/// The number or the name as plans write it: "40" or "wye".
Result<SystemType> parse_system_type(std::string_view text, const std::string& where);
/// "one-phase", "two-wire L-L", "split phase", "delta", "wye"
std::string_view name(SystemType type);

}  // namespace blondel
