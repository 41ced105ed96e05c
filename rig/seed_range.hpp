#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace blondel {

/// The seeds of "7" or "1-20", rising. @throws Failure (usage) for anything else, or more than 10000 of them.
std::vector<std::uint64_t> split_seeds(const std::string& text);

}  // namespace blondel
