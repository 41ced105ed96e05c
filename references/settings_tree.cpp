#include "references/settings_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>

namespace blondel {
namespace {

constexpr std::size_t deepest_nesting = 64;

std::string place(const std::string& name, int line, int column) {
  return fmt::format("{}:{}:{}", name, line, column);
}

/// Listens to the parser and builds the tree.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::string& name) : name_{name} {}

  std::shared_ptr<SettingsNode> root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_)
      refuse(mark, "a second document begins here; a file holds one (remove '---', or what stands behind the end)");
    started_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) refuse(mark, "expected a key, found nothing");
    add(SettingsNode::Sort::nothing, mark, "", anchor, {});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "aliases (*name) are not understood here; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, tag, anchor);
    if (expects_key()) {
      take_key(mark, value);
      return;
    }
    add(SettingsNode::Sort::scalar, mark, tag, anchor, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(SettingsNode::Sort::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(SettingsNode::Sort::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    std::shared_ptr<SettingsNode> node;
    std::set<std::string> keys;  ///< those the map has already
    bool has_key{};              ///< a key stands, and waits for its value
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string what) const {
    throw Failure{Fault::malformed, place(name_, mark.line + 1, mark.column + 1), std::move(what)};
  }

  bool expects_key() const {
    return !levels_.empty() && levels_.back().node->sort == SettingsNode::Sort::map && !levels_.back().has_key;
  }

  void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor) refuse(mark, "anchors (&name) are not understood here; write the value out");
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "tags such as '" + tag + "' are not understood here");
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    Level& level = levels_.back();
    if (key.empty()) refuse(mark, "expected a key, found an empty text");
    if (key == "<<") refuse(mark, "merge keys (<<) are not understood here; write the keys out");
    if (!level.keys.insert(key).second) {
      const auto first = std::ranges::find(level.node->entries, key, &SettingsNode::Entry::key);
      refuse(mark, fmt::format("key '{}' stands here for the second time; the first is in line {}", key, first->line));
    }
    level.node->entries.push_back({key, mark.line + 1, mark.column + 1, nullptr});
    level.has_key = true;
  }

  std::shared_ptr<SettingsNode> add(SettingsNode::Sort sort, const YAML::Mark& mark, const std::string& tag,
                                    YAML::anchor_t anchor, const std::string& text) {
    check(mark, tag, anchor);
    auto node = std::make_shared<SettingsNode>();
    node->sort = sort;
    node->line = mark.line + 1;
    node->column = mark.column + 1;
    node->text = text;
    if (levels_.empty()) {
      root_ = node;
    } else if (Level& level = levels_.back(); level.node->sort == SettingsNode::Sort::sequence) {
      level.node->items.push_back(node);
    } else {
      level.node->entries.back().value = node;
      level.has_key = false;
    }
    return node;
  }

  void open(SettingsNode::Sort sort, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (expects_key()) refuse(mark, "expected a key, found a list or a map");
    if (levels_.size() >= deepest_nesting) refuse(mark, fmt::format("nested deeper than {}", deepest_nesting));
    Level level;
    level.node = add(sort, mark, tag, anchor, {});
    levels_.push_back(std::move(level));
  }

  void close() { levels_.pop_back(); }

  std::string name_;
  std::shared_ptr<SettingsNode> root_;
  std::vector<Level> levels_;
  bool started_{};
};

/// The length of the well-formed UTF-8 character that begins there, or 0.
/// Source: The Unicode Standard, table of well-formed UTF-8 byte sequences.
std::size_t utf8_length(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(at), second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(at + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
    return follows(at + 1) && follows(at + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
    return follows(at + 1) && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

/// Refuses what the parser would swallow without a word: the byte 04 ends its input, NUL makes it guess UTF-16.
void check_characters(const std::string& text, const std::string& name) {
  int line = 1, column = 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) throw Failure{Fault::malformed, place(name, line, column), "this is not UTF-8 text"};
    const auto c = static_cast<unsigned char>(text[at]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
      throw Failure{Fault::malformed, place(name, line, column),
                    fmt::format("the control character {:#04x} does not belong into this file", c)};
    at += length;
    ++column;
    if (c == '\n') ++line, column = 1;
  }
}

}  // namespace

std::shared_ptr<SettingsNode> settings_tree(const std::string& text, const std::string& name) {
  check_characters(text, name);
  TreeBuilder builder{name};
  std::optional<Failure> broken;
  try {
    std::istringstream stream{text};
    YAML::Parser parser{stream};
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    broken.emplace(Fault::malformed, place(name, std::max(e.mark.line, 0) + 1, std::max(e.mark.column, 0) + 1),
                   "this is not YAML: " + e.msg);
  }
  if (broken) throw Failure{broken->error};
  if (!builder.root() || builder.root()->sort == SettingsNode::Sort::nothing)
    throw Failure{Fault::malformed, name, "there is nothing in it"};
  return builder.root();
}

}  // namespace blondel
