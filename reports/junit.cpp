#include "reports/junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "reports/class_conclusion.hpp"
#include "reports/number_text.hpp"
#include "reports/xml_escape.hpp"

namespace blondel {
namespace {

struct Case {
  std::int64_t bench_time_ns{};
  int step{};
  std::string step_name, name;
  Verdict verdict{};
  std::string message;
  double seconds{};
};

struct Suite {
  std::string name;
  Pairs properties;
  std::vector<Case> cases;

  std::size_t count(std::initializer_list<Verdict> which) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        cases, [&](const Case& one) { return std::ranges::find(which, one.verdict) != which.end(); }));
  }
  std::size_t failures() const { return count({Verdict::fail}); }
  std::size_t errors() const { return count({Verdict::error, Verdict::aborted}); }
  std::size_t skipped() const { return count({Verdict::skipped, Verdict::inconclusive}); }
  double seconds() const {
    double sum = 0;
    for (const auto& one : cases) sum += one.seconds;
    return sum;
  }
};

std::string step_title(const RunView& run, int number) {
  if (number == 0) return "outside the steps";
  const auto* step = run.step(number);
  return step ? fmt::format("step {} {}", number, step->name) : fmt::format("step {}", number);
}

std::string case_name(const RunView& run, const MeasurementView& m) {
  auto name = fmt::format("{}: {}", step_title(run, m.step), words_of(m.name));
  if (!m.point.empty()) name += " at " + m.point;
  if (!m.method.empty()) name += fmt::format(" ({})", m.method);
  return name;
}

std::string message_of(const MeasurementView& m) {
  auto text = value_unit_text(m);
  if (!m.no_measurement.empty()) text += ": " + m.no_measurement;
  if (m.expanded_uncertainty)
    text += fmt::format(", U = {} {} (k = {})", short_text(*m.expanded_uncertainty), m.unit,
                        short_text(m.coverage_factor.value_or(2)));
  text += fmt::format(", limits {} {}", limits_text(m), m.lower || m.upper ? m.unit : "");
  if (m.pfa && m.pfr) text += fmt::format(", PFA {:.2g}, PFR {:.2g}", *m.pfa, *m.pfr);
  if (!m.statement.empty()) text += ", " + m.statement;
  if (!m.informative.empty()) text += fmt::format(", {}, for information only: {}", name(m.verdict), m.informative);
  if (!m.standard.empty()) text += fmt::format(", {} {} {}", m.standard, m.edition, m.clause);
  if (m.limit_unverified()) text += ", limit not verified against the published standard";
  return text;
}

std::vector<Case> cases_of(const RunView& run, const PositionView& position) {
  std::vector<Case> cases;
  for (const auto& m : position.measurements)
    cases.push_back({m.bench_time_ns, m.step, step_title(run, m.step), case_name(run, m),
                     m.informative.empty() ? m.verdict : Verdict::skipped, message_of(m), 0});
  for (const auto& f : position.findings)
    cases.push_back({f.bench_time_ns, f.step, step_title(run, f.step),
                     fmt::format("{}: {}", step_title(run, f.step), f.cause.empty() ? "finding" : f.cause), f.verdict,
                     f.text.empty() ? f.cause : f.text, 0});
  for (const auto& step : run.steps) {
    const auto mine = [&](const Case& one) { return one.step == step.number; };
    const auto verdict = step.verdicts.find(position.position);
    if (!step.end_ns)
      cases.push_back({run.end_ns, step.number, step_title(run, step.number),
                       step_title(run, step.number) + ": did not end", Verdict::error, "the step never ended", 0});
    else if (verdict != step.verdicts.end() && std::ranges::none_of(cases, mine))
      cases.push_back({*step.end_ns, step.number, step_title(run, step.number), step_title(run, step.number),
                       verdict->second, "", 0});
  }
  std::ranges::stable_sort(cases, {}, &Case::bench_time_ns);

  std::map<int, std::int64_t> before;
  for (const auto& step : run.steps) before.try_emplace(step.number, step.begin_ns);
  std::map<std::string, int> attempts;
  for (auto& one : cases) {
    const auto since = before.try_emplace(one.step, one.bench_time_ns).first;
    one.seconds = std::max(0.0, static_cast<double>(one.bench_time_ns - since->second) * 1e-9);
    since->second = std::max(since->second, one.bench_time_ns);
    if (const int attempt = ++attempts[one.name]; attempt > 1) one.name += fmt::format(" (attempt {})", attempt);
  }
  return cases;
}

/// Certificates that were overdue, a property each: whoever reads any part of the file is told.
void add_overdue(Pairs& properties, const RunView& run) {
  for (const auto& one : run.traceability.certificates)
    if (one.overdue)
      properties.emplace_back("overdue certificate",
                              fmt::format("{} of {} {}, due {}", one.number, one.instrument, one.serial, one.due));
}

Suite suite_of(const RunView& run, const PositionView& position) {
  Suite suite;
  suite.name =
      fmt::format("position {}, serial {}", position.position, position.serial.empty() ? "unknown" : position.serial);
  suite.properties = {{"position", fmt::format("{}", position.position)},
                      {"serial", position.serial},
                      {"firmware_version", position.firmware_version},
                      {"verdict", std::string{name(position.verdict)}}};
  for (const auto& one : run.classes) suite.properties.emplace_back(one.name(), conclude(one, position).text);
  add_overdue(suite.properties, run);
  suite.cases = cases_of(run, position);
  Verdict worst = Verdict::pass;
  for (const auto& one : suite.cases) worst = worse(worst, one.verdict);
  if (suite.cases.empty() || worst < position.verdict)
    suite.cases.push_back({run.end_ns, 0, "run", "verdict of the meter", position.verdict,
                           position.cause.empty() ? run.why : position.cause, 0});
  return suite;
}

std::string xml_of(const Case& one, const std::string& class_name) {
  const auto head = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                                xml_escape(class_name + '.' + one.step_name), xml_escape(one.name), one.seconds);
  if (one.verdict == Verdict::pass) return head + "/>\n";
  const char* element = one.verdict == Verdict::fail                                       ? "failure"
                        : one.verdict == Verdict::error || one.verdict == Verdict::aborted ? "error"
                                                                                           : "skipped";
  auto message = std::string{name(one.verdict)};
  if (!one.message.empty()) message += ": " + one.message;
  // The schema knows a type for failures and errors only.
  const auto type = std::string_view{element} == "skipped" ? "" : fmt::format(" type=\"{}\"", name(one.verdict));
  return head + fmt::format(">\n      <{} message=\"{}\"{}/>\n    </testcase>\n", element, xml_escape(message), type);
}

std::string xml_of(const Suite& suite, const std::string& class_name) {
  auto xml = fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n",
      xml_escape(suite.name), suite.cases.size(), suite.failures(), suite.errors(), suite.skipped(), suite.seconds());
  if (!suite.properties.empty()) {
    xml += "    <properties>\n";
    for (const auto& [key, value] : suite.properties)
      xml += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", xml_escape(key), xml_escape(value));
    xml += "    </properties>\n";
  }
  for (const auto& one : suite.cases) xml += xml_of(one, class_name);
  return xml + "  </testsuite>\n";
}

}  // namespace

std::string junit_xml(const RunView& run) {
  std::vector<Suite> suites;
  for (const auto& position : run.positions)
    if (position.judged) suites.push_back(suite_of(run, position));

  Suite bench{
      "bench and run",
      {{"plan sha256", run.plan.sha256}, {"bench sha256", run.bench.sha256}, {"journal last hash", run.last_hash}},
      {}};
  add_overdue(bench.properties, run);
  for (const auto& point : run.not_covered)
    bench.cases.push_back(
        {0, 0, "not covered", point, Verdict::skipped,
         of_a_class(run, point) ? "left out; it does not count as passed" : "the bench cannot reach this point", 0});
  Verdict worst = Verdict::pass;
  for (const auto& suite : suites)
    for (const auto& one : suite.cases) worst = worse(worst, one.verdict);
  if (worst < run.verdict || suites.empty())
    bench.cases.push_back({run.end_ns, 0, "run", "verdict of the run", run.verdict, run.why, 0});
  suites.push_back(std::move(bench));

  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;
  for (const auto& suite : suites) {
    tests += suite.cases.size();
    failures += suite.failures();
    errors += suite.errors();
    skipped += suite.skipped();
    seconds += suite.seconds();
  }
  const auto plan = run.plan.name.empty() ? std::string{"blondel"} : run.plan.name;
  auto xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "skipped=\"{}\" time=\"{:.3f}\">\n",
      xml_escape(plan), tests, failures, errors, skipped, seconds);
  for (const auto& suite : suites) xml += xml_of(suite, plan);
  return xml + "</testsuites>\n";
}

}  // namespace blondel
