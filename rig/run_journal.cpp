#include "rig/run_journal.hpp"

#include <cmath>
#include <limits>

#include "references/uncertainty/risk.hpp"

namespace blondel {

namespace {

/// A line of a budget; what it does not state is left out.
nlohmann::ordered_json budget_line(const Contribution& c) {
  nlohmann::ordered_json line = {
      {"source", c.source}, {"standard_uncertainty", c.standard_uncertainty}, {"evaluation", c.evaluation}};
  if (!c.sensitivity) return line;
  line["distribution"] = c.distribution;
  if (std::isfinite(c.degrees_of_freedom)) line["degrees_of_freedom"] = c.degrees_of_freedom;
  if (c.value) line["value"] = *c.value;
  line["unit"] = c.unit;
  line["sensitivity"] = *c.sensitivity;
  if (!c.group.empty()) line["group"] = c.group;
  return line;
}

/// What a rule that knows conditional words says where the verdict is only inconclusive.
std::optional<Statement> conditional_words(const Measurement& m) {
  if (m.verdict != Verdict::inconclusive || !m.budget || !m.lower || !m.upper) return std::nullopt;
  const auto said = state(m.value, m.budget->expanded(), *m.lower, *m.upper, m.rule);
  if (said != Statement::conditional_pass && said != Statement::conditional_fail) return std::nullopt;
  return said;
}

void add_finite(nlohmann::ordered_json& to, const char* key, double value) {
  if (std::isfinite(value)) to[key] = value;
}

void add_text(nlohmann::ordered_json& to, const char* key, const std::string& text) {
  if (!text.empty()) to[key] = text;
}

/// The guard bands of the rule, and what can go wrong with this value, whichever way it was decided.
void add_risk(nlohmann::ordered_json& fields, const Measurement& m) {
  if (!m.budget || (!m.lower && !m.upper)) return;
  constexpr double open = std::numeric_limits<double>::infinity();
  const double lower = m.lower.value_or(-open), upper = m.upper.value_or(open), k = m.budget->coverage_factor();
  const double expanded = m.budget->expanded();
  if (!(lower <= upper) || !(k > 0) || !std::isfinite(expanded)) return;
  auto guard = nlohmann::ordered_json::object(), risk = nlohmann::ordered_json::object();
  const auto bands = guard_bands(m.rule, expanded, lower, upper);
  add_finite(guard, "accept", bands.accept);
  add_finite(guard, "reject", bands.reject);
  const auto risks = specific_risk(m.value, expanded, k, lower, upper, m.budget->effective_degrees_of_freedom());
  add_finite(risk, "pfa", risks.false_accept);
  add_finite(risk, "pfr", risks.false_reject);
  if (risks.test_uncertainty_ratio) add_finite(risk, "tur", *risks.test_uncertainty_ratio);
  if (!guard.empty()) fields["guard"] = std::move(guard);
  if (!risk.empty()) fields["risk"] = std::move(risk);
}

}  // namespace

void RunJournal::add(std::string_view kind, nlohmann::ordered_json fields) {
  if (step_ != 0 && !fields.contains("step")) {
    nlohmann::ordered_json with_step = {{"step", step_}};
    for (auto& field : fields.items()) with_step[field.key()] = std::move(field.value());
    fields = std::move(with_step);
  }
  journal_.add(kind, clock_.now().time_since_epoch().count(), std::move(fields));
}

void RunJournal::add(const Measurement& m) {
  const auto number_or_null = [](std::optional<double> v) {
    return v ? nlohmann::ordered_json(*v) : nlohmann::ordered_json();
  };
  nlohmann::ordered_json fields = {{"position", m.position}, {"name", m.name}, {"point", m.point}};
  if (m.current_ratio) fields["current_ratio"] = *m.current_ratio;
  if (!m.power_factor.empty()) fields["power_factor"] = m.power_factor;
  add_text(fields, "load", m.load);
  add_text(fields, "energy", m.energy);
  add_text(fields, "requirement", m.requirement);
  add_text(fields, "method", m.method);
  add_text(fields, "method_why", m.method_why);
  fields["value"] = m.why_not.empty() ? nlohmann::ordered_json(m.value) : nlohmann::ordered_json();
  add_text(fields, "no_measurement", m.why_not);
  if (m.raw) add_finite(fields, "raw", *m.raw);
  fields["unit"] = m.unit;
  if (m.budget) {
    fields["expanded_uncertainty"] = m.budget->expanded();
    fields["coverage_factor"] = m.budget->coverage_factor();
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const auto& c : m.budget->contributions()) rows.push_back(budget_line(c));
    fields["budget"] = std::move(rows);
  }
  fields["lower"] = number_or_null(m.lower);
  fields["upper"] = number_or_null(m.upper);
  if (m.resolution) fields["resolution"] = *m.resolution;
  fields["rule"] = name(m.rule);
  add_risk(fields, m);
  if (const auto said = conditional_words(m)) fields["statement"] = name(*said);
  fields["verdict"] = name(m.verdict);
  add_text(fields, "informative", m.informative);
  if (m.measuring)
    fields["measuring"] = {{"seconds", m.measuring->seconds},
                           {"looks", m.measuring->looks},
                           {"most_looks", m.measuring->most_looks},
                           {"stopped", m.measuring->stopped}};
  if (!m.standard.empty()) {
    fields["standard"] = m.standard;
    fields["edition"] = m.edition;
    fields["clause"] = m.clause;
    fields["mark"] = m.mark;
  }
  add("measurement", std::move(fields));
}

}  // namespace blondel
