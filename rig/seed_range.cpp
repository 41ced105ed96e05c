#include "rig/seed_range.hpp"

#include <fmt/format.h>

#include "references/error.hpp"

namespace blondel {

namespace {

std::uint64_t number_of(const std::string& word, const std::string& whole) {
  const bool digits = !word.empty() && word.size() <= 18 && word.find_first_not_of("0123456789") == std::string::npos;
  if (!digits)
    throw Failure{Fault::usage, "--seeds", fmt::format("expected a number or a range such as 1-20, found '{}'", whole)};
  return std::stoull(word);
}

}  // namespace

std::vector<std::uint64_t> split_seeds(const std::string& text) {
  const auto dash = text.find('-');
  const auto first = number_of(text.substr(0, dash), text);
  const auto last = dash == std::string::npos ? first : number_of(text.substr(dash + 1), text);
  if (last < first || last - first >= 10'000)
    throw Failure{Fault::usage, "--seeds",
                  fmt::format("expected a rising range of at most 10000 seeds, found '{}'", text)};
  std::vector<std::uint64_t> seeds;
  for (auto seed = first; seed <= last; ++seed) seeds.push_back(seed);
  return seeds;
}

}  // namespace blondel
