#pragma once

#include <filesystem>
#include <string>

#include "reports/journal_reader.hpp"
#include "reports/run_view.hpp"

namespace blondel {

/// A run as an HDF5 file, for whoever goes on calculating: docs/reading-results.md has the layout. The same record and
/// folder give the same bytes.
///
/// Texts of plan and bench come from the run's folder, where their hash is the one in the record; captures in its
/// folder `waveforms` are linked, not copied. Everything else comes from the record.
/// @param record  as it was read
/// @param run     the view of this record
/// @param folder  of the run
/// @throws Failure (Fault::storage) when the library cannot make the file
std::string run_hdf5(const RunRecord& record, const RunView& run, const std::filesystem::path& folder);

}  // namespace blondel
