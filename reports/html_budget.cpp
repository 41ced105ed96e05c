#include "reports/html_budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "reports/html_escape.hpp"
#include "reports/number_text.hpp"

namespace blondel {
namespace {

/// With its sign: lines of one group add before they are squared.
double signed_uncertainty(const BudgetLine& line) {
  return line.sensitivity.value_or(1) < 0 ? -line.standard_uncertainty : line.standard_uncertainty;
}

std::string in_unit_of(double number, const char* format, const std::string& unit) {
  auto text = typeset(fmt::format(fmt::runtime(format), number == 0 ? 0.0 : number));
  if (!unit.empty() && unit != "1") text += ' ' + unit;
  return html_escape(text);
}

/// Of the input, before the sensitivity.
std::string input_uncertainty(const BudgetLine& line) {
  if (!line.sensitivity || *line.sensitivity == 0) return "–";
  return in_unit_of(line.standard_uncertainty / std::abs(*line.sensitivity), "{:.2g}", line.unit);
}

std::string share_text(double share) {
  return typeset(fmt::format("{:.1f} %", share == 0 ? 0.0 : share * 100));
}

void budget_row(std::string& html, const BudgetLine& line, const std::string& unit, const std::string& share) {
  auto out = std::back_inserter(html);
  fmt::format_to(out, "<tr><td>{}{}</td>", html_escape(line.source),
                 line.group.empty()
                     ? ""
                     : fmt::format(R"( <span class="muted">(correlated: {})</span>)", html_escape(line.group)));
  fmt::format_to(out, R"(<td class="r num">{}</td><td class="r num">{}</td><td class="r num">{}</td>)",
                 line.value ? in_unit_of(*line.value, "{:.6g}", line.unit) : "–", input_uncertainty(line),
                 line.sensitivity ? in_unit_of(*line.sensitivity, "{:.4g}", "") : "–");
  fmt::format_to(out,
                 R"(<td class="r num">{}</td><td>{}{}</td><td class="r num">{}</td><td class="r num">{}</td></tr>)",
                 in_unit_of(line.standard_uncertainty, "{:.2g}", unit), html_escape(line.evaluation),
                 line.distribution.empty() ? "" : html_escape(", " + line.distribution),
                 line.degrees_of_freedom ? fmt::format("{:.4g}", *line.degrees_of_freedom)
                 : line.sensitivity      ? "∞"
                                         : "–",
                 share);
}

}  // namespace

std::vector<double> variance_shares(const std::vector<BudgetLine>& budget) {
  std::map<std::string, double> groups;
  for (const auto& line : budget)
    if (!line.group.empty()) groups[line.group] += signed_uncertainty(line);
  std::vector<double> shares;
  double sum = 0;
  for (const auto& line : budget) {
    const double u = signed_uncertainty(line);
    shares.push_back(u * (line.group.empty() ? u : groups[line.group]));
    sum += shares.back();
  }
  if (!(sum > 0) || !std::isfinite(sum)) return {};
  for (auto& share : shares) share /= sum;
  return shares;
}

std::string budget_html(const MeasurementView& m) {
  if (m.budget.empty()) return {};
  const auto shares = variance_shares(m.budget);
  std::string largest;
  if (!shares.empty()) {
    const auto most = static_cast<std::size_t>(std::ranges::max_element(shares) - shares.begin());
    largest = fmt::format(", largest: {}, {}", html_escape(m.budget[most].source), share_text(shares[most]));
  }
  auto html = fmt::format(
      "<details id=\"budget-{}\"><summary>Budget of {} line{}{}</summary><div class=\"scroll\"><table "
      "class=\"budget\"><thead><tr>"
      "<th>Input</th><th class=\"r\">Value</th><th class=\"r\">u(x)</th><th class=\"r\">Sensitivity</th>"
      "<th class=\"r\">Contribution</th><th>Evaluation</th><th class=\"r\">ν</th><th class=\"r\">Share of variance</th>"
      "</tr></thead><tbody>\n",
      m.record, m.budget.size(), m.budget.size() == 1 ? "" : "s", largest);
  for (std::size_t i = 0; i < m.budget.size(); ++i) {
    budget_row(html, m.budget[i], m.unit, shares.empty() ? "–" : share_text(shares[i]));
    html += '\n';
  }
  html += "</tbody></table></div>";
  if (m.expanded_uncertainty && m.coverage_factor)
    html += fmt::format("<p class=\"muted\">u = {}, U = k·u = {} with k = {}.{}</p>",
                        in_unit_of(*m.expanded_uncertainty / *m.coverage_factor, "{:.3g}", m.unit),
                        in_unit_of(*m.expanded_uncertainty, "{:.3g}", m.unit), short_text(*m.coverage_factor),
                        m.raw ? " Before corrections: " + in_unit_of(*m.raw, "{:+.6f}", m.unit) + "." : "");
  if (!m.method_why.empty()) html += fmt::format("<p class=\"muted\">Method: {}.</p>", html_escape(m.method_why));
  return html + "</details>";
}

}  // namespace blondel
