#include "rig/run_journal.hpp"

#include <cmath>

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

}  // namespace

void RunJournal::add(std::string_view kind, nlohmann::ordered_json fields) {
  if (step_ != 0 && !fields.contains("step")) {
    nlohmann::ordered_json with_step = {{"step", step_}};
    with_step.update(fields);
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
  if (!m.method.empty()) fields["method"] = m.method;
  fields["value"] = m.value;
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
  if (const auto said = conditional_words(m)) fields["statement"] = name(*said);
  fields["verdict"] = name(m.verdict);
  if (!m.standard.empty()) {
    fields["standard"] = m.standard;
    fields["edition"] = m.edition;
    fields["clause"] = m.clause;
    fields["mark"] = m.mark;
  }
  add("measurement", std::move(fields));
}

}  // namespace blondel
