#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "references/standards/limit_table.hpp"

// What is wrong with a table although each of its rows is right.

namespace blondel {

/// The limits of one class for one connection and kind of load.
struct ClassTable {
  std::string class_name;
  const LimitTable* limits{};
};

/// Refuses rows of a power factor (or sine) that end below Imax in silence.
/// @param imax   over the rated current, where the connection fixes it; nothing: only a row "<= Imax" reaches it
/// @param ended  places of the rows whose file says why they end
/// @throws Failure (malformed, where the row stands), also for a row that is said to end and does not
void check_reaches_imax(const LimitTable& table, std::optional<double> imax, const std::set<std::string>& ended);

/// Refuses a class without a limit at a current where a row of another class begins.
/// @param one       the class that must have one; without limits: it has no table
/// @param explained whether the file says in words what it lacks
/// @throws Failure (malformed, where the other's row stands)
void check_no_row_left_out(const ClassTable& one, const ClassTable& other, bool explained);

/// Refuses a limit that is looser than that of a class of larger index: 0.2S is nowhere looser than 0.5S. Classes that
/// are called by letters, and those of one index (1S and 1), are not compared.
/// @throws Failure (malformed, where the row of the smaller index stands)
void check_order_of_classes(const std::vector<ClassTable>& tables);

}  // namespace blondel
