#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "references/error.hpp"

namespace blondel {

/// A day of the calendar, without time and zone. It is always told, never asked for: nothing here knows what day it is.
using CalendarDate = std::chrono::year_month_day;

/// Reads "2026-03-02". @returns an Error (malformed) at `where` for another form and for a day that does not exist.
Result<CalendarDate> parse_date(std::string_view text, const std::string& where);
/// "2026-03-02"
std::string show(CalendarDate date);
/// Days from one date to another, negative where `to` is the earlier.
int days_between(CalendarDate from, CalendarDate to);
/// The same day so many months on; the last of its month where the month is shorter.
CalendarDate months_after(CalendarDate date, int months);

}  // namespace blondel
