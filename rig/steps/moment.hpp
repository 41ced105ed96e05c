#pragma once

#include <string>
#include <vector>

#include "rig/run.hpp"

namespace blondel {

/// Reads points at every position, and the reference meter meanwhile where the output is on: all of it on disk before
/// anything is made of it. A position whose firmware lacks one of the points is `skipped`.
/// @param what  for the record
/// @param end   a whole moment_slot() from now; a meter that has not answered by then is silent
Task<std::shared_ptr<Moment>> take_moment(Run& run, std::vector<std::string> points, std::string what, Time end);

/// How long it takes to read these points as a moment on a bench; at least three readings of the reference, each up to
/// two integration times of one second.
Duration moment_slot(const BenchFile& bench, const std::vector<std::string>& points);

/// The reference's readings until `end` into the moment; nothing while the output is off.
Task<void> watch_truth(Run& run, Moment& moment, Time end);

/// Puts the moment's values and the reference's means into the record.
void note_moment(Run& run, const Moment& moment, const std::string& what);

}  // namespace blondel
