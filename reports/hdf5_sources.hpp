#pragma once

#include <string>
#include <vector>

#include "reports/hdf5_file.hpp"
#include "reports/run_folder.hpp"
#include "reports/run_view.hpp"

namespace blondel {

/// The groups `plan`, `bench` and, where there is one, `firmware`: what the run was made from.
void write_sources(Hdf5Group& root, const RunView& run, const RunFolder& folder);

/// The group `waveforms`, a link for each capture in the run's folder, and the table `captures` of what they are.
/// @param notes  gets a line for each file there that is no capture
void write_captures(Hdf5Group& root, const RunFolder& folder, std::vector<std::string>& notes);

}  // namespace blondel
