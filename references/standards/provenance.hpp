#pragma once

#include <string>
#include <vector>

namespace blondel {

/// Where a figure of a standard comes from, and how well it is known.
struct Provenance {
  std::string clause;  ///< "Table 4"
  std::string mark;    ///< V seen in a public source, V* in a secondary one, M and m from memory; see known_marks
  std::string source;  ///< where it was seen, in words
  std::string where;   ///< "file:line:column" of the row

  /// Whether the figure was seen in a published source. A report that judges by another one says so.
  bool verified() const { return mark == "V" || mark == "V*"; }
  bool operator==(const Provenance&) const = default;
};

/// V, V*, M, m: from the best known to the least.
inline const std::vector<std::string>& known_marks() {
  static const std::vector<std::string> marks{"V", "V*", "M", "m"};
  return marks;
}

}  // namespace blondel
