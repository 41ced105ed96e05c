#include "rig/steps/write_outcome.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace blondel {

namespace {

std::string read_word(const Settings& at) {
  const auto word = at.text();
  if (word == "accepted" || word == "unchanged" || word == "refused") return word;
  for (int code = 1; code <= 11; ++code)
    if (word == fmt::format("exception {:02}", code)) return word;
  throw at.failure(fmt::format(
      "expected 'accepted', 'unchanged', 'refused' or an exception such as 'exception 03', found '{}'", word));
}

}  // namespace

std::string WriteOutcome::text() const {
  const auto answer = exception == 0 ? std::string{} : fmt::format("exception {:02}", exception);
  switch (held) {
    case Held::written: return exception == 0 ? "accepted" : answer + ", and taken all the same";
    case Held::as_before: return exception == 0 ? "unchanged" : answer;
    case Held::something_else:
      return exception == 0 ? "changed to something else" : answer + ", and changed to something else";
  }
  return answer;
}

PermittedOutcomes::PermittedOutcomes(const Settings& at) {
  if (at.is_sequence())
    for (const auto& item : at.items()) {
      const auto word = read_word(item);
      if (std::ranges::find(words_, word) != words_.end())
        throw item.failure(fmt::format("the outcome '{}' stands twice", word));
      words_.push_back(word);
    }
  else
    words_.push_back(read_word(at));
  if (words_.empty()) throw at.failure("expected at least one outcome");
}

bool PermittedOutcomes::permits(const WriteOutcome& outcome) const {
  const auto text = outcome.text();
  const bool refused = outcome.held == WriteOutcome::Held::as_before;
  return std::ranges::any_of(words_, [&](const auto& word) { return word == text || (word == "refused" && refused); });
}

bool PermittedOutcomes::may_be_taken() const {
  return std::ranges::find(words_, "accepted") != words_.end();
}

std::string PermittedOutcomes::text() const {
  return fmt::format("{}", fmt::join(words_, " or "));
}

}  // namespace blondel
