#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "reports/fault_matrix.hpp"
#include "reports/html_escape.hpp"
#include "reports/html_style.hpp"
#include "reports/number_text.hpp"

namespace blondel {
namespace {

constexpr const char* matrix_style = R"css(
.tall{overflow:auto;max-height:88vh;border-bottom:1.5px solid var(--line)}
table.matrix{width:auto;border-collapse:separate;border-spacing:0}
table.matrix th{position:sticky;top:0;background:var(--ground);z-index:2}
table.matrix th.step{writing-mode:vertical-rl;transform:rotate(180deg);padding:6px 0 4px;white-space:nowrap;max-height:190px;
  overflow:hidden;text-overflow:ellipsis;font-weight:500;border-bottom:0;border-top:1.5px solid var(--line)}
table.matrix td{padding:2px 10px 2px 0;white-space:nowrap}
table.matrix td.cell{text-align:center;padding:2px 0;min-width:17px;border-left:1px solid var(--soft)}
table.matrix tr>:first-child{position:sticky;left:0;background:var(--ground);z-index:1}
table.matrix th:first-child{z-index:3}
table.matrix td.hit{color:var(--pass);font-weight:700}
table.matrix td.alone{background:color-mix(in srgb,var(--pass) 18%,transparent)}
table.matrix td.more{color:var(--muted);font-size:12.5px;padding-left:10px}
table.matrix tr.group td{padding:14px 0 3px;font-size:12px;letter-spacing:.06em;text-transform:uppercase;color:var(--muted);
  border-bottom:1.5px solid var(--line)}
table.matrix tbody tr:not(.group):hover td{background:color-mix(in srgb,var(--pass) 9%,var(--ground))}
@media print{.tall{max-height:none;overflow:visible}table.matrix th{position:static}}
)css";

std::string_view colour(FaultOutcome outcome) {
  switch (outcome) {
    case FaultOutcome::caught:
    case FaultOutcome::absorbed: return "pass";
    case FaultOutcome::died: return "error";
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

std::string_view stamp_colour(const FaultMatrix& m) {
  const auto result = m.result();
  return result == "qualified" ? "pass"
         : result == "partial" ? "inconclusive"
         : result == "stopped" ? "aborted"
                               : "fail";
}

std::string note(std::string_view colour_of, const char* title, const std::string& text) {
  return fmt::format("<div class=\"note v-{}\"><b>{}</b> {}</div>\n", colour_of, title, html_escape(text));
}

std::string notes_html(const FaultMatrix& m) {
  std::string html;
  for (const auto& why : m.shortfalls()) html += note("fail", "Shortfall", why);
  if (m.scope.stopped) html += note("aborted", "Stopped", "by a signal; the same call goes on from here");
  if (const auto missing = m.scope.missing(); !missing.empty()) html += note("inconclusive", "Partial", missing);
  for (const auto& text : m.notes) html += note("skipped", "Note", text);
  return html;
}

std::string head_html(const FaultMatrix& m) {
  const int right = m.count(FaultOutcome::caught) + m.count(FaultOutcome::absorbed);
  const auto faults = m.faults.empty() ? std::string{"No known fault was run"}
                                       : fmt::format("{} of {} known faults were caught", right, m.faults.size());
  auto html = fmt::format(
      "<header><div class=\"head\"><div><p class=\"eyebrow\">Qualification</p><h1>{}</h1><p class=\"why\">{}; {} of {} "
      "harmless meters failed; the good meter {}.</p></div><div class=\"stamp v-{}\"><b>{}</b>"
      "<span>{}</span></div></div><dl class=\"facts\">",
      html_escape(m.plan), faults, m.false_alarms(), m.harmless.size(),
      m.good_passed() ? "passed" : "<b>did not pass</b>", stamp_colour(m),
      m.faults.empty() ? std::string{"–"} : fmt::format("{:.1f} %", 100 * m.score()), m.result());
  html += fact("Noticed, not proved", std::to_string(m.count(FaultOutcome::noticed))) +
          fact("Laid to the meter", std::to_string(m.count(FaultOutcome::blamed))) +
          fact("Survived", std::to_string(m.count(FaultOutcome::survived))) +
          fact("False alarms", std::to_string(m.false_alarms())) +
          fact("Asked for", fmt::format("{:.1f} % caught, {} false alarms", 100 * m.thresholds.at_least,
                                        m.thresholds.false_alarms)) +
          fact("Bench", m.bench) + fact("Seeds", std::to_string(m.scope.seeds));
  return html + "</dl></header>\n" + notes_html(m);
}

std::string survivor_row(const FaultRow& f) {
  const auto reason = f.known.empty() ? "<span class=\"mark weak\">not named in the plan</span> " + html_escape(f.why)
                                      : html_escape(f.known);
  return fmt::format(
      "<tr><td><b>{}</b> <span class=\"muted\">{}</span></td><td>{}</td><td "
      "class=\"r\">{}</td><td>{}</td><td>{}</td></tr>\n",
      html_escape(f.fault), html_escape(f.size), pill(colour(f.outcome), name(f.outcome)), f.seed,
      html_escape(f.statement), reason);
}

std::string survivors_html(const FaultMatrix& m) {
  std::string named, unnamed;
  for (const auto& f : m.faults)
    if (!is_right(f.outcome)) (f.known.empty() ? unnamed : named) += survivor_row(f);
  if (named.empty() && unnamed.empty())
    return fmt::format("<h2>Not caught</h2><p class=\"lead\">{}</p>\n",
                       m.faults.empty() ? "No known fault was run." : "None.");
  return "<h2>Not caught</h2><div class=\"scroll\"><table><thead><tr><th>Fault</th><th>Became</th><th "
         "class=\"r\">Seed</th>"
         "<th>What it breaks</th><th>Why</th></tr></thead><tbody>" +
         unnamed + named + "</tbody></table></div>\n";
}

std::string harmless_row(const HarmlessRow& h) {
  return fmt::format("<tr><td>{}</td><td><b>{}</b></td><td class=\"r\">{}</td><td>{}</td><td>{}</td></tr>\n",
                     html_escape(h.kind), html_escape(h.name), h.seed,
                     pill(name(h.verdict), h.died ? "DIED" : verdict_word(h.verdict)), html_escape(h.why));
}

std::string alarms_html(const FaultMatrix& m) {
  std::string alarms, others;
  for (const auto& h : m.harmless)
    if (h.verdict != Verdict::pass) (h.false_alarm() ? alarms : others) += harmless_row(h);
  const auto heading =
      fmt::format("<h2>False alarms</h2><p class=\"lead\">{} of {} harmless meters failed{}</p>\n", m.false_alarms(),
                  m.harmless.size(), others.empty() ? "." : "; these did not fail, and did not pass either:");
  if (alarms.empty() && others.empty()) return heading;
  return heading +
         "<div class=\"scroll\"><table><thead><tr><th>Sort</th><th>Meter</th><th class=\"r\">Seed</th><th>Verdict</th>"
         "<th>Why</th></tr></thead><tbody>" +
         alarms + others + "</tbody></table></div>\n";
}

std::string folded(const std::string& title, const std::vector<std::string>& steps) {
  if (steps.empty()) return "";
  return fmt::format("<details><summary>{} {}</summary><p class=\"muted\">{}.</p></details>\n", steps.size(), title,
                     html_escape(fmt::format("{}", fmt::join(steps, "; "))));
}

std::string steps_html(const FaultMatrix& m) {
  if (m.faults.empty()) return "";
  std::string rows;
  std::vector<std::string> with_others, idle;
  for (const auto& step : m.steps) {
    const auto alone = m.only_by(step);
    if (alone.empty())
      (m.caught_by(step) > 0 ? with_others : idle).push_back(step);
    else
      rows += fmt::format(
          "<tr><td><b>{}</b></td><td class=\"r num\">{}</td><td class=\"r num\">{}</td><td>{}</td></tr>\n",
          html_escape(step), m.caught_by(step), alone.size(), html_escape(fmt::format("{}", fmt::join(alone, ", "))));
  }
  const std::string table =
      rows.empty() ? "<p class=\"lead\">No step catches what no other does.</p>\n"
                   : "<div class=\"scroll\"><table><thead><tr><th>Step</th><th class=\"r\">Catches</th><th "
                     "class=\"r\">Alone</th><th>What only it catches</th></tr></thead><tbody>" +
                         rows + "</tbody></table></div>\n";
  return "<h2>What each step is worth</h2>" + table +
         folded(with_others.size() == 1 ? "step catches only what another catches too"
                                        : "steps catch only what another catches too",
                with_others) +
         folded(idle.size() == 1 ? "step catches nothing itself" : "steps catch nothing themselves", idle);
}

/// A few steps that together catch all that is caught: those that alone catch something, then always the one that adds
/// most. In the plan's order.
std::vector<std::string> covering_steps(const FaultMatrix& m) {
  std::set<std::string> chosen;
  for (const auto& step : m.steps)
    if (!m.only_by(step).empty()) chosen.insert(step);
  while (true) {
    std::map<std::string, int> adds;
    for (const auto& f : m.faults) {
      if (std::ranges::any_of(f.caught_by, [&](const auto& step) { return chosen.contains(step); })) continue;
      for (const auto& step : f.caught_by) ++adds[step];
    }
    if (adds.empty()) break;
    chosen.insert(std::ranges::max_element(adds, {}, [](const auto& entry) { return entry.second; })->first);
  }
  std::vector<std::string> in_order;
  std::ranges::copy_if(m.steps, std::back_inserter(in_order), [&](const auto& step) { return chosen.contains(step); });
  return in_order;
}

std::string cells_html(const std::vector<std::string>& columns, const FaultRow& f) {
  std::string cells;
  for (const auto& step : columns) {
    const bool hit = std::ranges::count(f.caught_by, step) > 0;
    cells += !hit ? "<td class=\"cell\"></td>"
                  : fmt::format("<td class=\"cell hit{}\" title=\"{}\">×</td>", f.caught_by.size() == 1 ? " alone" : "",
                                html_escape(step));
  }
  std::vector<std::string> others;
  std::ranges::copy_if(f.caught_by, std::back_inserter(others),
                       [&](const auto& step) { return std::ranges::count(columns, step) == 0; });
  if (others.empty()) return cells + "<td class=\"cell\"></td>";
  return cells + fmt::format("<td class=\"more\" title=\"{}\">+ {}</td>",
                             html_escape(fmt::format("{}", fmt::join(others, "; "))), others.size());
}

std::string matrix_row(const FaultMatrix& m, const std::vector<std::string>& columns, const FaultRow& f) {
  const auto seed = m.scope.seeds > 1 ? fmt::format(" <span class=\"muted\">seed {}</span>", f.seed) : std::string{};
  return fmt::format("<tr><td title=\"{}\"><b>{}</b> <span class=\"muted\">{}</span>{}</td><td>{}</td>{}</tr>\n",
                     html_escape(f.statement + " (" + f.reference + ")"), html_escape(f.fault), html_escape(f.size),
                     seed, pill(colour(f.outcome), name(f.outcome)), cells_html(columns, f));
}

std::string matrix_html(const FaultMatrix& m) {
  if (m.faults.empty()) return "";
  const auto columns = covering_steps(m);
  auto html = fmt::format(
      "<h2>Which step caught which fault</h2><p class=\"lead\">A cross where a step alone would have caught the fault; "
      "on "
      "green where no other step does. The columns are {} of {} steps, which together catch all that is caught; behind "
      "them is how many other steps catch the fault too (point at a figure for their names, at a fault for what it "
      "breaks).</p><div class=\"tall\"><table class=\"matrix\"><thead><tr><th>Fault</th><th>Became</th>",
      columns.size(), m.steps.size());
  for (const auto& step : columns) html += fmt::format("<th class=\"step\" title=\"{0}\">{0}</th>", html_escape(step));
  html += "<th>Others</th></tr></thead><tbody>\n";
  std::string group;
  for (const auto& f : m.faults) {
    if (f.group != group)
      html += fmt::format("<tr class=\"group\"><td>{}</td><td colspan=\"{}\"></td></tr>\n", html_escape(f.group),
                          columns.size() + 2);
    group = f.group;
    html += matrix_row(m, columns, f);
  }
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
