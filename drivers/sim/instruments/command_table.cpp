#include "drivers/sim/instruments/command_table.hpp"

namespace blondel::sim {

namespace {

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// The capitals, figures and signs of a pattern's node.
std::string brief_form(const std::string& node) {
  std::string out;
  for (const char c : node)
    if (!(c >= 'a' && c <= 'z')) out += c;
  return out;
}

/// What a refusal may repeat of a parameter.
std::string shown(const Parameter& p) {
  if (p.kind == Parameter::Kind::block) return "a block of " + std::to_string(p.text.size()) + " bytes stands";
  return "'" + p.text + "' stands";
}

}  // namespace

bool is_form_of(const std::string& sent, const std::string& pattern) {
  const auto word = upper(sent);
  return word == brief_form(pattern) || word == upper(pattern);
}

double Call::number(std::size_t index) const {
  const auto& p = parameters.at(index);
  if (p.kind != Parameter::Kind::number) throw Refusal{-104, "a number belongs where " + shown(p)};
  return p.number;
}

std::string Call::word(std::size_t index) const {
  const auto& p = parameters.at(index);
  if (p.kind != Parameter::Kind::word && p.kind != Parameter::Kind::text)
    throw Refusal{-104, "a word belongs where " + shown(p)};
  return upper(p.text);
}

bool Call::on_or_off(std::size_t index) const {
  const auto& p = parameters.at(index);
  if (p.kind == Parameter::Kind::number) {
    if (p.number == 0 || p.number == 1) return p.number == 1;
    throw Refusal{-222, "0 or 1"};
  }
  const auto text = word(index);
  if (text == "ON") return true;
  if (text == "OFF") return false;
  throw Refusal{-224, "ON or OFF"};
}

bool CommandTable::Node::matches(const std::string& sent, std::vector<int>& suffixes) const {
  if (sent == brief || sent == whole) {
    if (numbered) suffixes.push_back(1);
    return true;
  }
  if (!numbered) return false;
  const auto digits = sent.find_last_not_of("0123456789") + 1;
  if (digits == sent.size()) return false;
  const auto stem = sent.substr(0, digits);
  if (stem != brief && stem != whole) return false;
  if (sent.size() - digits > 6) throw Refusal{-114, sent};
  suffixes.push_back(std::stoi(sent.substr(digits)));
  return true;
}

void CommandTable::add(Command command) {
  Entry entry;
  std::string pattern = command.pattern;
  if (pattern.back() == '?') {
    entry.query = true;
    pattern.pop_back();
  }
  for (std::size_t from = 0;;) {
    const auto to = pattern.find(':', from);
    auto node = pattern.substr(from, to == std::string::npos ? to : to - from);
    Node added;
    if (node.back() == '#') {
      added.numbered = true;
      node.pop_back();
    }
    added.brief = brief_form(node);
    added.whole = upper(node);
    entry.nodes.push_back(std::move(added));
    if (to == std::string::npos) break;
    from = to + 1;
  }
  entry.command = std::move(command);
  entries_.push_back(std::move(entry));
}

CommandTable::Match CommandTable::find(const MessageUnit& unit) const {
  std::vector<std::string> sent;
  std::string header;
  for (const auto& node : unit.nodes) {
    sent.push_back(upper(node));
    header += (header.empty() ? "" : ":") + node;
  }
  for (const auto& entry : entries_) {
    if (entry.query != unit.query || entry.nodes.size() != sent.size()) continue;
    Match match{&entry.command, {}};
    bool same = true;
    for (std::size_t n = 0; n < sent.size() && same; ++n) same = entry.nodes[n].matches(sent[n], match.call.suffixes);
    if (!same) continue;
    if (unit.parameters.size() < entry.command.fewest) throw Refusal{-109, header};
    if (unit.parameters.size() > entry.command.most) throw Refusal{-108, header};
    match.call.parameters = unit.parameters;
    return match;
  }
  throw Refusal{-113, header};
}

}  // namespace blondel::sim
