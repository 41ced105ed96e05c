#pragma once

#include <string>
#include <string_view>

#include "references/error.hpp"
#include "references/verdict.hpp"

namespace blondel {

/// How a value with an uncertainty is judged against limits. Agreed with the customer before testing
/// (ISO/IEC 17025, 7.1.3).
enum class DecisionRule {
  simple_acceptance,  ///< the value decides, the uncertainty is shared risk
  guarded,            ///< guard band of the whole expanded uncertainty (ILAC-G8, w = U), on both sides
};

/// "simple acceptance" or "guarded", as plans write it.
std::string_view name(DecisionRule rule);
/// @returns an Error (malformed) at `where` for another word.
Result<DecisionRule> parse_decision_rule(std::string_view text, const std::string& where);

/// The verdict on a value between two limits (either may be infinite), all in one unit.
///
/// Simple acceptance: pass inside the limits or on them, else fail. Guarded: pass where value ± U lies inside, fail
/// where it lies wholly outside, inconclusive between. Whatever the rule, a value or limit that is not a number and
/// an expanded uncertainty that is negative or not finite are inconclusive: nothing was shown.
/// @pre lower <= upper; std::logic_error otherwise
Verdict decide(double value, double expanded_uncertainty, double lower, double upper, DecisionRule rule);

}  // namespace blondel
