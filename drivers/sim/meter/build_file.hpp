#pragma once

#include <string>

#include "references/error.hpp"

namespace blondel::sim {

/// How a file becomes a meter.
enum class BuildKind {
  shared_object,  ///< exports blondel_firmware_v1 and is loaded by the host program
  program         ///< runs by itself and joins over the link: an executable, or a script with its interpreter
};

/// A build and what it is.
struct BuildFile {
  std::string path;  ///< absolute
  BuildKind kind{};
  bool operator==(const BuildFile&) const = default;
};

/// Looks at a file and decides what kind of build it is: an ELF object without a program interpreter and not linked as
/// an executable is a shared object; an ELF executable, or a text that begins with "#!", both with the permission to
/// execute, is a program. Loads and starts nothing.
///
/// @param where  who asks, for the error: "--firmware", "bench.yaml:42:3"
/// @returns Error(malformed) for anything else: nothing there, a folder, an object of another machine, a script
///          without the permission to execute, any other file.
/// Source: System V ABI, "Object Files" (ELF header, program header, dynamic section); execve(2) for "#!".
Result<BuildFile> look_at_build(const std::string& path, const std::string& where);

}  // namespace blondel::sim
