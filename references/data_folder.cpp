#include "references/data_folder.hpp"

#include <cstdlib>

#include "references/error.hpp"

namespace blondel {

std::filesystem::path data_folder() {
  const char* named = std::getenv("BLONDEL_DATA");
  const bool by_environment = named && *named;
  const std::filesystem::path folder = by_environment ? named : BLONDEL_DATA_DIR;
  std::error_code problem;
  if (!std::filesystem::is_directory(folder, problem))
    throw Failure{Fault::usage, folder.string(),
                  by_environment ? "the data folder that BLONDEL_DATA names does not exist"
                                 : "the data folder does not exist; set BLONDEL_DATA to where it lies"};
  return folder;
}

}  // namespace blondel
