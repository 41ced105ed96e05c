#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rig/model.hpp"
#include "rig/progress.hpp"
#include "rig/qualify.hpp"
#include "rig/standard_text.hpp"

namespace blondel {

/// What `blondel run` was asked.
struct RunRequest {
  std::string plan, bench, out;
  std::vector<std::string> serials;   ///< by judged position; empty: what the scanner of the bench says
  std::vector<int> positions;         ///< judged positions; empty: all
  std::vector<std::string> firmware;  ///< builds for the simulated meters: "BUILD" or "POSITION=BUILD"
  std::uint64_t seed = 1;
  ProgressKind progress = ProgressKind::automatic;
};

/// "SN1,SN2": the serial numbers as they stand between the commas.
std::vector<std::string> split_serials(const std::string& text);

// Each returns the exit code of the program and throws Failure for what keeps it from beginning.
int run_command(const RunRequest& request);
int lint_command(const std::string& plan, const std::string& bench, bool json);
int list_command(const std::string& what, bool json);
int show_command(const ShowRequest& request);
int sim_command(const std::string& bench, std::uint64_t seed, const std::vector<std::string>& firmware,
                const std::string& links);
/// @param svg  where the picture goes; empty: nowhere
int model_command(const ModelRequest& request, bool json, const std::string& svg);
/// @param request  `processes` 0: one a core; `out` empty: the folder "qualify"
int qualify_command(QualifyRequest request, bool quiet);
int report_command(const std::string& run, bool summary_only);

}  // namespace blondel
