#include "reports/html_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/error_curve.hpp"
#include "reports/html_class.hpp"
#include "reports/html_escape.hpp"
#include "reports/html_meter.hpp"
#include "reports/html_run.hpp"
#include "reports/html_style.hpp"
#include "reports/number_text.hpp"

namespace blondel {
namespace {

std::string plan_name(const RunView& run) {
  return run.plan.name.empty() ? (run.plan.file.empty() ? "Test run" : run.plan.file) : run.plan.name;
}

/// "2 of 3 meters pass".
std::string count_text(const RunView& run) {
  const auto judged = std::ranges::count(run.positions, true, &PositionView::judged);
  const auto passed = std::ranges::count_if(
      run.positions, [](const PositionView& p) { return p.judged && p.verdict == Verdict::pass; });
  return fmt::format("{} of {} meter{} pass", passed, judged, judged == 1 ? "" : "s");
}

/// An ISO 8601 stamp with a blank for its T, so that a narrow column can break it.
std::string stamp_text(std::string stamp) {
  if (stamp.size() > 10 && stamp[10] == 'T') stamp[10] = ' ';
  return stamp;
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string facts_html(const RunView& run) {
  std::string html = "<dl class=\"facts\">";
  const auto fact = [&](const char* term, const std::string& text) {
    if (!text.empty()) html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", term, html_escape(text));
  };
  fact("Bench", run.bench.name.empty() ? run.bench.file : run.bench.name);
  fact("Meter", run.meter);
  fact("Begun", stamp_text(run.began_wall));
  fact("Ended", stamp_text(run.ended_wall));
  fact("Bench time", duration_text(static_cast<double>(run.end_ns) * 1e-9));
  fact("Decision rule", run.decision_rule);
  fact("On a failure", run.on_fail);
  if (run.firmware) fact("Firmware build", run.firmware->file);
  fact("Seed", run.seed);
  fact("Blondel", run.version);
  return html + "</dl>\n";
}

}  // namespace

std::string html_report(const RunView& run) {
  const auto title = html_escape(plan_name(run));
  const auto banner = overdue_banner_html(run);
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n<title>{}: "
      "{}</title>\n<style>{}</style>\n</head>\n<body>\n<main{}>\n{}",
      verdict_word(run.verdict), title, html_style(), banner.empty() ? "" : " class=\"bannered\"", banner);
  html += fmt::format(
      "<header>\n<div class=\"head\"><div><p class=\"eyebrow\">Meter test record</p><h1>{}</h1><p "
      "class=\"why\">{}</p></div>\n"
      "<div class=\"stamp v-{}\"><b>{}</b><span>{}</span></div></div>\n{}</header>\n",
      title, html_escape(capitalised(run.why)), name(run.verdict), verdict_word(run.verdict), count_text(run),
      facts_html(run));
  html += warnings_html(run) + meter_cards_html(run) + class_records_html(run) + error_curves_html(run) +
          meter_results_html(run) + ending_html(run) + configuration_html(run) + steps_html(run) +
          instruments_html(run) + certificates_html(run) + events_html(run) + provenance_html(run);
  return html + "<footer>Made by Blondel from the run&#39;s journal.</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace blondel
