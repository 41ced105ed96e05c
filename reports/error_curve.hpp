#pragma once

#include <string>

#include "reports/run_view.hpp"

namespace blondel {

/// The percentage error of every judged meter against current, drawn against its limits: for each method a legend and
/// one panel a group of power factors that share their limits (HTML with inline SVG, escaped). Colour and filling
/// tell the meter, shape the power factor, the bar the expanded uncertainty. Empty when the run holds no error that
/// has a current.
std::string error_curves_html(const RunView& run);

}  // namespace blondel
