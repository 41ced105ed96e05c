#pragma once

#include <string>
#include <vector>

#include "drivers/modbus/reply.hpp"
#include "references/settings.hpp"

namespace blondel {

/// What came of a write: the meter's answer, and what the register holds afterwards.
struct WriteOutcome {
  enum class Held { written, as_before, something_else };
  int exception = 0;  ///< 0: a good answer
  Held held{};
  bool operator==(const WriteOutcome&) const = default;

  /// "accepted", "unchanged" (a good answer, and nothing taken), "exception 03", "changed to something else", and what
  /// contradicts itself: "exception 03, and taken all the same".
  std::string text() const;
};

/// Outcomes that a plan permits: `accepted`, `unchanged`, `exception 03`; `refused` is any exception or `unchanged`.
class PermittedOutcomes {
 public:
  PermittedOutcomes() : words_{"accepted"} {}
  /// One of these words or a list of them. @throws Failure(malformed) where it stands.
  explicit PermittedOutcomes(const Settings& at);

  bool permits(const WriteOutcome& outcome) const;
  bool only_accepted() const { return words_ == std::vector<std::string>{"accepted"}; }
  /// Whether a meter may take what is written.
  bool may_be_taken() const;
  std::string text() const;

 private:
  std::vector<std::string> words_;
};

}  // namespace blondel
