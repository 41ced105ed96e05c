#pragma once

#include <optional>
#include <string>

#include "references/standards/data_sheet.hpp"
#include "references/standards/standard.hpp"

namespace blondel {

/// What `blondel show` was asked.
struct ShowRequest {
  std::string name;  ///< "IEC 62053-22", "IEC 62053-22 class 0.5S" or the meter of a data sheet
  std::optional<std::string> edition{}, class_name{};
  bool json{};
};

/// A standard or a data sheet for people, at most 120 columns wide, or as JSON: every figure with its clause and mark,
/// and what is not covered.
/// @throws Failure (usage) for a name, an edition or a class there is not, with what there is
std::string show_text(const ShowRequest& request);

}  // namespace blondel
