#include "references/uncertainty/decision.hpp"

#include <cmath>
#include <stdexcept>

namespace blondel {

std::string_view name(DecisionRule rule) {
  return rule == DecisionRule::simple_acceptance ? "simple acceptance" : "guarded";
}

Result<DecisionRule> parse_decision_rule(std::string_view text, const std::string& where) {
  for (const auto rule : {DecisionRule::simple_acceptance, DecisionRule::guarded})
    if (text == name(rule)) return rule;
  return fail(Fault::malformed, where,
              fmt::format("expected a decision rule, 'simple acceptance' or 'guarded', found '{}'", text));
}

Verdict decide(double value, double expanded_uncertainty, double lower, double upper, DecisionRule rule) {
  if (lower > upper) throw std::logic_error{"the lower limit is above the upper one"};
  if (!std::isfinite(value) || !std::isfinite(expanded_uncertainty) || expanded_uncertainty < 0 || std::isnan(lower) ||
      std::isnan(upper))
    return Verdict::inconclusive;
  const double guard = rule == DecisionRule::guarded ? expanded_uncertainty : 0;
  if (value - guard >= lower && value + guard <= upper) return Verdict::pass;
  if (value + guard < lower || value - guard > upper) return Verdict::fail;
  return Verdict::inconclusive;
}

}  // namespace blondel
