#pragma once

#include <string>

#include "reports/run_view.hpp"

namespace blondel {

/// What a reader must know before the numbers: unverified limits, points not covered, an incomplete record, an output
/// not proved off, changes not put back. Empty when there is nothing.
std::string warnings_html(const RunView& run);

/// Why the run ended, how the outputs went off, and what proves it.
std::string ending_html(const RunView& run);

/// What the run changed in the meters, and whether it was put back.
std::string configuration_html(const RunView& run);

/// The steps with their bench time, prediction and verdicts.
std::string steps_html(const RunView& run);

std::string instruments_html(const RunView& run);
std::string events_html(const RunView& run);

/// The hashes that tie this page to its plan, bench, firmware and record.
std::string provenance_html(const RunView& run);

}  // namespace blondel
