#pragma once

#include <filesystem>

namespace blondel {

/// Where the data files (register maps, limit tables) lie: the folder the environment variable BLONDEL_DATA names,
/// else the one this build was made from.
/// @throws Failure (usage) when there is no such folder.
std::filesystem::path data_folder();

}  // namespace blondel
