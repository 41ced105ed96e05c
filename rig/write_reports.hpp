#pragma once

#include <filesystem>
#include <vector>

#include "reports/run_view.hpp"

namespace blondel {

/// Writes report.html and junit.xml of a run beside its journal, in place of the ones that stand there.
/// @param run  the folder, or its journal.jsonl
/// @returns what was written. @throws Failure(storage).
std::vector<std::filesystem::path> write_reports(const std::filesystem::path& run, const RunView& view);

}  // namespace blondel
