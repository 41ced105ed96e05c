#pragma once

#include <filesystem>
#include <string_view>

namespace blondel {

/// Writes a file so that there is either the whole new one or what was there before: beside it, onto the disk, and
/// then under its name. @throws Failure (Fault::storage).
void write_whole_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace blondel
