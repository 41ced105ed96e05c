#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "reports/fault_matrix.hpp"
#include "reports/html_escape.hpp"
#include "reports/html_style.hpp"
#include "reports/number_text.hpp"

namespace blondel {
namespace {

constexpr const char* matrix_style = R"css(
table.matrix th.step{writing-mode:vertical-rl;transform:rotate(180deg);padding:4px 0;white-space:nowrap}
table.matrix td.cell{text-align:center;padding:3px 0;min-width:20px}
table.matrix td{padding-top:3px;padding-bottom:3px;white-space:nowrap}
table.matrix tr>:first-child{position:sticky;left:0;background:var(--ground);z-index:1}
table.matrix td.hit{color:var(--pass);font-weight:700}
table.matrix td.alone{background:color-mix(in srgb,var(--pass) 16%,transparent)}
table.matrix tbody tr:hover td{background:color-mix(in srgb,var(--pass) 8%,var(--ground))}
)css";

std::string_view colour(FaultOutcome outcome) {
  switch (outcome) {
    case FaultOutcome::caught: return "pass";
    case FaultOutcome::noticed: return "inconclusive";
    default: return "fail";
  }
}

std::string pill(std::string_view colour_of, std::string_view words) {
  return fmt::format(R"(<span class="pill v-{}">{}</span>)", colour_of, words);
}

std::string fact(const char* term, const std::string& text) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", term, html_escape(text));
}

std::string head_html(const FaultMatrix& m) {
  const auto shortfalls = m.shortfalls();
  std::string html = fmt::format(
      "<header><div class=\"head\"><div><p class=\"eyebrow\">Qualification</p><h1>{}</h1><p class=\"why\">{} of {} "
      "known "
      "faults were caught, and {} of {} harmless meters failed.</p></div><div class=\"stamp v-{}\"><b>{:.1f} %</b>"
      "<span>{}</span></div></div><dl class=\"facts\">",
      html_escape(m.plan), m.count(FaultOutcome::caught), m.faults.size(), m.false_alarms(), m.harmless.size(),
      shortfalls.empty() ? "pass" : "fail", 100 * m.score(), shortfalls.empty() ? "qualified" : "not qualified");
  html += fact("Bench", m.bench) + fact("Noticed, not proved", std::to_string(m.count(FaultOutcome::noticed))) +
          fact("Laid to the meter", std::to_string(m.count(FaultOutcome::blamed))) +
          fact("Survived", std::to_string(m.count(FaultOutcome::survived))) +
          fact("Asked for",
               fmt::format("{:.1f} %, {} false alarms", 100 * m.thresholds.at_least, m.thresholds.false_alarms));
  html += "</dl></header>\n";
  for (const auto& why : shortfalls)
    html += fmt::format("<div class=\"note v-fail\"><b>Shortfall</b> {}</div>\n", html_escape(why));
  return html;
}

std::string survivors_html(const FaultMatrix& m) {
  std::string rows;
  for (const auto& f : m.faults)
    if (f.outcome != FaultOutcome::caught)
      rows += fmt::format(
          "<tr><td><b>{}</b> <span class=\"muted\">{}</span></td><td>{}</td><td "
          "class=\"r\">{}</td><td>{}</td><td>{}</td>"
          "</tr>\n",
          html_escape(f.fault), html_escape(f.size), pill(colour(f.outcome), name(f.outcome)), f.seed,
          html_escape(f.statement), html_escape(f.known.empty() ? f.why : f.known));
  if (rows.empty()) return "<h2>Survivors</h2><p class=\"lead\">None.</p>\n";
  return "<h2>Survivors</h2><div class=\"scroll\"><table><thead><tr><th>Fault</th><th>Became</th><th "
         "class=\"r\">Seed</th>"
         "<th>What it breaks</th><th>Why</th></tr></thead><tbody>" +
         rows + "</tbody></table></div>\n";
}

std::string alarms_html(const FaultMatrix& m) {
  std::string rows;
  for (const auto& h : m.harmless)
    if (h.verdict != Verdict::pass)
      rows += fmt::format("<tr><td>{}</td><td><b>{}</b></td><td class=\"r\">{}</td><td>{}</td><td>{}</td></tr>\n",
                          html_escape(h.kind), html_escape(h.name), h.seed,
                          pill(name(h.verdict), verdict_word(h.verdict)), html_escape(h.why));
  if (rows.empty())
    return fmt::format("<h2>Harmless meters</h2><p class=\"lead\">All {} passed.</p>\n", m.harmless.size());
  return "<h2>Harmless meters that did not pass</h2><div class=\"scroll\"><table><thead><tr><th>Sort</th><th>Meter</th>"
         "<th class=\"r\">Seed</th><th>Verdict</th><th>Why</th></tr></thead><tbody>" +
         rows + "</tbody></table></div>\n";
}

/// Steps that catch something: those that measure and judge. The others apply, wait and read.
std::vector<std::string> judging_steps(const FaultMatrix& m) {
  std::vector<std::string> steps;
  std::ranges::copy_if(m.steps, std::back_inserter(steps), [&](const auto& step) { return m.caught_by(step) > 0; });
  return steps;
}

std::string idle_steps_html(const FaultMatrix& m) {
  std::vector<std::string> idle;
  std::ranges::copy_if(m.steps, std::back_inserter(idle), [&](const auto& step) { return m.caught_by(step) == 0; });
  if (idle.empty()) return "";
  return fmt::format("<p class=\"muted\">Catch nothing themselves: {}.</p>\n",
                     html_escape(fmt::format("{}", fmt::join(idle, ", "))));
}

std::string steps_html(const FaultMatrix& m) {
  std::string rows;
  for (const auto& step : judging_steps(m)) {
    const auto alone = m.only_by(step);
    rows +=
        fmt::format("<tr><td><b>{}</b></td><td class=\"r num\">{}</td><td class=\"r num\">{}</td><td>{}</td></tr>\n",
                    html_escape(step), m.caught_by(step), alone.size(),
                    alone.empty() ? "nothing that another step does not catch"
                                  : html_escape(fmt::format("{}", fmt::join(alone, ", "))));
  }
  return "<h2>What each step is worth</h2><div class=\"scroll\"><table><thead><tr><th>Step</th><th "
         "class=\"r\">Catches</th>"
         "<th class=\"r\">Alone</th><th>What only it catches</th></tr></thead><tbody>" +
         rows + "</tbody></table></div>\n" + idle_steps_html(m);
}

std::string cells_html(const std::vector<std::string>& steps, const FaultRow& f) {
  std::string cells;
  for (const auto& step : steps) {
    const bool hit = std::ranges::count(f.caught_by, step) > 0;
    cells += !hit ? "<td class=\"cell\"></td>"
                  : fmt::format("<td class=\"cell hit{}\">×</td>", f.caught_by.size() == 1 ? " alone" : "");
  }
  return cells;
}

std::string matrix_html(const FaultMatrix& m) {
  std::string html =
      "<h2>Which step caught which fault</h2><p class=\"lead\">A cross where a step alone would have caught "
      "the fault; on green where no other step does.</p><div class=\"scroll\"><table class=\"matrix\"><thead>"
      "<tr><th>Fault</th><th>Group</th><th class=\"r\">Seed</th><th>Became</th>";
  const auto steps = judging_steps(m);
  for (const auto& step : steps) html += fmt::format("<th class=\"step\">{}</th>", html_escape(step));
  html += "</tr></thead><tbody>\n";
  for (const auto& f : m.faults)
    html += fmt::format(
        "<tr><td title=\"{}\"><b>{}</b> <span class=\"muted\">{}</span></td><td>{}</td><td "
        "class=\"r\">{}</td><td>{}</td>{}"
        "</tr>\n",
        html_escape(f.statement + " (" + f.reference + ")"), html_escape(f.fault), html_escape(f.size), f.group, f.seed,
        pill(colour(f.outcome), name(f.outcome)), cells_html(steps, f));
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string fault_matrix_html(const FaultMatrix& m) {
  return fmt::format(
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
             "content=\"width=device-width,initial-scale=1\">\n<title>Qualification of "
             "{}</title>\n<style>{}{}</style>\n"
             "</head>\n<body>\n<main>\n",
             html_escape(m.plan), html_style(), matrix_style) +
         head_html(m) + survivors_html(m) + alarms_html(m) + steps_html(m) + matrix_html(m) +
         fmt::format(
             "<h2>Provenance</h2><dl class=\"hashes\"><dt>Plan</dt><dd>{}</dd><dt>Bench</dt><dd>{}</dd><dt>Program and "
             "builds</dt><dd>{}</dd></dl>\n<footer>Made by Blondel.</footer>\n</main>\n</body>\n</html>\n",
             m.plan_hash, m.bench_hash, m.program_hash);
}

}  // namespace blondel
