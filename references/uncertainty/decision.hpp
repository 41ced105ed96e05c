#pragma once

#include <string>
#include <string_view>

#include "references/error.hpp"
#include "references/verdict.hpp"

namespace blondel {

/// How a value with an uncertainty is judged against limits. Agreed with the customer before testing
/// (ISO/IEC 17025, 7.1.3).
struct DecisionRule {
  enum class Kind {
    simple_acceptance,  ///< the value decides, the uncertainty is shared risk
    guarded,            ///< pass and fail only outside a guard band of r·U around the limit (JCGM 106, clause 8)
    z540_3_method_6,    ///< acceptance guarded by M·U, M from the test uncertainty ratio; rejection by the value
    non_binary,         ///< ILAC-G8: pass, conditional pass, conditional fail, fail, with w = r·U
  };
  Kind kind{};
  double r = 1;  ///< the guard band in expanded uncertainties, above 0, of guarded and non_binary; 1 for the others

  bool operator==(const DecisionRule&) const = default;

  static const DecisionRule simple_acceptance, guarded, z540_3_method_6, ilac_g8_non_binary;  ///< r = 1
};

inline constexpr DecisionRule DecisionRule::simple_acceptance{};
inline constexpr DecisionRule DecisionRule::guarded{Kind::guarded, 1};
inline constexpr DecisionRule DecisionRule::z540_3_method_6{Kind::z540_3_method_6, 1};
inline constexpr DecisionRule DecisionRule::ilac_g8_non_binary{Kind::non_binary, 1};

/// As plans write it: "simple acceptance", "guarded", "guarded by 0.83 U", "Z540.3 method 6", "ILAC-G8 non-binary",
/// "ILAC-G8 non-binary by 1.5 U". parse_decision_rule() reads it back.
std::string name(DecisionRule rule);
/// @returns an Error (malformed) at `where` for another word, with the nearest rule as a hint, and for a guard band
///          that is not above 0 and at most 5 U.
Result<DecisionRule> parse_decision_rule(std::string_view text, const std::string& where);
/// What the rule looks at besides the value and its limits: "nothing", "the expanded uncertainty U", ...
std::string_view decides_by(DecisionRule rule);

/// The guard bands of a rule, in the unit of U; not a number where U is negative or not finite.
struct GuardBands {
  double accept{};  ///< pass only so far inside both limits
  double reject{};  ///< fail only so far outside
};

/// simple acceptance: 0 and 0. guarded, ILAC-G8 non-binary: r·U and r·U. Z540.3 method 6: M·U and 0, with
/// M = 1.04 - exp(0.38·ln TUR - 0.54) and nothing below 0 (TUR from 4.59 on; the printed rule says 4.6), TUR being
/// (upper - lower) / 2U. A limit on one side only has no TUR: there M is 1.027, which holds the item's own probability
/// of false acceptance at the 2 % that Z540.3 asks for, for U = 2u.
///
/// Source: ILAC-G8:09/2019; JCGM 106:2012, clause 8; ANSI/NCSL Z540.3:2006, handbook, method 6 (after Dobbert, 2008).
GuardBands guard_bands(DecisionRule rule, double expanded_uncertainty, double lower, double upper);

/// What the non-binary rule says, in its own words; the others say the verdict's.
enum class Statement { pass, conditional_pass, inconclusive, conditional_fail, fail };
/// "pass", "conditional pass", "inconclusive", "conditional fail", "fail"
std::string_view name(Statement statement);

/// The statement on a value between two limits (either may be infinite), all in one unit. `inconclusive` where a rule
/// that knows no conditional words cannot decide, and always where a value or limit is not a number or an expanded
/// uncertainty negative or not finite: nothing was shown.
///
/// Pass: the value is inside both limits by the acceptance band, or on the edge. Fail: outside a limit by more than the
/// rejection band. Between, with ILAC-G8: conditional pass on the limit or inside, conditional fail outside.
/// @pre lower <= upper; std::logic_error otherwise
Statement state(double value, double expanded_uncertainty, double lower, double upper, DecisionRule rule);

/// The verdict that follows from state(): a conditional pass or fail is inconclusive, because it is for the customer to
/// take it or not.
/// @pre lower <= upper; std::logic_error otherwise
Verdict decide(double value, double expanded_uncertainty, double lower, double upper, DecisionRule rule);

}  // namespace blondel
