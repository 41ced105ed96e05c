#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace blondel {

/// Reads markup tag by tag and says what is wrong with it, or nothing: tags that do not match, attributes without
/// quotes or twice in one tag, a bare & or <. It knows no more of XML than the files here need.
/// @param empty  elements that have no end tag, as HTML has them
inline std::string markup_fault(std::string_view text, const std::vector<std::string>& empty = {}) {
  std::vector<std::string> open;
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  const auto reference_fault = [](std::string_view part) {
    for (auto at = part.find('&'); at != part.npos; at = part.find('&', at + 1)) {
      const auto end = part.find(';', at);
      if (end == part.npos || end == at + 1 || end - at > 8) return true;
    }
    return part.find('<') != part.npos;
  };
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] != '<') {
      const auto end = std::min(text.find('<', i), text.size());
      const bool raw = !open.empty() && open.back() == "style";
      if (!raw && reference_fault(text.substr(i, end - i)))
        return "bare reference in: " + std::string{text.substr(i, end - i)};
      i = end;
      continue;
    }
    if (text.substr(i, 2) == "<?" || text.substr(i, 2) == "<!") {
      i = text.find('>', i) + 1;
      if (i == 0) return "declaration does not end";
      continue;
    }
    const bool closes = text.substr(i, 2) == "</";
    i += closes ? 2 : 1;
    std::string tag;
    while (i < text.size() && is_name(text[i])) tag += text[i++];
    if (tag.empty()) return "a < that begins no tag";
    if (closes) {
      if (open.empty() || open.back() != tag)
        return "</" + tag + "> closes " + (open.empty() ? "nothing" : open.back());
      open.pop_back();
      if (i >= text.size() || text[i] != '>') return "</" + tag + " does not end";
      ++i;
      continue;
    }
    std::vector<std::string> seen;
    while (true) {
      while (i < text.size() && (text[i] == ' ' || text[i] == '\n')) ++i;
      if (i >= text.size()) return "<" + tag + " does not end";
      if (text[i] == '>') {
        ++i;
        bool ends = false;
        for (const auto& one : empty) ends = ends || one == tag;
        if (!ends) open.push_back(tag);
        break;
      }
      if (text.substr(i, 2) == "/>") {
        i += 2;
        break;
      }
      std::string attribute;
      while (i < text.size() && is_name(text[i])) attribute += text[i++];
      if (attribute.empty() || text.substr(i, 2) != "=\"") return "<" + tag + "> has a broken attribute " + attribute;
      for (const auto& one : seen)
        if (one == attribute) return "<" + tag + "> has twice " + attribute;
      seen.push_back(attribute);
      const auto end = text.find('"', i + 2);
      if (end == text.npos) return attribute + " does not end";
      if (reference_fault(text.substr(i + 2, end - i - 2))) return "bare reference in " + attribute;
      i = end + 1;
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

/// How often a word stands in a text.
inline int occurrences(std::string_view text, std::string_view word) {
  int count = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + word.size())) ++count;
  return count;
}

}  // namespace blondel
