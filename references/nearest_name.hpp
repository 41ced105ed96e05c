#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace blondel {

/// How many letters must be inserted, dropped or replaced to turn one word into the other (Levenshtein's distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name that a misspelt one probably meant, or nothing when none is near: at most a third of the letters
/// may differ, and two always may. Of equally near names the first in the list is taken.
std::optional<std::string> nearest_name(std::string_view misspelt, const std::vector<std::string>& known);

/// "; did you mean 'x'?" or nothing: the end of a message about an unknown name.
std::string hint(std::string_view misspelt, const std::vector<std::string>& known);

}  // namespace blondel
