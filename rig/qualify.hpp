#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/fault_matrix.hpp"
#include "rig/qualify_workshop.hpp"

namespace blondel {

/// What a plan is to be proved against.
struct QualifyRequest {
  std::string plan, bench, out;
  std::vector<std::uint64_t> seeds = {1};
  bool variants = true, twins = true, faults = true;  ///< the good meter is judged always
  std::vector<std::string> only;                      ///< names of faults and variants; empty: all
  int position = 1;                                   ///< whose meter is exchanged and judged
  unsigned processes = 1;
};

/// Runs the plan against the good meter, every permitted reading of the data sheet, and every fault of the catalogue
/// with its harmless twin, says which step caught what, and leaves qualify.json and qualify.html in the folder `out`,
/// which is its own for that time.
///
/// For every seed the good meter and a probe of every fault in a number are run first; the sizes of these faults and of
/// their twins follow from them (see sizes_for). A signal (see ChildProcesses) stops the work; the matrix has what is
/// done, and a second call goes on from there.
/// @throws Failure when plan or bench are malformed or refused, the bench has no simulation section, the selection is
/// empty, or another process is at work in the folder.
FaultMatrix qualify(const QualifyRequest& request, const QualifyWorkshop::Report& report);

}  // namespace blondel
