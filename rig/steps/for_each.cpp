#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "rig/step_block.hpp"
#include "rig/unit.hpp"

namespace blondel {

namespace {

bool is_word(const std::string& text) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && lower(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

/// The key that is neither `do` nor `name`: what the values are called.
std::string word_of(const Settings& at) {
  std::string word;
  for (const auto& key : at.keys()) {
    if (key == "do" || key == "name") continue;
    if (!word.empty())
      throw at.failure(fmt::format("expected one list of values beside 'do', found '{}' and '{}'", word, key));
    word = key;
  }
  if (word.empty()) throw at.failure("expected a list of values beside 'do', such as 'ct: [100 A, 200 A]'");
  if (!is_word(word))
    throw at.failure(fmt::format("expected a word of small letters, digits and '_' for the values, found '{}'", word));
  return word;
}

/// Whether two texts are one and the same value: "1 s" and "1000 ms".
bool same_value(const UnitValue& a, const UnitValue& b) {
  const double x = a.number * a.unit.factor, y = b.number * b.unit.factor;
  return std::abs(x - y) <= 1e-12 * std::abs(x) && same_dimension(a.unit, b.unit);
}

/// The texts of a list, each with another value. @throws Failure(malformed) where one stands again.
std::vector<std::string> different_values(const Settings& list) {
  std::vector<std::string> values;
  std::vector<std::pair<UnitValue, std::string>> numbers;
  for (const auto& item : list.items()) {
    const auto text = item.text();
    if (std::ranges::find(values, text) != values.end())
      throw item.failure(fmt::format("the value '{}' stands twice", text));
    values.push_back(text);
    const auto number = parse_unit_value(text, item.where());
    if (!number) continue;
    const auto same =
        std::ranges::find_if(numbers, [&](const auto& earlier) { return same_value(earlier.first, *number); });
    if (same != numbers.end())
      throw item.failure(fmt::format("the value stands twice: '{}' is '{}'", text, same->second));
    numbers.emplace_back(*number, text);
  }
  return values;
}

/// The steps under `do` for every value of a list; `$word` in them is the value.
StepBlock for_each(const Settings& at) {
  StepBlock block{.name = "for_each", .where = {}, .passes = 0, .pass = {}};
  if (const auto name = at.find("name")) block.name = name->text();
  const auto word = word_of(at);
  const auto list = at.at(word);
  const auto values = different_values(list);
  if (values.empty()) throw list.failure("expected at least one value");
  const auto steps = at.at("do");
  if (!steps.with_word(word, values.front()))
    throw list.failure(fmt::format("expected '${}' somewhere under 'do'; every pass would be the same", word));
  block.where = list.where();
  block.passes = static_cast<long long>(values.size());
  block.pass = [word, values, steps](long long n) {
    const auto& value = values[static_cast<std::size_t>(n)];
    return Pass{fmt::format("{}={}", word, value), steps.with_word(word, value).value()};
  };
  return block;
}

const bool for_each_listed =
    step_blocks().add("for_each", "the steps under `do` for every value of a list; `$word` is the value", for_each);

}  // namespace

}  // namespace blondel
