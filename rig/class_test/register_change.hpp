#pragma once

#include <optional>
#include <string>

#include "rig/run.hpp"

namespace blondel {

/// How often a meter renews its energy registers, as the data sheet says, and with something to spare: a meter's clock
/// may be slow by a little.
inline constexpr Duration register_update{1'000'000'000};
inline constexpr Duration register_update_with_spare{1'200'000'000};
/// How long after a watch's end the last answer may come.
inline constexpr Duration last_register_answer{1'400'000'000};

/// An energy register at the instant at which it was seen to change. A register is as old as its last update, but at
/// the instant at which it changes it is new.
struct RegisterChange {
  double kilo_hours{};  ///< kWh or kvarh after the change; NaN where the register says "no value"
  Time after, before;   ///< it changed between the two: from one request's beginning to the next one's answer
  Time asked{};         ///< when the request began that saw it; the one before began at `after`
  Time middle() const { return after + (before - after) / 2; }
  double width_s() const { return in_seconds(before - after); }
  /// The same by the requests alone: a meter reads its register so long after a request began, and as long at another
  /// change, so that between two changes it is no doubt.
  Time between_requests() const { return after + (asked - after) / 2; }
  double request_gap_s() const { return in_seconds(asked - after); }
  double round_trip_s() const { return in_seconds(before - asked); }
};

/// Asks for a float point of energies again and again until it changes, or says "no value", or `until`.
/// @returns nothing when it was not seen to change.
Task<std::optional<RegisterChange>> next_register_change(Run& run, Position& position, std::string point, Time until);

/// The last change before `end`; is done `last_register_answer` after it, and asks nothing until shortly before it.
/// @returns nothing when it was not seen to change then.
Task<std::optional<RegisterChange>> last_register_change(Run& run, Position& position, std::string point, Time end);

/// How long a register has stood still at `end`, in s, where that is longer than it does between two changes; else 0.
/// @param at_end  what it held then; where that is less than it should have become since its last change, it stood
/// still
///                for as long as that would have taken
/// @pre it rose from the first change to the last
double standstill_s(const RegisterChange& first, const RegisterChange& last, double at_end, Time end);

/// The step of a float32 at a value: the distance to its upper neighbour.
double float_step(double value);

}  // namespace blondel
