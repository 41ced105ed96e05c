#pragma once

#include <filesystem>
#include <vector>

#include "reports/run_view.hpp"

namespace blondel {

/// Writes report.html, junit.xml and run.h5 of a run beside its journal, in place of the ones that stand there.
/// @param run     the folder, or its journal.jsonl
/// @param record  what was read there, and @param view what it says
/// @returns what was written. @throws Failure(storage).
std::vector<std::filesystem::path> write_reports(const std::filesystem::path& run, const RunRecord& record,
                                                 const RunView& view);

}  // namespace blondel
