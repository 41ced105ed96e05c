#pragma once

#include <string>

#include "references/settings.hpp"
#include "references/standards/standard.hpp"

namespace blondel {

/// Reads and checks a whole file; Standard::load is the door to it. @throws Failure (malformed, file:line:column)
StandardData read_standard(const Settings& file, const std::string& name);

}  // namespace blondel
