#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "references/error.hpp"

namespace blondel {

/// One node of a YAML file that people write, with its place in the file: what a Settings stands on.
///
/// We build our own tree from the parser's events instead of using the library's nodes, because those silently keep
/// a repeated key, follow aliases, and lose the place where a key stands.
struct SettingsNode {
  enum class Sort { nothing, scalar, sequence, map };

  Sort sort{};
  int line{}, column{};  ///< from 1
  std::string text;      ///< of a scalar

  struct Entry {
    std::string key;
    int line{}, column{};  ///< of the key
    std::shared_ptr<SettingsNode> value;
  };
  std::vector<Entry> entries;                        ///< of a map, in file order
  std::vector<std::shared_ptr<SettingsNode>> items;  ///< of a sequence
  mutable std::set<std::string> asked;               ///< the keys somebody has asked a map for
};

/// Builds the tree of one YAML document.
///
/// Refused, each with its place: repeated keys, keys that are not plain text, anchors, aliases, merge keys, tags, a
/// second document, nesting deeper than 64, control characters, bytes that are not UTF-8, an empty text, and whatever
/// the parser itself refuses.
/// @throws Failure (malformed, "name:line:column")
std::shared_ptr<SettingsNode> settings_tree(const std::string& text, const std::string& name);

}  // namespace blondel
