#include <gmock/gmock.h>

#include <cmath>

#include "reports/error_panels.hpp"
#include "reports/html_report.hpp"
#include "reports/junit.hpp"
#include "reports/number_text.hpp"
#include "reports/testdata/markup_check.hpp"
#include "reports/text_summary.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> html_without_end = {"meta"};

RunView sample() {
  return value_or_throw(view_of(value_or_throw(read_run("reports/testdata/sample"))));
}

MeasurementView error_of(double value, double limit) {
  MeasurementView m;
  m.step = 1;
  m.name = "percentage_error";
  m.point = "1 In, PF 1";
  m.power_factor = "1";
  m.load = "balanced";
  m.method = "pulses";
  m.current_ratio = 1.0;
  m.value = value;
  m.unit = "%";
  m.lower = -limit;
  m.upper = limit;
  m.verdict = std::abs(value) > limit ? Verdict::fail : Verdict::pass;
  return m;
}

/// One meter, one step, no measurement, a closed record, the outputs off.
RunView bare() {
  RunView run;
  run.plan.name = "plan";
  run.verdict = Verdict::pass;
  run.exit_code = 0;
  run.complete = true;
  run.safe.push_back({0, "end", true, {}, 1.0});
  PositionView position;
  position.position = 1;
  position.serial = "S1";
  position.verdict = Verdict::pass;
  run.positions.push_back(position);
  StepView step;
  step.number = 1;
  step.name = "accuracy";
  step.end_ns = 9'000'000'000;
  step.verdicts[1] = Verdict::pass;
  run.steps.push_back(step);
  return run;
}

TEST(Html, IsWellFormedAndShowsEveryPartOfARun) {
  const auto run = sample();
  const auto html = html_report(run);
  EXPECT_EQ(markup_fault(html, html_without_end), "");
  for (const auto* part : {"id=\"meters\"", "id=\"curves\"", "id=\"results\"", "id=\"end\"", "id=\"configuration\"",
                           "id=\"steps\"", "id=\"instruments\"", "id=\"events\"", "id=\"provenance\""})
    EXPECT_EQ(occurrences(html, part), 1) << part;
  // Two methods, each with unity in one panel and the two other power factors, which share their limits, in another.
  EXPECT_EQ(occurrences(html, "<svg class=\"chart\""), 4);
  EXPECT_EQ(occurrences(html, "<svg class=\"gauge"), 71) << "one of the 72 measurements is not a number";
  EXPECT_EQ(occurrences(html, "<title>position "), 71);
  EXPECT_THAT(html, HasSubstr("Limit not verified against the published standard."));
  EXPECT_THAT(html, HasSubstr("2 points are not covered."));
  EXPECT_THAT(html, HasSubstr("182.4 ms"));
  EXPECT_THAT(html, HasSubstr(run.last_hash));
  EXPECT_THAT(html, HasSubstr(run.plan.sha256));
}

TEST(Html, NeedsNothingFromOutside) {
  const auto html = html_report(sample());
  for (const auto* word : {"<script", "<link", "<img", "<iframe", "http:", "https:", "url(", "@import"})
    EXPECT_THAT(html, Not(HasSubstr(word)));
}

TEST(Html, EscapesEverythingThatCameOverAWireOrFromAFile) {
  const std::string evil = "<script>alert(1)</script>\" onload=\"x\x1b\xff";
  auto run = sample();
  run.plan = run.bench = {evil, evil, evil};
  run.firmware = HashedFile{evil, evil, evil};
  run.meter = run.seed = run.version = run.decision_rule = run.on_fail = run.why = run.last_hash = evil;
  run.began_wall = run.ended_wall = evil;
  run.not_covered = run.notes = {evil};
  run.instruments = {{evil, evil, evil, evil, evil, evil, evil}};
  run.events = {{0, evil, evil}};
  run.safe = {{0, evil, true, {{evil, evil}}, 1.0}};
  for (auto& step : run.steps) step.name = step.kind = evil;
  for (auto& position : run.positions) {
    position.serial = position.firmware_version = position.port = position.cause = evil;
    position.build = HashedFile{evil, evil, evil};
    position.identity = {{evil, evil}};
    position.findings = {{1, 0, Verdict::fail, evil, evil}};
    position.changes = {{1, evil, evil, evil, evil}};
    position.differences = {{evil, evil, evil}};
    for (auto& m : position.measurements) {
      m.name = m.current_ratio && *m.current_ratio > 0.5 ? "percentage_error" : evil;
      m.point = m.power_factor = m.load = m.method = m.unit = m.rule = m.standard = m.edition = m.clause = m.mark =
          evil;
      m.budget = {{evil, 0.1, evil}};
    }
  }
  const auto html = html_report(run);
  EXPECT_EQ(markup_fault(html, html_without_end), "");
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("\" onload")));
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_EQ(markup_fault(junit_xml(run)), "");
  const auto text = text_summary(run);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Html, SaysWhenTheRecordIsIncompleteOrTheOutputsWereNotProvedOff) {
  auto run = bare();
  EXPECT_THAT(html_report(run), Not(HasSubstr("class=\"note")));
  run.complete = false;
  run.safe.clear();
  const auto html = html_report(run);
  EXPECT_THAT(html, HasSubstr("This record is incomplete."));
  EXPECT_THAT(html, HasSubstr("The outputs were not proved off."));
}

TEST(Html, StaysWellFormedForARunWithNothingInIt) {
  EXPECT_EQ(markup_fault(html_report(RunView{}), html_without_end), "");
  EXPECT_EQ(markup_fault(junit_xml(RunView{})), "");
}

TEST(Html, DrawsEightyMetersAndOneFarOffItsLimit) {
  auto run = bare();
  for (int i = 2; i <= 80; ++i) {
    run.positions.push_back(run.positions[0]);
    run.positions.back().position = i;
  }
  for (auto& position : run.positions) position.measurements = {error_of(0.01 * position.position / 10, 0.2)};
  run.positions[40].measurements = {error_of(-98.7, 0.2)};
  const auto html = html_report(run);
  EXPECT_EQ(markup_fault(html, html_without_end), "");
  EXPECT_THAT(html, HasSubstr("all other meters"));
  EXPECT_THAT(html, HasSubstr(">−98.7 %</text>"));
  for (const auto* number : {">nan", " nan", "\"nan", ",nan", "inf,", "\"inf\""})
    EXPECT_THAT(html, Not(HasSubstr(number)));
}

TEST(ErrorPanels, PutPowerFactorsTogetherThatShareTheirLimits) {
  const auto run = sample();
  const auto figures = error_figures(run);
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].method, "pulses");
  ASSERT_EQ(figures[0].panels.size(), 2u);
  EXPECT_THAT(figures[0].panels[0].power_factors, testing::ElementsAre("1"));
  EXPECT_THAT(figures[0].panels[1].power_factors, testing::ElementsAre("0.5 ind", "0.8 cap"));
  EXPECT_EQ(figures[0].panels[0].limits.at(0).steps.at(0.01).second, 0.4);
  EXPECT_EQ(figures[0].panels[0].limits.at(0).steps.at(0.05).second, 0.2);
}

TEST(ErrorPanels, DrawAPhaseAloneByItselfAndNothingThatHasNoPlaceOnTheAxis) {
  auto run = bare();
  auto alone = error_of(0.1, 0.3);
  alone.load = "L1 only";
  auto no_current = error_of(0.1, 0.2);
  no_current.current_ratio = 0.0;
  auto no_value = error_of(0.1, 0.2);
  no_value.value = std::nullopt;
  auto other = error_of(0.1, 0.2);
  other.name = "frequency";
  run.positions[0].measurements = {alone, no_current, no_value, other, error_of(0.1, 0.2)};
  const auto figures = error_figures(run);
  ASSERT_EQ(figures.size(), 1u);
  ASSERT_EQ(figures[0].panels.size(), 2u);
  EXPECT_EQ(figures[0].panels[0].load, "balanced");
  EXPECT_EQ(figures[0].panels[0].series.at(0).points.size(), 1u);
  EXPECT_EQ(figures[0].panels[1].load, "L1 only");
}

TEST(NumberText, ShowsTwoDigitsOfTheUncertaintyAndAsManyMoreAsAVerdictNeeds) {
  auto m = error_of(0.12345, 0.2);
  m.expanded_uncertainty = 0.012;
  EXPECT_EQ(value_text(m), "+0.123");
  m.value = 0.20004;
  EXPECT_EQ(value_text(m), "+0.20004") << "0.200 would read as within 0.2";
  m.value = -0.0001;
  EXPECT_EQ(value_text(m), "0.000");
  m.value = std::nullopt;
  EXPECT_EQ(value_text(m), "not a number");
  m.lower = std::nullopt;
  EXPECT_EQ(limits_text(m), "at most 0.2");
}

TEST(NumberText, TellsBenchTimeAndSpans) {
  EXPECT_EQ(clock_text(3'661'005'000'000), "1:01:01.005");
  EXPECT_EQ(duration_text(3.25), "3.2 s");
  EXPECT_EQ(duration_text(760), "12 min 40 s");
  EXPECT_EQ(duration_text(7500), "2 h 05 min");
}

TEST(Junit, TellsAFailureFromAnError) {
  auto run = bare();
  run.positions[0].measurements = {error_of(0.1, 0.2), error_of(0.3, 0.2)};
  run.positions[0].findings = {{1, 0, Verdict::error, "reference", "does not answer"},
                               {1, 0, Verdict::aborted, "operator", "stopped"},
                               {1, 0, Verdict::skipped, "option", "not fitted"},
                               {1, 0, Verdict::inconclusive, "uncertainty", "too large"}};
  const auto xml = junit_xml(run);
  EXPECT_EQ(markup_fault(xml), "");
  EXPECT_THAT(
      xml,
      HasSubstr("<testsuite name=\"position 1, serial S1\" tests=\"6\" failures=\"1\" errors=\"2\" skipped=\"2\""));
  EXPECT_EQ(occurrences(xml, "<failure "), 1);
  EXPECT_EQ(occurrences(xml, "<error "), 2);
  EXPECT_EQ(occurrences(xml, "<skipped "), 2);
  EXPECT_THAT(xml, HasSubstr("message=\"fail: +0.300 %, limits ±0.2 %"));
  EXPECT_THAT(xml, HasSubstr("message=\"inconclusive: too large\""));
  EXPECT_THAT(xml, HasSubstr("(pulses) (attempt 2)\""));
}

TEST(Junit, CountsBenchTimeFromTheRecordBefore) {
  auto run = bare();
  run.steps[0].begin_ns = 1'000'000'000;
  run.positions[0].measurements = {error_of(0.1, 0.2), error_of(0.1, 0.2)};
  run.positions[0].measurements[0].bench_time_ns = 3'500'000'000;
  run.positions[0].measurements[1].bench_time_ns = 4'000'000'000;
  const auto xml = junit_xml(run);
  EXPECT_THAT(xml, HasSubstr("(pulses)\" time=\"2.500\""));
  EXPECT_THAT(xml, HasSubstr("(attempt 2)\" time=\"0.500\""));
}

TEST(Junit, HidesNoVerdictThatNoCaseExplains) {
  auto run = bare();
  run.positions[0].verdict = Verdict::fail;
  run.positions[0].cause = "communication";
  EXPECT_THAT(junit_xml(run), HasSubstr("<failure message=\"fail: communication\" type=\"fail\"/>"));
  run.positions.clear();
  run.verdict = Verdict::error;
  run.why = "interlock";
  EXPECT_THAT(junit_xml(run), HasSubstr("<error message=\"error: interlock\" type=\"error\"/>"));
}

TEST(Junit, ShowsAStepThatNeverEndedAndPointsNotCovered) {
  auto run = bare();
  run.steps[0].end_ns = std::nullopt;
  run.not_covered = {"1.2 In"};
  const auto xml = junit_xml(run);
  EXPECT_THAT(xml, HasSubstr("name=\"step 1 accuracy: did not end\""));
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"skipped: the bench cannot reach this point\"/>"));
}

TEST(Junit, GivesTheWholeSampleAsCases) {
  const auto xml = junit_xml(sample());
  EXPECT_EQ(markup_fault(xml), "");
  // Three meters, each with 24 measurements and two steps without one; one finding; two points not covered.
  EXPECT_EQ(occurrences(xml, "<testcase "), 3 * 26 + 1 + 2);
  EXPECT_THAT(xml, HasSubstr("position 2, serial 4KA-0071926"));
  EXPECT_THAT(xml, Not(HasSubstr("serial \"")));
}

TEST(TextSummary, GivesEachMeterALineWithItsWorstPoint) {
  const auto text = text_summary(sample());
  EXPECT_THAT(text, HasSubstr("2    4KA-0071926  FAIL"));
  EXPECT_THAT(text, HasSubstr("0.1 In, PF 0.5 ind"));
  EXPECT_THAT(text, HasSubstr("not judged"));
  EXPECT_THAT(text, HasSubstr("not covered: 1.2 In"));
  EXPECT_THAT(text, HasSubstr("not verified against the published standard"));
  EXPECT_THAT(text, testing::EndsWith("FAIL: the plan ran to its end (exit 1)\n"));
}

}  // namespace
}  // namespace blondel
