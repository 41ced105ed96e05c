#include "references/uncertainty/calendar_date.hpp"

#include <algorithm>

namespace blondel {

namespace {

int date_digits(std::string_view text) {
  int value = 0;
  for (const char c : text) value = 10 * value + (c - '0');
  return value;
}

}  // namespace

Result<CalendarDate> parse_date(std::string_view text, const std::string& where) {
  const auto refused = [&](std::string_view what) {
    return fail(Fault::malformed, where, fmt::format("{}, found '{}'", what, text));
  };
  constexpr std::string_view form = "dddd-dd-dd";
  const bool formed = text.size() == form.size() && std::ranges::equal(text, form, [](char c, char f) {
                        return f == 'd' ? c >= '0' && c <= '9' : c == f;
                      });
  if (!formed) return refused("expected a date such as '2026-03-02'");
  const CalendarDate date{std::chrono::year{date_digits(text.substr(0, 4))},
                          std::chrono::month{static_cast<unsigned>(date_digits(text.substr(5, 2)))},
                          std::chrono::day{static_cast<unsigned>(date_digits(text.substr(8, 2)))}};
  if (!date.ok() || date.year() < std::chrono::year{1900}) return refused("expected a day that exists, from 1900 on");
  return date;
}

std::string show(CalendarDate date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

int days_between(CalendarDate from, CalendarDate to) {
  return static_cast<int>((std::chrono::sys_days{to} - std::chrono::sys_days{from}).count());
}

CalendarDate months_after(CalendarDate date, int count) {
  const CalendarDate later = date + std::chrono::months{count};
  return later.ok() ? later : CalendarDate{later.year() / later.month() / std::chrono::last};
}

}  // namespace blondel
