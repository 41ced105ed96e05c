#pragma once

#include "reports/hdf5_file.hpp"
#include "reports/journal_reader.hpp"
#include "reports/run_view.hpp"

namespace blondel {

/// What the view of a run says, a group a table and a data set a column: instruments, positions, measurements,
/// budgets, findings, changes, steps, step_verdicts, events, safe.
void write_view_tables(Hdf5Group& root, const RunView& run);

/// What the view leaves out or counts only, value by value: readings, applied, fingerprints.
/// @throws Failure (Fault::malformed, "…/journal.jsonl:17") when a record is not as README.md says
void write_record_tables(Hdf5Group& root, const RunRecord& record);

}  // namespace blondel
