#pragma once

#include <string>
#include <vector>

#include "references/settings.hpp"
#include "references/standards/row_reader.hpp"
#include "references/standards/standard.hpp"

namespace blondel {

/// What a file says before its sections: names, classes, columns of currents and their ratios, sources.
struct StandardHead {
  StandardData data;
  RowWords words;
};

/// @throws Failure (malformed, file:line:column)
StandardHead read_standard_head(const Settings& file, const std::string& name);

/// The rows of a section; none where the file does not have it.
std::vector<Settings> section_rows(const Settings& file, const std::string& section);

/// A number above 0. @throws Failure where it stands
double above_0(const Settings& at);

}  // namespace blondel
