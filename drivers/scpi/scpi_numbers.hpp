#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "references/error.hpp"

namespace blondel {

/// Who was asked what: every message about an answer names both.
struct Asked {
  std::string where;  ///< the instrument, "source/fluke-6105a"
  std::string query;  ///< what was sent to it, "OUTP:STAT?"
};

/// A number as IEEE 488.2 writes it (NR1 `230`, NR2 `230.0`, NR3 `2.3E2`), whatever the locale.
///
/// Refused with Fault::protocol: anything that is not wholly a number; 9.91E37, which is how SCPI says "no value";
/// ±9.9E37, its infinities; the words NAN and INF; and what no double can hold.
/// Source: IEEE 488.2 section 8.7 (NR1, NR2, NR3); SCPI-1999 volume 1 section 7.2.1.4 and 7.2.1.5 (INF, NAN).
Result<double> parse_number(std::string_view text, const Asked& asked);

/// A whole number, with or without a sign ("1", "+1", "-113").
Result<long long> parse_integer(std::string_view text, const Asked& asked);

/// Numbers between commas.
Result<std::vector<double>> parse_numbers(std::string_view text, const Asked& asked);

/// The inside of a quoted string, doubled quotes undone. A text without quotes is taken as it stands, because some
/// instruments send strings bare.
Result<std::string> parse_string(std::string_view text, const Asked& asked);

/// What is between separators, without the blanks around each piece. An empty text has one empty piece.
std::vector<std::string> split(std::string_view text, char separator);

/// The text without blanks, tabs and carriage returns at its ends.
std::string_view trimmed(std::string_view text);

/// The text as it may stand in a message: at most 80 characters, everything unprintable as \xNN.
std::string shown(std::string_view text);

}  // namespace blondel
