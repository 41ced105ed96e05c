#include "reports/run_folder.hpp"

#include <fmt/format.h>

#include "references/error.hpp"

namespace blondel {

RunFolder RunFolder::create(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code why;
  RunFolder folder{path};
  const auto status = fs::symlink_status(path, why);
  if (status.type() != fs::file_type::not_found) {
    if (!fs::is_directory(path, why))
      throw Failure{Fault::usage, path.string(), "is not a folder; choose another --out"};
    if (fs::exists(fs::symlink_status(folder.journal(), why)))
      throw Failure{Fault::usage, path.string(), "already holds a run; choose another --out or remove it"};
    const bool empty = fs::is_empty(path, why);
    if (why) throw Failure{Fault::storage, path.string(), fmt::format("cannot be looked into: {}", why.message())};
    if (!empty) throw Failure{Fault::usage, path.string(), "is not empty; choose another --out or remove it"};
    return folder;
  }
  fs::create_directories(path, why);
  if (why) throw Failure{Fault::storage, path.string(), fmt::format("cannot be created: {}", why.message())};
  return folder;
}

RunFolder RunFolder::of(const std::filesystem::path& path) {
  return RunFolder{std::filesystem::is_directory(path) ? path : path.parent_path()};
}

}  // namespace blondel
