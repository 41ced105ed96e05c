#include "drivers/sim/bench/build_choice.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string_view>

namespace blondel::sim {

namespace {

using Refuse = std::function<Failure(std::string)>;

/// What one place, command line or file, says.
class Choice {
 public:
  explicit Choice(int positions) : by_position_(static_cast<std::size_t>(positions)) {}

  void for_all(BuildFile build, const Refuse& refuse) {
    if (all_) throw refuse("a build for all positions stands twice");
    all_ = std::move(build);
  }
  void at(int position, const BuildFile& build, const Refuse& refuse) {
    auto& place = by_position_[static_cast<std::size_t>(position) - 1];
    if (place) throw refuse(fmt::format("position {} is named twice", position));
    place = build;
  }
  const std::optional<BuildFile>& of(std::size_t i) const { return by_position_[i] ? by_position_[i] : all_; }

 private:
  std::optional<BuildFile> all_;
  std::vector<std::optional<BuildFile>> by_position_;
};

int number_in(std::string_view text, int positions, const Refuse& refuse) {
  const bool digits = !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == text.npos;
  const int number = digits ? std::stoi(std::string{text}) : 0;
  if (number < 1 || number > positions)
    throw refuse(fmt::format("expected positions from 1 to {}, such as 2, 1-3 or 1,3; found '{}'", positions, text));
  return number;
}

/// "1,4-6"
std::vector<int> positions_in(std::string_view text, int positions, const Refuse& refuse) {
  std::vector<int> found;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto part = text.substr(begin, end - begin);
    const auto dash = part.find('-');
    const int first = number_in(part.substr(0, dash), positions, refuse);
    const int last = dash == part.npos ? first : number_in(part.substr(dash + 1), positions, refuse);
    if (last < first) throw refuse(fmt::format("expected a range that rises, found '{}'", part));
    for (int position = first; position <= last; ++position) found.push_back(position);
    begin = end + 1;
  }
  return found;
}

/// Positions before the first '=', when nothing but those can be meant; the whole word is a path otherwise.
std::optional<std::size_t> positions_end(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == word.npos || word.substr(0, equals).find_first_not_of("0123456789,-") != word.npos) return std::nullopt;
  return equals;
}

BuildFile build_at(const std::string& path, const Refuse& refuse) {
  if (path.empty()) throw refuse("expected the path of a build, found nothing");
  auto build = look_at_build(path, {});
  if (!build) throw refuse(build.error().what);
  return *build;
}

Choice of_command_line(const std::vector<std::string>& words, int positions) {
  Choice choice{positions};
  const Refuse refuse = [](std::string why) { return Failure{Fault::usage, "--firmware", std::move(why)}; };
  for (const auto& word : words) {
    const auto end = positions_end(word);
    if (!end) {
      choice.for_all(build_at(word, refuse), refuse);
      continue;
    }
    const auto where = positions_in(std::string_view{word}.substr(0, *end), positions, refuse);
    const auto build = build_at(word.substr(*end + 1), refuse);
    for (const int position : where) choice.at(position, build, refuse);
  }
  return choice;
}

Choice of_bench_file(const Settings& section, const std::string& bench_file, int positions) {
  Choice choice{positions};
  const auto folder = std::filesystem::path{bench_file}.parent_path();
  const auto build = [&](const Settings& at, const Refuse& refuse) {
    return build_at(at.text().empty() ? "" : (folder / at.text()).string(), refuse);
  };
  const auto refusal_at = [](const Settings& at) {
    return Refuse{[at](std::string why) { return at.failure(std::move(why)); }};
  };
  if (!section.is_map()) {
    choice.for_all(build(section, refusal_at(section)), refusal_at(section));
    return choice;
  }
  for (const auto& key : section.keys()) {
    const auto at = section.at(key);
    const auto refuse = refusal_at(at);
    const auto chosen = build(at, refuse);
    for (const int position : positions_in(key, positions, refuse)) choice.at(position, chosen, refuse);
  }
  return choice;
}

}  // namespace

std::vector<BuildFile> choose_builds(const std::vector<std::string>& words, const std::optional<Settings>& in_file,
                                     const std::string& bench_file, const std::string& otherwise, int positions) {
  const auto first = of_command_line(words, positions);
  const auto second = in_file ? of_bench_file(*in_file, bench_file, positions) : Choice{positions};
  std::vector<BuildFile> builds;
  for (std::size_t i = 0; i < static_cast<std::size_t>(positions); ++i) {
    if (const auto& named = first.of(i) ? first.of(i) : second.of(i))
      builds.push_back(*named);
    else
      builds.push_back(value_or_throw(look_at_build(otherwise, "blondel")));
  }
  return builds;
}

}  // namespace blondel::sim
