#include "references/verdict.hpp"

namespace blondel {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::skipped: return "skipped";
    case Verdict::inconclusive: return "inconclusive";
    case Verdict::fail: return "fail";
    case Verdict::error: return "error";
    case Verdict::aborted: return "aborted";
  }
  return "unknown";
}

}  // namespace blondel
