#include "references/settings.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "references/nearest_name.hpp"
#include "references/quantity_text.hpp"
#include "references/settings_tree.hpp"

namespace blondel {
namespace {

constexpr std::uintmax_t largest_file = 1u << 20;

using Sort = SettingsNode::Sort;

std::string sort_name(const SettingsNode& node) {
  switch (node.sort) {
    case Sort::nothing: return "nothing";
    case Sort::scalar: return "'" + (node.text.size() > 60 ? node.text.substr(0, 60) + "..." : node.text) + "'";
    case Sort::sequence: return "a list";
    case Sort::map: return "a map";
  }
  return "something else";
}

std::vector<std::string> names(const SettingsNode& node) {
  std::vector<std::string> all;
  for (const auto& entry : node.entries) all.push_back(entry.key);
  return all;
}

bool of_a_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// @returns how often the word stood in the text.
int replace_word(std::string& text, const std::string& name, const std::string& by) {
  int found = 0;
  const auto in_braces = "${" + name + "}";
  for (auto at = text.find(in_braces); at != std::string::npos; at = text.find(in_braces, at + by.size())) {
    text.replace(at, in_braces.size(), by);
    ++found;
  }
  const auto word = "$" + name;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    const auto end = at + word.size();
    if (end < text.size() && of_a_word(text[end])) {
      at = end;
      continue;
    }
    text.replace(at, word.size(), by);
    at += by.size();
    ++found;
  }
  return found;
}

/// A deep copy that nobody has asked anything yet.
std::shared_ptr<SettingsNode> copy_with(const SettingsNode& node, const std::string& name, const std::string& by,
                                        int& found) {
  auto copy = std::make_shared<SettingsNode>(node);
  copy->asked.clear();
  found += replace_word(copy->text, name, by);
  for (auto& entry : copy->entries) entry.value = copy_with(*entry.value, name, by, found);
  for (auto& item : copy->items) item = copy_with(*item, name, by, found);
  return copy;
}

}  // namespace

struct Settings::Place {
  std::shared_ptr<const SettingsNode> node;
  std::shared_ptr<const std::string> file;

  std::string where(int line, int column) const { return fmt::format("{}:{}:{}", *file, line, column); }
  std::string where() const { return where(node->line, node->column); }

  const SettingsNode& need(Sort sort, const char* noun) const {
    if (node->sort != sort)
      throw Failure{Fault::malformed, where(), fmt::format("expected {}, found {}", noun, sort_name(*node))};
    return *node;
  }

  /// The entry of that name, or null. Either way somebody has asked for it.
  const SettingsNode::Entry* ask(const std::string& key) const {
    const SettingsNode& map = need(Sort::map, "a map");
    map.asked.insert(key);
    const auto found = std::ranges::find(map.entries, key, &SettingsNode::Entry::key);
    return found == map.entries.end() ? nullptr : &*found;
  }

  const std::string& scalar(const char* noun) const { return need(Sort::scalar, noun).text; }
};

Settings Settings::load(const std::string& path) {
  const auto refuse = [&](const std::string& what) { return Failure{Fault::malformed, path, what}; };
  std::error_code problem;
  const auto status = std::filesystem::status(path, problem);
  if (status.type() == std::filesystem::file_type::not_found) throw refuse("there is no such file");
  if (problem) throw refuse("cannot be opened: " + problem.message());
  if (std::filesystem::is_directory(status)) throw refuse("is a folder, not a file");
  if (!std::filesystem::is_regular_file(status)) throw refuse("is not a regular file");
  std::ifstream file{path, std::ios::binary};
  if (!file) throw refuse("cannot be opened for reading");
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw refuse("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_file) throw refuse("is larger than 1 MiB");
  return parse(text, path);
}

Settings Settings::parse(const std::string& text, const std::string& name) {
  auto place = std::make_shared<Place>();
  place->file = std::make_shared<const std::string>(name);
  place->node = settings_tree(text, name);
  return Settings{std::move(place)};
}

Settings::Settings(std::shared_ptr<const Place> place) : place_{std::move(place)} {}
Settings::Settings(const Settings&) = default;
Settings::Settings(Settings&&) noexcept = default;
Settings& Settings::operator=(const Settings&) = default;
Settings& Settings::operator=(Settings&&) noexcept = default;
Settings::~Settings() = default;

std::optional<Settings> Settings::with_word(const std::string& name, const std::string& by) const {
  int found = 0;
  auto place = std::make_shared<Place>();
  place->file = place_->file;
  place->node = copy_with(*place_->node, name, by, found);
  if (found == 0) return std::nullopt;
  return Settings{std::move(place)};
}

bool Settings::has(const std::string& key) const {
  return place_->ask(key) != nullptr;
}

std::optional<Settings> Settings::find(const std::string& key) const {
  const auto* entry = place_->ask(key);
  if (!entry) return std::nullopt;
  return Settings{std::make_shared<const Place>(Place{entry->value, place_->file})};
}

Settings Settings::at(const std::string& key) const {
  auto found = find(key);
  if (found) return *std::move(found);
  std::string what = "'" + key + "' is missing";
  if (const auto near = nearest_name(key, names(*place_->node)))
    what += "; is it what '" + *near + "' was meant to be?";
  throw failure(what);
}

std::vector<Settings> Settings::items() const {
  std::vector<Settings> all;
  for (const auto& item : place_->need(Sort::sequence, "a list").items)
    all.push_back(Settings{std::make_shared<const Place>(Place{item, place_->file})});
  return all;
}

std::vector<std::string> Settings::keys() const {
  return names(place_->need(Sort::map, "a map"));
}

bool Settings::is_map() const {
  return place_->node->sort == Sort::map;
}
bool Settings::is_sequence() const {
  return place_->node->sort == Sort::sequence;
}
bool Settings::is_scalar() const {
  return place_->node->sort == Sort::scalar;
}

std::string Settings::text() const {
  return place_->scalar("a text");
}

bool Settings::boolean() const {
  const auto& word = place_->scalar("true or false");
  if (word != "true" && word != "false") throw failure("expected true or false, found '" + word + "'");
  return word == "true";
}

long long Settings::integer() const {
  return value_or_throw(parse_integer(place_->scalar("a whole number"), where()));
}
double Settings::number() const {
  return value_or_throw(parse_number(place_->scalar("a number"), where()));
}
Voltage Settings::voltage() const {
  return value_or_throw(parse_voltage(place_->scalar("a voltage such as '480 V'"), where()));
}
Current Settings::current() const {
  return value_or_throw(parse_current(place_->scalar("a current such as '5 A'"), where()));
}
Frequency Settings::frequency() const {
  return value_or_throw(parse_frequency(place_->scalar("a frequency such as '60 Hz'"), where()));
}
Angle Settings::angle() const {
  return value_or_throw(parse_angle(place_->scalar("an angle such as '60 deg'"), where()));
}
Resistance Settings::resistance() const {
  return value_or_throw(parse_resistance(place_->scalar("a resistance such as '10.6 kohm'"), where()));
}
Ratio Settings::ratio() const {
  return value_or_throw(parse_ratio(place_->scalar("a ratio such as '0.5 %'"), where()));
}
Temperature Settings::temperature() const {
  return value_or_throw(parse_temperature(place_->scalar("a temperature such as '25 degC'"), where()));
}
ActiveEnergy Settings::energy() const {
  return value_or_throw(parse_energy(place_->scalar("an energy such as '10 Wh'"), where()));
}
std::chrono::nanoseconds Settings::duration() const {
  return value_or_throw(parse_duration(place_->scalar("a duration such as '250 ms'"), where()));
}

std::size_t Settings::one_of(const std::vector<std::string>& words) const {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "'" : ", '") + word + "'";
  const std::string expected = "one of " + list;
  const auto& given = place_->scalar(expected.c_str());
  const auto found = std::ranges::find(words, given);
  if (found == words.end()) throw failure("expected " + expected + ", found '" + given + "'" + hint(given, words));
  return static_cast<std::size_t>(found - words.begin());
}

void Settings::finish() const {
  const SettingsNode& map = place_->need(Sort::map, "a map");
  const std::vector<std::string> known(map.asked.begin(), map.asked.end());
  const SettingsNode::Entry* first = nullptr;
  std::string others;
  for (const auto& entry : map.entries) {
    if (map.asked.contains(entry.key)) continue;
    if (!first)
      first = &entry;
    else
      others += fmt::format("{}'{}' (line {})", others.empty() ? "" : ", ", entry.key, entry.line);
  }
  if (!first) return;
  std::string what = "unknown key '" + first->key + "'" + hint(first->key, known);
  if (!others.empty()) what += "; unknown too: " + others;
  throw Failure{Fault::malformed, place_->where(first->line, first->column), what};
}

std::string Settings::where() const {
  return place_->where();
}

Failure Settings::failure(std::string what, Fault fault) const {
  return Failure{fault, where(), std::move(what)};
}

}  // namespace blondel
