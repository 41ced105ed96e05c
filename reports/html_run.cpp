#include "reports/html_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "reports/class_conclusion.hpp"
#include "reports/html_escape.hpp"
#include "reports/html_meter.hpp"
#include "reports/number_text.hpp"

namespace blondel {
namespace {

std::string note(const char* verdict, const std::string& title, const std::string& body) {
  return fmt::format("<div class=\"note v-{}\"><b>{}</b> {}</div>\n", verdict, title, body);
}

std::string list_html(const std::vector<std::string>& lines) {
  std::string html = "<ul>";
  for (const auto& line : lines) html += "<li>" + html_escape(line) + "</li>";
  return html + "</ul>";
}

std::string pairs_text(const Pairs& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) text += (text.empty() ? "" : ", ") + words_of(key) + " " + value;
  return text;
}

/// A cell, or a dash for nothing.
std::string cell(const std::string& text) {
  return "<td>" + (text.empty() ? "–" : html_escape(text)) + "</td>";
}

/// What is left out; of the classes only which ones they are, because the type-test record has the points.
std::string not_covered_note(const RunView& run) {
  std::vector<std::string> points;
  std::ranges::copy_if(run.not_covered, std::back_inserter(points),
                       [&](const std::string& one) { return !of_a_class(run, one); });
  std::string html;
  if (!points.empty())
    html += note("inconclusive",
                 fmt::format("{} not covered.",
                             points.size() == 1 ? "One point is" : fmt::format("{} points are", points.size())),
                 "Plan or bench leave them out; they do not count as passed." + list_html(points));
  std::vector<std::string> classes;
  for (const auto& one : run.classes)
    if (one.leaves_out()) classes.push_back(one.name());
  if (!classes.empty())
    html +=
        note("inconclusive", "Classes that are not covered whole.",
             "What is left out does not count as passed; the <a href=\"#type-test\">type-test record</a> lists it." +
                 list_html(classes));
  return html;
}

}  // namespace

std::string warnings_html(const RunView& run) {
  std::string html;
  if (!run.complete || !run.notes.empty())
    html += note(run.complete ? "inconclusive" : "error",
                 run.complete ? "About the record." : "This record is incomplete.", list_html(run.notes));
  if (run.safe.empty() || !run.safe.back().off)
    html += note("error", "The outputs were not proved off.",
                 "Nothing in the record shows that the source was off at the end of the run.");
  if (run.has_unverified_limits()) {
    std::set<std::string> from;
    for (const auto& position : run.positions)
      for (const auto& m : position.measurements)
        if (m.limit_unverified())
          from.insert(fmt::format("{} {} {} (mark {})", m.standard, m.edition, m.clause, m.mark));
    html +=
        note("inconclusive", "Limit not verified against the published standard.",
             "Verdicts that rest on these rows are provisional: M is a widely repeated figure, m an unconfirmed one." +
                 list_html({from.begin(), from.end()}));
  }
  html += not_covered_note(run);
  std::vector<std::string> left;
  for (const auto& position : run.positions) {
    const auto open = std::ranges::count_if(position.changes, [](const auto& c) { return !c.put_back; });
    if (open > 0) left.push_back(fmt::format("position {}: {} not put back", position.position, open));
  }
  if (!left.empty()) html += note("fail", "A meter's configuration was left changed.", list_html(left));
  return html;
}

std::string ending_html(const RunView& run) {
  std::string html =
      "<h2 id=\"end\">How it ended</h2>\n<dl class=\"facts\" style=\"border-top:0;padding-top:0;margin-top:8px\">";
  auto out = std::back_inserter(html);
  const auto fact = [&](const char* term, const std::string& text) {
    fmt::format_to(out, "<div><dt>{}</dt><dd>{}</dd></div>", term, text);
  };
  fact("Why", html_escape(run.why.empty() ? "not recorded" : run.why));
  fact("Exit code", fmt::format("{}", run.exit_code));
  fact("Bench time", html_escape(duration_text(static_cast<double>(run.end_ns) * 1e-9)));
  if (!run.safe.empty()) {
    const auto& last = run.safe.back();
    fact("Outputs", last.off ? "proved off" : "<b>not proved off</b>");
    if (last.stop_to_off_ms) fact("Stop to off", fmt::format("{} ms", short_text(*last.stop_to_off_ms)));
  }
  html += "</dl>\n";
  if (run.safe.empty()) return html;
  html +=
      "<table class=\"rows\"><thead><tr><th>Brought to off because</th><th>At</th><th class=\"r\">Stop to "
      "off</th><th>Proof</th></tr></thead><tbody>\n";
  for (const auto& one : run.safe)
    fmt::format_to(
        out,
        R"(<tr><td><b>{}</b></td><td class="num end">{}</td><td class="r num" data-k="stop to off">{}</td><td class="wide">{}</td></tr>)"
        "\n",
        html_escape(one.reason), clock_text(one.bench_time_ns),
        one.stop_to_off_ms ? short_text(*one.stop_to_off_ms) + " ms" : "–",
        html_escape(one.proof.empty() ? "none recorded" : pairs_text(one.proof)));
  return html + "</tbody></table>\n";
}

std::string configuration_html(const RunView& run) {
  std::string rows, same, counters;
  for (const auto& position : run.positions) {
    for (const auto& one : position.changes)
      rows += fmt::format(
          R"(<tr><td><b>{}</b></td><td class="end">position {}</td><td class="num" data-k="was">{}</td><td class="num end" data-k="set to">{}</td><td class="wide" data-k="put back to">{}</td></tr>)"
          "\n",
          html_escape(words_of(one.point)), position.position, html_escape(one.before), html_escape(one.after),
          one.put_back ? html_escape(*one.put_back) : "<b>not put back</b>");
    if (position.fingerprinted && position.differences.empty())
      same += fmt::format("{}{}", same.empty() ? "" : ", ", position.position);
    for (const auto& d : position.differences)
      counters += fmt::format(
          R"(<tr><td><b>{}</b></td><td class="end">position {}</td><td class="num" data-k="at the start">{}</td><td class="num end" data-k="at the end">{}</td></tr>)"
          "\n",
          html_escape(words_of(d.point)), position.position, html_escape(d.at_start), html_escape(d.at_end));
  }
  if (rows.empty() && same.empty() && counters.empty()) return {};
  std::string html = "<h2 id=\"configuration\">Configuration of the meters</h2>\n";
  if (!same.empty())
    html += fmt::format(
        "<p class=\"lead\">Counters and energies read at the end as they did at the start, at position {}.</p>\n",
        same);
  if (!rows.empty())
    html +=
        "<table class=\"rows\"><thead><tr><th>Point</th><th>Meter</th><th>Was</th><th>Set to</th><th>Put back "
        "to</th></tr></thead><tbody>\n" +
        rows + "</tbody></table>\n";
  if (!counters.empty())
    html +=
        "<table class=\"rows\"><thead><tr><th>Counter or energy</th><th>Meter</th><th>At the start</th><th>At the "
        "end</th></tr></thead><tbody>\n" +
        counters + "</tbody></table>\n";
  return html;
}

std::string steps_html(const RunView& run) {
  if (run.steps.empty()) return {};
  std::string html =
      "<h2 id=\"steps\">Steps</h2>\n<table class=\"rows\"><thead><tr><th>Step</th><th>Begun at</th><th "
      "class=\"r\">Took</th>"
      "<th class=\"r\">Predicted</th><th class=\"r\">Raw readings</th><th>Verdicts</th></tr></thead><tbody>\n";
  for (const auto& step : run.steps) {
    std::map<Verdict, std::string> by_verdict;
    for (const auto& [position, verdict] : step.verdicts) {
      auto& list = by_verdict[verdict];
      list += fmt::format("{}{}", list.empty() ? "" : ", ", position);
    }
    std::string verdicts;
    for (const auto& [verdict, list] : by_verdict)
      verdicts += fmt::format(R"({}{} <span class="muted">{}</span>)", verdicts.empty() ? "" : " &nbsp; ",
                              verdict_html(verdict), list);
    if (!step.end_ns) verdicts += "<b>never ended</b>";
    html += fmt::format(
        R"(<tr><td>{}. <b>{}</b> <span class="muted">{}</span></td><td class="num end">{}</td><td class="r num" data-k="took">{}</td>)",
        step.number, html_escape(step.name), html_escape(step.kind == step.name ? "" : step.kind),
        clock_text(step.begin_ns),
        step.end_ns ? duration_text(static_cast<double>(*step.end_ns - step.begin_ns) * 1e-9) : "–");
    html += fmt::format(
        R"(<td class="r num end" data-k="predicted">{}</td><td class="r num" data-k="readings">{}</td><td class="wide">{}</td></tr>)"
        "\n",
        step.predicted_s ? duration_text(*step.predicted_s) : "–", step.readings, verdicts);
  }
  return html + "</tbody></table>\n";
}

std::string instruments_html(const RunView& run) {
  if (run.instruments.empty()) return {};
  std::string html =
      "<h2 id=\"instruments\">Instruments</h2>\n<div class=\"scroll\"><table><thead><tr><th>Role</th><th>Maker and "
      "model</th>"
      "<th>Serial</th><th>Firmware</th><th>Driver</th><th>Address</th></tr></thead><tbody>\n";
  for (const auto& one : run.instruments)
    html += "<tr>" + cell(words_of(one.role)) +
            cell(one.maker + (one.maker.empty() || one.model.empty() ? "" : " ") + one.model) + cell(one.serial) +
            cell(one.firmware) + cell(one.driver) + cell(one.address) + "</tr>\n";
  return html + "</tbody></table></div>\n";
}

std::string events_html(const RunView& run) {
  if (run.events.empty()) return {};
  std::string html = "<h2 id=\"events\">Events</h2>\n<div class=\"scroll\"><table class=\"log\"><tbody>\n";
  for (const auto& one : run.events) {
    const char* verdict = one.level == "error" ? "error" : one.level == "warning" ? "inconclusive" : "skipped";
    html += fmt::format(
        R"(<tr class="v-{}"><td class="num muted">{}</td><td><span class="pill v-{}">{}</span></td><td>{}</td></tr>)"
        "\n",
        verdict, clock_text(one.bench_time_ns), verdict, html_escape(one.level), html_escape(one.text));
  }
  return html + "</tbody></table></div>\n";
}

std::string provenance_html(const RunView& run) {
  std::string html =
      "<h2 id=\"provenance\">Provenance</h2>\n<p class=\"lead\">This page is made from the run's journal alone and can "
      "be made "
      "again from it. SHA-256 throughout.</p>\n<dl class=\"hashes\">";
  const auto hash = [&](const std::string& term, const std::string& value) {
    html +=
        fmt::format("<dt>{}</dt><dd>{}</dd>", html_escape(term), html_escape(value.empty() ? "not recorded" : value));
  };
  hash("Plan " + run.plan.file, run.plan.sha256);
  hash("Bench " + run.bench.file, run.bench.sha256);
  if (run.firmware) hash("Firmware " + run.firmware->file, run.firmware->sha256);
  for (const auto& position : run.positions)
    if (!run.firmware && position.build && !position.build->sha256.empty())
      hash(fmt::format("Firmware at position {}, {}", position.position, position.build->file), position.build->sha256);
  hash(fmt::format("Journal, last hash of {} records{}", run.records, run.complete ? ", closed" : ", not closed"),
       run.last_hash);
  return html + "</dl>\n";
}

}  // namespace blondel
