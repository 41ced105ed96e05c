#pragma once

#include <string>

namespace blondel {

/// What the clock on the wall shows: UTC, ISO 8601 with milliseconds, "2026-01-31T12:00:00.000Z". For the stamps that
/// stand beside a record; nothing is ever decided by it but whether a calibration is overdue, by its day.
std::string wall_stamp();

}  // namespace blondel
