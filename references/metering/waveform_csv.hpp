#pragma once

#include <string>

#include "references/metering/recording.hpp"

namespace blondel {

/// Reads a recording from a table: a header that names the channels (`va` to `ic`, in volts and amperes, and `t` in
/// seconds), then one row of numbers an instant. Commas; LF or CRLF; a byte order mark is passed over; blanks around
/// a cell do not count.
///
/// Where there is a `t`, its instants must stand within a twentieth of an interval from equal distances: a lost
/// sample does not, one that was rounded when it was written does. The rate is then that of the straight line through
/// them, unless the request names one: it must agree, and is taken, because what was written down was rounded.
///
/// @throws Failure (malformed, "file:line:column") for an unknown or repeated column, a needed one that is missing, a
///         row that has not one number a column, what is no finite number or beyond 1e9, fewer than two rows, instants
///         that are not equidistant, and a rate that is missing or contradicts.
Recording load_waveform_csv(const std::string& path, const RecordingRequest& request);
/// The same for a text; `name` stands where the file name would.
Recording parse_waveform_csv(const std::string& text, const std::string& name, const RecordingRequest& request);

}  // namespace blondel
