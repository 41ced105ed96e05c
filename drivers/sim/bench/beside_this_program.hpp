#pragma once

#include <filesystem>
#include <string>

namespace blondel::sim {

/// The path of a file in the folder of the running program: its builds and the meters' host lie there.
inline std::string beside_this_program(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

}  // namespace blondel::sim
