#include "reports/html_class.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "references/uncertainty/decision.hpp"
#include "reports/class_conclusion.hpp"
#include "reports/html_budget.hpp"
#include "reports/html_escape.hpp"
#include "reports/html_meter.hpp"
#include "reports/number_text.hpp"

namespace blondel {
namespace {

/// "U", "0.83 U"
std::string band_words(const DecisionRule& rule) {
  return rule.r == 1 ? "U" : fmt::format("{} U", rule.r);
}

/// What a rule does, for somebody who does not know its name.
std::string rule_in_words(const DecisionRule& rule) {
  switch (rule.kind) {
    case DecisionRule::Kind::simple_acceptance:
      return "Pass where the value lies within its limits, fail where it does not.";
    case DecisionRule::Kind::guarded:
      return fmt::format(
          "Pass only where the value lies within its limits by {0}, fail only where it lies outside by more than {0}; "
          "between the two it is inconclusive.",
          band_words(rule));
    case DecisionRule::Kind::z540_3_method_6:
      return "Pass only where the value lies within its limits by M·U, M from the test uncertainty ratio; fail where "
             "it "
             "lies outside its limits; between the two it is inconclusive.";
    case DecisionRule::Kind::non_binary:
      return fmt::format(
          "Pass where the value lies within its limits by {0}, conditional pass where it lies within by less, "
          "conditional fail where it lies outside by less than {0}, fail beyond. What is conditional counts as "
          "inconclusive.",
          band_words(rule));
  }
  return {};
}

std::string rule_html(const std::string& text) {
  auto html = fmt::format("<b>{}.</b>", html_escape(text.empty() ? "not recorded" : text));
  // A rule of another version of the program has no words here, only its name.
  if (const auto rule = parse_decision_rule(text, "record"))
    html += fmt::format(" {} It decides by {}.", html_escape(rule_in_words(*rule)),
                        html_escape(rule->kind == DecisionRule::Kind::simple_acceptance
                                        ? "the value alone; the uncertainty is only stated"
                                        : "the value and " + std::string{decides_by(*rule)}));
  return html + " PFA, PFR and TUR are stated on every line" +
         (text == name(DecisionRule::z540_3_method_6) ? "; PFA and PFR decide nothing." : " and decide nothing.");
}

/// A probability in percent, with two digits where it has them.
std::string risk_text(const std::optional<double>& risk) {
  if (!risk) return "–";
  if (*risk < 0.0001) return "&lt; 0.01 %";
  if (*risk > 0.9999) return "&gt; 99.99 %";
  return fmt::format("{:.{}f} %", *risk * 100, *risk < 0.001 || *risk > 0.999 ? 2 : 1);
}

std::string method_cell(const MeasurementView& m) {
  std::string text;
  if (m.measuring) text = duration_text(m.measuring->seconds);
  if (!m.method.empty()) text += (text.empty() ? "" : ", ") + m.method;
  auto html = text.empty() ? std::string{"–"} : html_escape(text);
  std::string small;
  if (m.measuring && !m.measuring->stopped.empty()) {
    small = m.measuring->stopped;
    if (m.measuring->most_looks > 1)
      small += fmt::format(" at look {} of {}", m.measuring->looks, m.measuring->most_looks);
  }
  if (!small.empty()) html += fmt::format(R"(<br><span class="src">{}</span>)", html_escape(small));
  return html;
}

/// @param of  the class: a reason that holds for all of it is said once, at its head
std::string verdict_cell(const ClassView& of, const MeasurementView& m) {
  auto html = verdict_html(m.verdict);
  if (!m.statement.empty()) html += fmt::format(R"(<br><span class="src">{}</span>)", html_escape(m.statement));
  if (!m.informative.empty())
    html += fmt::format(R"(<br><span class="mark weak">for information only</span> <span class="src">{}</span>)",
                        m.informative == of.informative ? "" : html_escape(m.informative));
  return html;
}

constexpr int line_columns = 9;

std::string class_line_html(const ClassView& of, const MeasurementView& m, const std::string& budget) {
  const bool bad = m.verdict >= Verdict::fail && m.informative.empty();
  auto html = fmt::format(R"(<tr class="v-{}{}">)", name(m.verdict), bad ? " bad" : "");
  auto out = std::back_inserter(html);
  fmt::format_to(out, R"(<td class="src" data-k="clause">{}{}</td>)", html_escape(m.clause.empty() ? "–" : m.clause),
                 limit_mark_html(m));
  fmt::format_to(out, "<td class=\"end\"><b>{}</b></td>", html_escape(m.point.empty() ? words_of(m.name) : m.point));
  fmt::format_to(out, R"(<td class="r num" data-k="limit">{}</td>)",
                 html_escape(limits_text(m) + (m.unit.empty() || !(m.lower || m.upper) ? "" : " " + m.unit)));
  fmt::format_to(out, R"(<td class="r num end" title="{}"><b>{}</b>{}</td>)",
                 m.value ? fmt::format("{}", *m.value) : "", html_escape(typeset(value_text(m))),
                 m.expanded_uncertainty
                     ? html_escape(fmt::format(" ± {:.{}f} {}", *m.expanded_uncertainty, decimals_for(m), m.unit))
                 : !m.no_measurement.empty()
                     ? fmt::format(R"(<br><span class="src">{}</span>)", html_escape(m.no_measurement))
                     : html_escape(m.unit.empty() ? "" : " " + m.unit));
  fmt::format_to(out, R"(<td class="r num" data-k="k">{}</td>)",
                 m.coverage_factor ? fmt::format("{:.2f}", *m.coverage_factor) : "–");
  fmt::format_to(out, R"(<td class="r num end" data-k="PFA, PFR">{}<br><span class="muted">{}</span></td>)",
                 risk_text(m.pfa), risk_text(m.pfr));
  fmt::format_to(out, R"(<td class="r num" data-k="TUR">{}</td>)", m.tur ? fmt::format("{:.3g}", *m.tur) : "–");
  fmt::format_to(out, R"(<td class="end">{}</td><td class="wide">{}</td></tr>)", verdict_cell(of, m), method_cell(m));
  if (!budget.empty())
    fmt::format_to(out, "\n<tr class=\"sub\"><td colspan=\"{}\" class=\"wide\">{}</td></tr>", line_columns, budget);
  return html + '\n';
}

/// By reason, because many points share one.
std::string gaps_html(const std::vector<NotCovered>& gaps) {
  std::vector<std::pair<std::string, std::string>> by_reason;
  for (const auto& gap : gaps) {
    const auto known = std::ranges::find(by_reason, gap.why, &std::pair<std::string, std::string>::first);
    if (known == by_reason.end())
      by_reason.emplace_back(gap.why, gap.what);
    else
      known->second += "; " + gap.what;
  }
  std::string html = "<ul>";
  for (const auto& [why, what] : by_reason)
    html += fmt::format("<li>{}{}</li>", html_escape(what),
                        why.empty() ? "" : fmt::format(R"(: <span class="muted">{}</span>)", html_escape(why)));
  return html + "</ul>";
}

/// One measurement that several classes judge has one budget: it is shown where it comes first.
class ShownBudgets {
 public:
  /// The line's budget, or a link to the same one.
  std::string html(int position, const MeasurementView& m, const ClassView& of) {
    if (m.budget.empty()) return {};
    const auto [place, fresh] = shown_.try_emplace(
        Key{position, m.step, m.bench_time_ns, m.name + '\n' + m.point + '\n' + m.load + '\n' + m.method,
            m.value.value_or(0), m.expanded_uncertainty.value_or(0)},
        std::pair{&m, of.name()});
    const auto& [first, where] = place->second;
    if (fresh || first->budget != m.budget) return budget_html(m);
    return fmt::format("<a class=\"src\" href=\"#budget-{}\">Budget: as for {}</a>", first->record, html_escape(where));
  }

 private:
  using Key = std::tuple<int, int, std::int64_t, std::string, double, double>;
  std::map<Key, std::pair<const MeasurementView*, std::string>> shown_;
};

/// The lines of one meter, a table a requirement.
std::string class_of_meter_html(const ClassView& one, const PositionView& position, ShownBudgets& budgets) {
  const auto lines = class_lines(one, position);
  auto html =
      fmt::format(R"(<div class="who-head"><h3>Position {} · <span class="mono">{}</span></h3></div>)",
                  position.position, position.serial.empty() ? "serial number not read" : html_escape(position.serial));
  if (lines.empty()) return html + "<p class=\"muted\">No measurement against this class in the record.</p>\n";
  for (std::size_t i = 0; i < lines.size();) {
    const auto& requirement = lines[i]->requirement;
    html += fmt::format(
        R"(<h4>{}</h4><table class="rows lines"><thead><tr><th>Clause</th><th>Requirement at</th><th class="r">Limit</th>)"
        R"(<th class="r">Result ± U</th><th class="r">k</th><th class="r">PFA<br>PFR</th>)"
        R"(<th class="r">TUR</th><th>Verdict</th><th>Time, method</th></tr></thead><tbody>)"
        "\n",
        html_escape(requirement.empty() ? "other measurements" : requirement));
    for (; i < lines.size() && lines[i]->requirement == requirement; ++i)
      html += class_line_html(one, *lines[i], budgets.html(position.position, *lines[i], one));
    html += "</tbody></table>\n";
  }
  return html;
}

/// "no-load condition (7.6)"
std::string requirement_html(const RequirementView& row) {
  return html_escape(row.requirement) +
         (row.clause.empty() ? "" : fmt::format(R"( <span class="muted">{}</span>)", html_escape(row.clause)));
}

/// Why nothing of a requirement is covered, where one reason holds for all of it.
std::optional<std::string> one_reason(const RequirementView& row) {
  if (row.points > 0) return std::nullopt;
  if (row.not_covered.empty()) return "no point of it is in the plan";
  const auto& why = row.not_covered.front().why;
  const bool same = std::ranges::all_of(row.not_covered, [&](const NotCovered& gap) { return gap.why == why; });
  return same && !why.empty() ? std::optional{why} : std::nullopt;
}

/// Requirements that are left out whole stand in one line a reason, the points of the others under their requirement.
std::string not_covered_html(const ClassView& one) {
  std::vector<std::pair<std::string, std::string>> whole;
  std::string html;
  for (const auto& row : one.requirements) {
    if (row.not_covered.empty() && row.points > 0) continue;
    if (const auto why = one_reason(row)) {
      auto known = std::ranges::find(whole, *why, &std::pair<std::string, std::string>::first);
      if (known == whole.end()) known = whole.insert(whole.end(), {*why, ""});
      known->second += (known->second.empty() ? "" : "; ") + requirement_html(row);
      if (row.not_covered.size() > 1) known->second += fmt::format(", {} points", row.not_covered.size());
    } else {
      html += fmt::format("<h4>{}</h4>{}", requirement_html(row), gaps_html(row.not_covered));
    }
  }
  if (!whole.empty()) {
    html += "<h4>Whole requirements</h4><ul>";
    for (const auto& [why, what] : whole)
      html += fmt::format(R"(<li>{}: <span class="muted">{}</span></li>)", what, html_escape(why));
    html += "</ul>";
  }
  if (!one.lacks.empty()) html += "<h4>Without known figures</h4>" + gaps_html(one.lacks);
  if (html.empty()) return {};
  return "<div class=\"note v-inconclusive\"><b>Not covered.</b> It does not count as passed.\n" + html + "</div>\n";
}

/// The meter that decides which points there are.
std::string chosen_for_html(const ClassView& one) {
  if (one.chosen_for.empty()) return {};
  std::string html;
  for (const auto& meter : one.chosen_for) html += (html.empty() ? "" : "<br>") + html_escape(meter);
  return fmt::format(
      "<div><dt>Points are those of a meter with</dt><dd>{}<br><span class=\"src\">as the plan or the standard has it; "
      "nothing above Imax is stated</span></dd></div>",
      html);
}

std::string marks_html(const ClassView& one) {
  std::string text;
  for (const auto& [mark, count] : one.marks) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, mark);
  if (text.empty()) return {};
  return fmt::format(
      "<div><dt>Rows of the standard by mark</dt><dd>{}<br><span class=\"src\">V compared with the printed text, M "
      "widely repeated, m unconfirmed</span></dd></div>",
      html_escape(text));
}

/// The rules of its lines; the run's own where they name none.
std::string rules_html(const RunView& run, const ClassView& one) {
  std::set<std::string> rules;
  for (const auto& position : run.positions)
    for (const auto* m : class_lines(one, position))
      if (!m->rule.empty()) rules.insert(m->rule);
  if (rules.empty()) rules.insert(run.decision_rule);
  std::string html;
  for (const auto& rule : rules) html += (html.empty() ? "" : "<br>") + rule_html(rule);
  return html;
}

std::string class_record_html(const RunView& run, const ClassView& one, ShownBudgets& budgets) {
  auto html = fmt::format("<section class=\"class-record\"><h3>{}{}</h3>", html_escape(one.standard),
                          one.edition.empty() ? "" : ", edition " + html_escape(one.edition));
  if (!one.title.empty()) html += fmt::format("<p class=\"muted\">{}</p>", html_escape(one.title));
  if (!one.informative.empty())
    html += fmt::format("<p><span class=\"mark weak\">for information only</span> {}: it decides nothing.</p>",
                        html_escape(one.informative));
  html += "\n<table class=\"rows conclusions\"><tbody>\n";
  for (const auto& position : run.positions) {
    if (!position.judged) continue;
    const auto said = conclude(one, position);
    html += fmt::format(
        R"(<tr class="v-{}"><td>Position {} <span class="mono">{}</span></td><td class="wide"><b class="said">{}</b></td></tr>)"
        "\n",
        name(said.verdict), position.position, html_escape(position.serial), html_escape(said.text));
  }
  html += "</tbody></table>\n";
  if (!one.scope.empty()) {
    html += "<div class=\"note v-inconclusive\"><b>Scope.</b><ul>";
    for (const auto& text : one.scope) html += "<li>" + html_escape(text) + "</li>";
    html += "</ul></div>\n";
  }
  html += fmt::format("<dl class=\"facts\"><div class=\"broad\"><dt>Decision rule</dt><dd>{}</dd></div>{}{}</dl>\n",
                      rules_html(run, one), chosen_for_html(one), marks_html(one));
  for (const auto& position : run.positions)
    if (position.judged) html += class_of_meter_html(one, position, budgets);
  return html + not_covered_html(one) + "</section>\n";
}

std::string overdue_words(const CertificateView& one) {
  auto text = one.number;
  if (!one.instrument.empty() || !one.serial.empty())
    text += " of " + one.instrument + (one.serial.empty() ? "" : " " + one.serial);
  if (!one.quantity.empty()) text += ", " + one.quantity;
  return one.due.empty() ? text : text + ", was due " + one.due;
}

}  // namespace

std::string class_records_html(const RunView& run) {
  if (run.classes.empty()) return {};
  std::string html =
      "<h2 id=\"type-test\">Type-test record</h2>\n<p class=\"lead\">What was measured against each accuracy class, by "
      "requirement. PFA is the probability that the true value lies outside the limit, PFR that it lies within, for "
      "this very value. TUR is the span of the limits over that of ±U.</p>\n";
  ShownBudgets budgets;
  for (const auto& one : run.classes) html += class_record_html(run, one, budgets);
  return html;
}

std::string certificates_html(const RunView& run) {
  const auto& all = run.traceability.certificates;
  if (all.empty()) return {};
  auto html = fmt::format(
      "<h2 id=\"certificates\">Calibration certificates</h2>\n{}<div class=\"scroll\"><table><thead><tr>"
      "<th>Number</th><th>Instrument</th><th>Serial</th><th>Quantity</th><th>Laboratory</th><th>Calibrated</th>"
      "<th>Due</th><th class=\"r\">k</th><th>State</th></tr></thead><tbody>\n",
      run.traceability.date.empty()
          ? ""
          : fmt::format("<p class=\"lead\">As of {}.</p>\n", html_escape(run.traceability.date)));
  for (const auto& one : all) {
    html += fmt::format("<tr class=\"{}\">", one.overdue ? "v-fail bad" : "v-pass");
    for (const auto* text :
         {&one.number, &one.instrument, &one.serial, &one.quantity, &one.laboratory, &one.date, &one.due})
      html += fmt::format("<td>{}</td>", text->empty() ? "–" : html_escape(*text));
    html += fmt::format("<td class=\"r num\">{}</td><td>{}</td></tr>\n",
                        one.coverage_factor.empty() ? "–" : html_escape(one.coverage_factor),
                        one.overdue ? "<b>overdue</b>" : "valid");
  }
  return html + "</tbody></table></div>\n";
}

std::string overdue_banner_html(const RunView& run) {
  std::string list;
  for (const auto& one : run.traceability.certificates)
    if (one.overdue) list += (list.empty() ? "" : "; ") + overdue_words(one);
  if (list.empty()) return {};
  return fmt::format(
      "<div class=\"page-banner v-fail\"><div><b>Overdue calibration certificate.</b> {}{}. The plan allowed it; no "
      "result of this run is traceable without a new calibration.</div></div>\n",
      html_escape(list), run.traceability.date.empty() ? "" : ", used on " + html_escape(run.traceability.date));
}

}  // namespace blondel
