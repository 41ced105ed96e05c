#include "references/nearest_name.hpp"

#include <algorithm>
#include <numeric>

namespace blondel {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::optional<std::string> nearest_name(std::string_view misspelt, const std::vector<std::string>& known) {
  constexpr std::size_t longest_name = 200;  // a key of a megabyte is garbage, not a slip of the pen
  if (misspelt.size() > longest_name) return std::nullopt;
  const std::string* nearest = nullptr;
  std::size_t best = std::max<std::size_t>(2, misspelt.size() / 3) + 1;
  for (const auto& name : known) {
    if (name.size() > longest_name) continue;
    // A word that shares no letter is no correction: 'ab' is not a slip for 'cd'.
    const std::size_t distance = edit_distance(misspelt, name);
    if (distance >= std::max(misspelt.size(), name.size())) continue;
    if (distance < best) {
      best = distance;
      nearest = &name;
    }
  }
  if (!nearest) return std::nullopt;
  return *nearest;
}

std::string hint(std::string_view misspelt, const std::vector<std::string>& known) {
  const auto meant = nearest_name(misspelt, known);
  return meant ? "; did you mean '" + *meant + "'?" : std::string{};
}

}  // namespace blondel
