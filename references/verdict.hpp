#pragma once

#include <string_view>

namespace blondel {

/// In rising order: the worst part decides the whole. `error` is the bench's fault, never the meter's.
enum class Verdict { pass, skipped, inconclusive, fail, error, aborted };

/// "pass", "skipped", ...
std::string_view name(Verdict verdict);
constexpr Verdict worse(Verdict a, Verdict b) {
  return a < b ? b : a;
}

}  // namespace blondel
