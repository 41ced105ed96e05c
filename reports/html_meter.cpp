#include "reports/html_meter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "reports/class_conclusion.hpp"
#include "reports/html_escape.hpp"
#include "reports/number_text.hpp"

namespace blondel {
namespace {

std::string serial_or_dash(const PositionView& position) {
  return position.serial.empty() ? "serial number not read" : html_escape(position.serial);
}

std::string with_unit(const std::string& number, const std::string& unit) {
  return unit.empty() ? html_escape(number)
                      : fmt::format(R"({} <span class="unit">{}</span>)", html_escape(number), html_escape(unit));
}

/// Where the value stands between its limits, with its uncertainty; a value beyond them stands at the end.
std::string gauge_html(const MeasurementView& m) {
  if (!m.value || !m.lower || !m.upper || !(*m.upper > *m.lower)) return {};
  // The rail is the permitted range; a tenth of the picture on either side is beyond.
  const auto at = [&](double v) { return std::clamp(12 + 96 * (v - *m.lower) / (*m.upper - *m.lower), 4.0, 116.0); };
  const double u = m.expanded_uncertainty.value_or(0);
  return fmt::format(
      R"(<svg class="gauge v-{}" viewBox="0 0 120 14" aria-hidden="true"><line class="rail" x1="12" x2="108" y1="7" y2="7"/>)"
      R"(<line class="mid" x1="60" x2="60" y1="2.5" y2="11.5"/><line class="u" x1="{:.1f}" x2="{:.1f}" y1="7" y2="7"/>)"
      R"(<circle class="p" cx="{:.1f}" cy="7" r="3.8"/></svg>)",
      name(m.verdict), at(*m.value - u), at(*m.value + u), at(*m.value));
}

bool is_class_error(const MeasurementView& m) {
  return m.name == "percentage_error";
}

/// The load point where that tells measurements apart, else what was measured.
std::string title_of(const MeasurementView& m) {
  return m.point.empty() || !is_class_error(m) ? words_of(m.name) : m.point;
}

std::string row_html(const MeasurementView& m) {
  const bool bad = m.verdict >= Verdict::fail;
  const auto what = title_of(m);
  const auto extra = m.point.empty() || is_class_error(m) ? std::string{} : m.point;
  auto value = m.value ? with_unit(typeset(value_text(m)), m.unit) : html_escape(value_text(m));
  if (!m.no_measurement.empty())
    value += fmt::format(R"(<br><span class="src">{}</span>)", html_escape(m.no_measurement));
  const auto u = m.expanded_uncertainty
                     ? fmt::format(R"(<span title="k = {}">± {}</span>)", short_text(m.coverage_factor.value_or(2)),
                                   fmt::format("{:.{}f}", *m.expanded_uncertainty, decimals_for(m)))
                     : "–";
  std::string row = fmt::format("<tr class=\"v-{}{}\">", name(m.verdict), bad ? " bad" : "");
  auto out = std::back_inserter(row);
  fmt::format_to(out, "<td><b>{}</b>{}</td>", html_escape(what),
                 extra.empty() ? "" : fmt::format(" <span class=\"muted\">{}</span>", html_escape(extra)));
  fmt::format_to(out, R"(<td class="end">{}</td>)", verdict_html(m.verdict));
  fmt::format_to(out, R"(<td class="r num" title="{}"><b>{}</b></td>)", m.value ? fmt::format("{}", *m.value) : "",
                 value);
  fmt::format_to(out, R"(<td class="r num end">{}</td>)", u);
  fmt::format_to(out, R"(<td class="r num" data-k="limits">{}</td>)", html_escape(limits_text(m)));
  fmt::format_to(out, R"(<td class="end">{}</td>)", gauge_html(m));
  fmt::format_to(out, R"(<td data-k="by">{}</td>)", html_escape(m.method.empty() ? "–" : m.method));
  fmt::format_to(out, R"(<td class="src end">{} {} {}{}</td>)", html_escape(m.standard), html_escape(m.edition),
                 html_escape(m.clause), limit_mark_html(m));
  return row + "</tr>\n";
}

using Measurements = std::vector<const MeasurementView*>;

std::string table_html(const Measurements& measurements, const char* first_column) {
  std::string html = fmt::format(
      "<table class=\"rows\"><thead><tr><th>{}</th><th>Verdict</th><th class=\"r\">Value</th><th "
      "class=\"r\">U</th><th class=\"r\">Limits</th><th>Within limits</th><th>Method</th><th>Limit taken "
      "from</th></tr></thead><tbody>\n",
      first_column);
  for (const auto* m : measurements) html += row_html(*m);
  return html + "</tbody></table>\n";
}

/// More measurements of one step than this are folded away, but for those that did not pass.
constexpr std::size_t most_shown = 30;

std::string measurements_html(const RunView& run, const PositionView& position) {
  std::map<int, Measurements> by_step;
  std::size_t in_record = 0;
  for (const auto& m : position.measurements) {
    if (in_a_class(run, m))
      ++in_record;
    else
      by_step[m.step].push_back(&m);
  }
  Measurements shown;
  std::string folded;
  for (auto& [number, measurements] : by_step) {
    if (measurements.size() <= most_shown) {
      shown.insert(shown.end(), measurements.begin(), measurements.end());
      continue;
    }
    Measurements open;
    std::ranges::copy_if(measurements, std::back_inserter(open), [](auto* m) { return m->verdict != Verdict::pass; });
    if (!open.empty()) folded += table_html(open, "Point");
    const auto* step = run.step(number);
    folded += fmt::format("<details><summary>{}: all {} points, {} pass</summary>{}</details>\n",
                          html_escape(step ? step->name : fmt::format("step {}", number)), measurements.size(),
                          measurements.size() - open.size(), table_html(measurements, "Point"));
  }
  std::string elsewhere;
  if (in_record > 0)
    elsewhere = fmt::format(
        "<p class=\"muted\">{} measurement{} against accuracy classes: <a href=\"#type-test\">type-test "
        "record</a>.</p>\n",
        in_record, in_record == 1 ? "" : "s");
  return elsewhere + (shown.empty() ? "" : table_html(shown, "Load point")) + folded;
}

std::string findings_html(const RunView& run, const PositionView& position) {
  if (position.findings.empty()) return {};
  std::string html =
      "<table "
      "class=\"rows\"><thead><tr><th>Finding</th><th>Verdict</th><th>Step</th><th>Detail</th></tr></thead><tbody>\n";
  for (const auto& one : position.findings) {
    const auto* step = run.step(one.step);
    html += fmt::format(
        R"(<tr class="v-{0}{1}"><td><b>{2}</b></td><td class="end">{3}</td><td data-k="step">{4}</td><td class="wide">{5}</td></tr>)"
        "\n",
        name(one.verdict), one.verdict >= Verdict::fail ? " bad" : "", html_escape(one.cause.empty() ? "–" : one.cause),
        verdict_html(one.verdict), html_escape(step ? fmt::format("{} {}", one.step, step->name) : "outside the steps"),
        html_escape(one.text));
  }
  return html + "</tbody></table>\n";
}

std::string budgets_html(const RunView& run, const PositionView& position) {
  const auto has = [&](const MeasurementView& m) { return !m.budget.empty() && !in_a_class(run, m); };
  const auto with = std::ranges::count_if(position.measurements, has);
  if (with == 0) return {};
  std::string html = fmt::format(
      "<details><summary>Uncertainty budgets of these {} measurements</summary><div class=\"scroll\"><table>"
      "<thead><tr><th>Load point</th><th>Method</th><th>Standard uncertainties</th><th class=\"r\">U</th>"
      "<th class=\"r\">k</th><th>Rule</th></tr></thead><tbody>\n",
      with);
  for (const auto& m : position.measurements) {
    if (!has(m)) continue;
    std::string lines;
    for (const auto& line : m.budget)
      lines += fmt::format("{}{} {}{}", lines.empty() ? "" : " · ", line.source,
                           fmt::format("{:.2g}", line.standard_uncertainty),
                           line.evaluation.empty() ? "" : " (" + line.evaluation + ")");
    html += fmt::format(
        R"(<tr><td>{}</td><td>{}</td><td class="src">{}</td><td class="r num">{}</td><td class="r num">{}</td><td class="src">{}</td></tr>)"
        "\n",
        html_escape(title_of(m)), html_escape(m.method), html_escape(lines),
        m.expanded_uncertainty ? fmt::format("{:.2g}", *m.expanded_uncertainty) : "–",
        m.coverage_factor ? short_text(*m.coverage_factor) : "–", html_escape(m.rule));
  }
  return html + "</tbody></table></div></details>\n";
}

std::string counts_html(const PositionView& position) {
  std::map<Verdict, int> counts;
  int informative = 0;
  for (const auto& m : position.measurements) ++(m.informative.empty() ? counts[m.verdict] : informative);
  for (const auto& f : position.findings) ++counts[f.verdict];
  std::string text;
  for (const auto& [verdict, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : " · ", count, name(verdict));
  if (informative > 0) text += fmt::format("{}{} for information only", text.empty() ? "" : " · ", informative);
  return text.empty() ? "nothing was measured" : text;
}

std::string card_html(const PositionView& position) {
  std::string html = fmt::format(
      R"(<a class="meter v-{}" href="#position-{}"><div class="top"><span class="place">Position {}</span>{}</div><div class="serial">{}</div>)",
      name(position.verdict), position.position, position.position, verdict_html(position.verdict),
      serial_or_dash(position));
  if (!position.cause.empty()) html += fmt::format(R"(<div class="cause">{}</div>)", html_escape(position.cause));
  if (const auto* worst = position.worst(); worst && worst->value) {
    const auto share = worst->share_of_limit();
    html +=
        fmt::format(R"(<div class="worst">{}: <b class="num">{}</b>, limits {}{}{}</div>)",
                    worst->verdict >= Verdict::fail ? "Decided at" : "Nearest to a limit at",
                    html_escape(fmt::format("{}: {}", title_of(*worst), value_unit_text(*worst))),
                    html_escape(limits_text(*worst)), worst->method.empty() ? "" : html_escape(", by " + worst->method),
                    share && std::isfinite(*share) ? fmt::format(" ({:.0f} % used)", *share * 100) : "");
  }
  return html + fmt::format(R"(<div class="counts">{}</div></a>)", counts_html(position)) + '\n';
}

}  // namespace

std::string verdict_html(Verdict verdict) {
  return fmt::format(R"(<span class="pill v-{}">{}</span>)", name(verdict), verdict_word(verdict));
}

std::string limit_mark_html(const MeasurementView& m) {
  if (m.mark.empty()) return {};
  return fmt::format(R"( <span class="mark{}"{}>{}</span>)", m.limit_unverified() ? " weak" : "",
                     m.limit_unverified() ? R"( title="limit not verified against the published standard")" : "",
                     html_escape(m.mark));
}

std::string meter_cards_html(const RunView& run) {
  std::string html = "<h2 id=\"meters\">Meters</h2>\n<div class=\"meters\">\n";
  std::string others;
  for (const auto& position : run.positions) {
    if (position.judged)
      html += card_html(position);
    else
      others += fmt::format("{}{}", others.empty() ? "" : ", ", position.position);
  }
  html += "</div>\n";
  if (!others.empty())
    html += fmt::format("<p class=\"muted\">In the circuit and not judged: position {}.</p>\n", others);
  return html;
}

std::string meter_results_html(const RunView& run) {
  std::string html = "<h2 id=\"results\">Results by meter</h2>\n";
  for (const auto& position : run.positions) {
    if (!position.judged) continue;
    html +=
        fmt::format(R"(<div class="who-head" id="position-{}"><h3>Position {} · <span class="mono">{}</span></h3>{})",
                    position.position, position.position, serial_or_dash(position), verdict_html(position.verdict));
    std::string line;
    const auto add = [&](const std::string& word, const std::string& value) {
      if (!value.empty()) line += (line.empty() ? "" : " · ") + (word.empty() ? value : word + " " + value);
    };
    add("firmware", position.firmware_version);
    add("port", position.port);
    if (position.build)
      add("build", position.build->name.empty() ? position.build->file
                                                : position.build->file + " (" + position.build->name + ")");
    for (const auto& [key, value] : position.identity)
      if (value != position.serial && value != position.firmware_version) add(words_of(key), value);
    if (!line.empty()) html += fmt::format(R"(<span class="muted">{}</span>)", html_escape(line));
    html += "</div>\n" + findings_html(run, position);
    if (position.measurements.empty()) {
      html += "<p class=\"muted\">No measurement in the record.</p>\n";
      continue;
    }
    html += measurements_html(run, position) + budgets_html(run, position);
  }
  return html;
}

}  // namespace blondel
