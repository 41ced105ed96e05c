#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "references/error.hpp"

namespace blondel {

/// Parses one line of a record that may have been written by anybody: refuses what is not a JSON object, nesting and
/// numbers of values beyond the limits in journal_format.hpp, and a key that stands twice in one object, which two
/// readers could understand in two ways.
/// @param where  named in the error, "journal.jsonl:17"
Result<nlohmann::ordered_json> checked_json(std::string_view line, const std::string& where);

}  // namespace blondel
