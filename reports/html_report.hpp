#pragma once

#include <string>

#include "reports/run_view.hpp"

namespace blondel {

/// The run as one page that needs nothing else: no script, no font and no picture from outside. All text that came
/// over a wire or from a file is escaped.
std::string html_report(const RunView& run);

}  // namespace blondel
