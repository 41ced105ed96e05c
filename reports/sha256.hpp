#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "references/error.hpp"

namespace blondel {

/// SHA-256 (FIPS 180-4) of these bytes, as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// The same for a whole file, read in pieces. @returns Fault::storage when it cannot be read.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace blondel
