#pragma once

#include <string>

#include "references/settings.hpp"
#include "references/standards/current_span.hpp"

namespace blondel {

/// Reads a step's `imax` (`1.5 In`), the highest current of the meter over its rated one: points above it are no
/// points of the class, so a slip here would leave most of them out.
/// @param connection  the column of the standard that the meter is judged by
/// @throws Failure (malformed) where it stands: below the rated current, below the least ratio of a standard that sets
///         one (OIML R 46), another one than a connection fixes (the current classes of ANSI C12.20)
double read_imax(const Settings& at, const CurrentColumn& connection, const std::string& class_name);

}  // namespace blondel
