#include "references/uncertainty/decision.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "references/nearest_name.hpp"
#include "references/quantity_text.hpp"
#include "references/uncertainty/risk.hpp"

namespace blondel {
namespace {

constexpr double widest_r = 5;

struct RuleWord {
  DecisionRule::Kind kind;
  std::string_view text;
  bool has_band;  ///< "by 0.83 U" may follow
};
constexpr RuleWord rule_words[] = {{DecisionRule::Kind::simple_acceptance, "simple acceptance", false},
                                   {DecisionRule::Kind::guarded, "guarded", true},
                                   {DecisionRule::Kind::z540_3_method_6, "Z540.3 method 6", false},
                                   {DecisionRule::Kind::non_binary, "ILAC-G8 non-binary", true}};

/// The 0.83 of "0.83 U".
Result<double> parse_guard_band(std::string_view text, const std::string& where) {
  const auto refused = [&] {
    return fail(
        Fault::malformed, where,
        fmt::format("expected a guard band above 0 and at most {} U, such as '0.83 U', found '{}'", widest_r, text));
  };
  if (!text.ends_with(" U")) return refused();
  const auto r = parse_number(text.substr(0, text.size() - 2), where);
  if (!r || !(*r > 0) || *r > widest_r) return refused();
  return *r;
}

/// M of Z540.3 method 6.
double method_6(double expanded, double lower, double upper) {
  const auto ratio = test_uncertainty_ratio(expanded, lower, upper);
  // z(0.98) / 2
  if (!ratio) return 1.0268744;
  // 0 · infinity would be none; and the printed formula falls below 0 a little before the ratio it ends at.
  if (std::isinf(*ratio)) return 0;
  return std::max(0.0, 1.04 - std::exp(0.38 * std::log(*ratio) - 0.54));
}

}  // namespace

std::string name(DecisionRule rule) {
  const auto& word = *std::ranges::find(rule_words, rule.kind, &RuleWord::kind);
  if (!word.has_band || rule.r == 1) return std::string{word.text};
  return fmt::format("{} by {} U", word.text, rule.r);
}

Result<DecisionRule> parse_decision_rule(std::string_view text, const std::string& where) {
  std::string list;
  std::vector<std::string> known;
  for (const auto& word : rule_words) {
    if (text == word.text) return DecisionRule{word.kind, 1};
    const auto with_band = std::string{word.text} + " by ";
    if (word.has_band && text.starts_with(with_band)) {
      const auto r = parse_guard_band(text.substr(with_band.size()), where);
      if (!r) return tl::unexpected<Error>{r.error()};
      return DecisionRule{word.kind, *r};
    }
    known.emplace_back(word.text);
    list += fmt::format("'{}', ", word.text);
  }
  return fail(Fault::malformed, where,
              fmt::format("expected a decision rule: {}or with another guard band 'guarded by 0.83 U', found '{}'{}",
                          list, text, hint(text, known)));
}

std::string_view decides_by(DecisionRule rule) {
  switch (rule.kind) {
    case DecisionRule::Kind::simple_acceptance: return "nothing; the uncertainty is only stated";
    case DecisionRule::Kind::guarded: return "the expanded uncertainty U";
    case DecisionRule::Kind::z540_3_method_6: return "the expanded uncertainty U and the test uncertainty ratio";
    case DecisionRule::Kind::non_binary: return "the expanded uncertainty U";
  }
  throw std::logic_error{"a decision rule without a name"};
}

GuardBands guard_bands(DecisionRule rule, double expanded_uncertainty, double lower, double upper) {
  const double u = std::isfinite(expanded_uncertainty) && expanded_uncertainty >= 0
                       ? expanded_uncertainty
                       : std::numeric_limits<double>::quiet_NaN();
  switch (rule.kind) {
    case DecisionRule::Kind::simple_acceptance: return {0 * u, 0 * u};
    case DecisionRule::Kind::guarded:
    case DecisionRule::Kind::non_binary: return {rule.r * u, rule.r * u};
    case DecisionRule::Kind::z540_3_method_6: return {method_6(u, lower, upper) * u, 0 * u};
  }
  throw std::logic_error{"a decision rule without guard bands"};
}

std::string_view name(Statement statement) {
  switch (statement) {
    case Statement::pass: return "pass";
    case Statement::conditional_pass: return "conditional pass";
    case Statement::inconclusive: return "inconclusive";
    case Statement::conditional_fail: return "conditional fail";
    case Statement::fail: return "fail";
  }
  return "unknown";
}

Statement state(double value, double expanded_uncertainty, double lower, double upper, DecisionRule rule) {
  if (lower > upper) throw std::logic_error{"the lower limit is above the upper one"};
  const auto guard = guard_bands(rule, expanded_uncertainty, lower, upper);
  if (!std::isfinite(value) || std::isnan(guard.accept) || std::isnan(lower) || std::isnan(upper))
    return Statement::inconclusive;
  if (value - guard.accept >= lower && value + guard.accept <= upper) return Statement::pass;
  if (value + guard.reject < lower || value - guard.reject > upper) return Statement::fail;
  if (rule.kind != DecisionRule::Kind::non_binary) return Statement::inconclusive;
  return value >= lower && value <= upper ? Statement::conditional_pass : Statement::conditional_fail;
}

Verdict decide(double value, double expanded_uncertainty, double lower, double upper, DecisionRule rule) {
  switch (state(value, expanded_uncertainty, lower, upper, rule)) {
    case Statement::pass: return Verdict::pass;
    case Statement::fail: return Verdict::fail;
    case Statement::conditional_pass:
    case Statement::inconclusive:
    case Statement::conditional_fail: break;
  }
  return Verdict::inconclusive;
}

}  // namespace blondel
