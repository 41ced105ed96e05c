#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/sim/meter/build_file.hpp"
#include "references/settings.hpp"

namespace blondel::sim {

/// Which firmware build stands at which position.
///
/// @param words       what the command line says, each "BUILD" for all positions or "POSITION=BUILD" for some, where
///                    POSITION is a number, a range or a list of them: "2", "1-3", "1,4-6". Paths are relative to the
///                    working folder.
/// @param in_file     the same in the bench file's simulation section: one path, or a map from POSITION to path. Paths
///                    are relative to the bench file's folder. The command line goes before it, position by position.
/// @param bench_file  path of the bench file
/// @param otherwise   the build of every position that nobody names
/// @returns a build for each of `positions` positions, in order; files are looked at and not run.
/// @throws Failure (usage) for a word and Failure (malformed, with file, line and column) for the section: a position
///         that does not exist or is named twice, no path, and whatever look_at_build() refuses.
std::vector<BuildFile> choose_builds(const std::vector<std::string>& words, const std::optional<Settings>& in_file,
                                     const std::string& bench_file, const std::string& otherwise, int positions);

}  // namespace blondel::sim
