#pragma once

#include <string>

#include "reports/run_view.hpp"

namespace blondel {

/// The run in a few plain lines for a terminal: the verdict of every meter, and the point that decided it or came
/// nearest to its limit.
std::string text_summary(const RunView& run);

}  // namespace blondel
