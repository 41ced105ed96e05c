#include <gmock/gmock.h>

#include <numeric>

#include "reports/class_conclusion.hpp"
#include "reports/error_panels.hpp"
#include "reports/html_budget.hpp"
#include "reports/html_report.hpp"
#include "reports/journal.hpp"
#include "reports/junit.hpp"
#include "reports/measurement_record.hpp"
#include "reports/run_hdf5.hpp"
#include "reports/testdata/class_run.hpp"
#include "reports/testdata/hdf5_content.hpp"
#include "reports/testdata/markup_check.hpp"
#include "reports/testdata/scratch_folder.hpp"
#include "reports/text_summary.hpp"

namespace blondel {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

RunRecord class_record(const ScratchFolder& folder) {
  {
    Journal journal{std::make_unique<FileSink>(folder / "journal.jsonl"), nullptr, [] { return std::string{}; }};
    write_class_run(journal);
  }
  return value_or_throw(read_run(folder.path()));
}

RunView class_run() {
  const ScratchFolder folder;
  return value_or_throw(view_of(class_record(folder)));
}

/// A class of so many planned points, all of one requirement, and a meter that was measured at these.
struct OneRequirement {
  ClassView of{"S class 1", "2020", {}, {}, {}, {{"limits", "T1", 0, {}}}, {}, {}, {}};
  PositionView meter;

  void measured(const std::string& point, Verdict verdict, const std::string& informative = {}) {
    MeasurementView m;
    m.name = "percentage_error";
    m.requirement = "limits";
    m.point = point;
    m.standard = of.standard;
    m.edition = of.edition;
    m.verdict = verdict;
    m.informative = informative;
    meter.measurements.push_back(m);
    of.requirements[0].points = std::max(of.requirements[0].points, static_cast<int>(meter.measurements.size()));
  }
};

TEST(ClassConclusions, AreThatAllPointsConformWhereNothingIsLeftOut) {
  OneRequirement one;
  one.measured("a", Verdict::pass);
  one.measured("b", Verdict::pass);
  const auto said = conclude(one.of, one.meter);
  EXPECT_EQ(said.text, "conforms at all 2 points measured");
  EXPECT_EQ(said.verdict, Verdict::pass);
  EXPECT_EQ(said.not_covered, 0);
}

TEST(ClassConclusions, SayNothingOfTheClassWhileAnythingIsLeftOut) {
  OneRequirement covered;
  covered.measured("a", Verdict::pass);
  auto point = covered, requirement = covered, figure = covered, lost = covered;
  point.of.requirements[0].not_covered = {{"b", "why"}, {"c", "why"}};
  requirement.of.requirements.push_back({"no load", "T2", 0, {{"1.15 Un", "why"}, {"1 Un", "why"}}});
  figure.of.lacks = {{"repeatability", "no figure is known"}};
  lost.of.requirements[0].points = 2;
  const auto text = [](const OneRequirement& one) { return conclude(one.of, one.meter).text; };
  EXPECT_EQ(text(point),
            "conforms at the one point measured; 2 points not covered: no statement on the class as a whole");
  EXPECT_EQ(text(requirement),
            "conforms at the one point measured; 1 requirement not covered: no statement on the class as a whole");
  EXPECT_EQ(text(figure),
            "conforms at the one point measured; 1 part of the standard without known figures: no statement on the "
            "class as a whole");
  EXPECT_EQ(text(lost),
            "conforms at the one point measured; 1 planned point not measured: no statement on the class as a whole");
}

TEST(ClassConclusions, NameThePointsThatDoNotConformAndThoseThatAreOpen) {
  OneRequirement one;
  for (const char* point : {"a", "b", "c", "d"}) one.measured(point, Verdict::fail);
  one.measured("e", Verdict::inconclusive);
  one.measured("f", Verdict::error);
  one.measured("g", Verdict::pass);
  const auto said = conclude(one.of, one.meter);
  EXPECT_EQ(said.text,
            "does not conform at 4 of 7 points: a (limits), b (limits), c (limits) and 1 more; undecided at 1 of 7 "
            "points: e (limits); no result at 1 of 7 points: f (limits); conforms at the other 1");
  EXPECT_EQ(said.verdict, Verdict::fail);
  EXPECT_EQ(said.not_passed, 6);
}

TEST(ClassConclusions, HoldAPointAgainstTheMeterAtWhichItRegisteredNothing) {
  OneRequirement one;
  for (const char* point : {"a", "b"}) {
    one.measured(point, Verdict::fail);
    one.meter.measurements.back().no_measurement = "0 pulses in 15 s";
  }
  one.measured("c", Verdict::pass);
  auto said = conclude(one.of, one.meter);
  EXPECT_EQ(said.text,
            "does not conform at 2 of 3 points: a (limits), b (limits) (no measurement); conforms at the other 1");
  EXPECT_EQ(said.verdict, Verdict::fail);
  EXPECT_EQ(said.not_covered, 0);
  one.measured("d", Verdict::fail);
  said = conclude(one.of, one.meter);
  EXPECT_THAT(said.text, HasSubstr("3 of 4 points: a (limits), b (limits), d (limits) (no measurement at 2)"));
}

TEST(ClassReport, SaysWhyNothingWasMeasuredAtAPoint) {
  const nlohmann::ordered_json record = {{"position", 2},
                                         {"name", "percentage_error"},
                                         {"point", "0.05 In, factor 1"},
                                         {"value", nullptr},
                                         {"no_measurement", "0 <pulses>"},
                                         {"unit", "%"},
                                         {"verdict", "fail"},
                                         {"standard", "Example 1 class A"},
                                         {"edition", "2020"},
                                         {"requirement", "limits of error, balanced load"}};
  auto run = class_run();
  run.positions.at(1).measurements.push_back(measurement_of(RecordFields{record, "one"}));
  const auto html = html_report(run);
  EXPECT_EQ(occurrences(html, "<b>no measurement</b><br><span class=\"src\">0 &lt;pulses&gt;</span>"), 1);
  EXPECT_THAT(junit_xml(run), HasSubstr("<failure message=\"fail: no measurement: 0 &lt;pulses&gt;, limits"));
}

TEST(ClassConclusions, CountAPointThatWasMeasuredTwiceOnceAndByItsWorstVerdict) {
  OneRequirement one;
  one.measured("a", Verdict::fail);
  one.measured("a", Verdict::pass);
  one.of.requirements[0].points = 1;
  EXPECT_EQ(conclude(one.of, one.meter).text, "does not conform at 1 of 1 point: a (limits)");
}

TEST(ClassConclusions, OfALimitThatDecidesNothingAreForInformation) {
  OneRequirement one;
  one.measured("a", Verdict::pass, "from memory");
  one.measured("b", Verdict::fail, "from memory");
  auto said = conclude(one.of, one.meter);
  EXPECT_EQ(said.text, "for information only, 2 points measured: 1 would conform, 1 would not");
  EXPECT_EQ(said.verdict, Verdict::skipped);
  one.measured("c", Verdict::pass);
  said = conclude(one.of, one.meter);
  EXPECT_EQ(said.text,
            "conforms at the one point measured; 2 points for information only: no statement on the class as a whole");
  EXPECT_EQ(said.verdict, Verdict::pass);
}

TEST(ClassConclusions, AreUndecidedWhereNothingWasMeasured) {
  OneRequirement one;
  one.of.requirements[0].points = 3;
  const auto said = conclude(one.of, one.meter);
  EXPECT_EQ(said.verdict, Verdict::inconclusive);
  EXPECT_THAT(said.text, StartsWith("nothing was measured; 3 planned points not measured"));
}

TEST(ClassLines, StandByRequirementThenFactorThenCurrent) {
  const auto run = class_run();
  std::vector<std::string> points;
  for (const auto* m : class_lines(run.classes.at(0), run.positions.at(0))) points.push_back(m->point);
  EXPECT_THAT(points,
              ElementsAre("0.01 In, PF 1", "0.1 In, PF 1", "1 In, PF 1", "0.1 In, PF 0.5 ind", "1 In, PF 0.5 ind",
                          "1 In, PF 0.8 cap", "1 In, PF 1, element 1 alone", "1 In, PF 1, element 2 alone",
                          "1 In, PF 1, element 3 alone", "1 In, element 1 less balanced"));
}

TEST(ClassRun, IsConcludedClassByClass) {
  const auto run = class_run();
  ASSERT_EQ(run.classes.size(), 3u);
  EXPECT_EQ(
      conclude(run.classes[0], run.positions[0]).text,
      "conforms at all 10 points measured; 1 requirement not covered, 1 point not covered, 1 part of the standard "
      "without known figures: no statement on the class as a whole");
  EXPECT_THAT(conclude(run.classes[0], run.positions[1]).text,
              StartsWith("does not conform at 1 of 10 points: 1 In, PF 0.5 ind (limits of error, balanced load); "
                         "undecided at 1 of 10 points: 0.1 In, PF 1 (limits of error, balanced load); conforms at the "
                         "other 8; 1 requirement not covered"));
  EXPECT_THAT(conclude(run.classes[1], run.positions[0]).text, StartsWith("for information only, 6 points measured"));
  EXPECT_EQ(conclude(run.classes[2], run.positions[1]).text, "conforms at all 3 points measured");
}

TEST(ClassCoverage, OfTwoStepsStandsTogetherAndOnlyWhatNeitherCoversIsOpen) {
  const nlohmann::ordered_json step_1 = {
      {"standard", "S"},
      {"step", 1},
      {"requirements", {{{"requirement", "r"}, {"points", 2}, {"not_covered", {{{"what", "a"}}, {{"what", "b"}}}}}}}};
  const nlohmann::ordered_json step_2 = {
      {"standard", "S"},
      {"step", 2},
      {"requirements", {{{"requirement", "r"}, {"points", 1}, {"not_covered", {{{"what", "b"}}}}}}}};
  std::vector<ClassView> classes;
  add_coverage(classes, RecordFields{step_1, "one"});
  add_coverage(classes, RecordFields{step_2, "two"});
  ASSERT_EQ(classes.size(), 1u);
  EXPECT_THAT(classes[0].steps, ElementsAre(1, 2));
  EXPECT_EQ(classes[0].requirements.at(0).points, 3);
  ASSERT_EQ(classes[0].requirements[0].not_covered.size(), 1u);
  EXPECT_EQ(classes[0].requirements[0].not_covered[0].what, "b");
}

TEST(ClassCoverage, RefusesFewerPointsThanNone) {
  const nlohmann::ordered_json record = {{"standard", "S"}, {"requirements", {{{"requirement", "r"}, {"points", -1}}}}};
  std::vector<ClassView> classes;
  EXPECT_THROW(add_coverage(classes, RecordFields(record, "journal.jsonl:3")), Failure);
}

TEST(VarianceShares, AddUpToAllOfIt) {
  const auto run = class_run();
  const auto shares = variance_shares(run.positions[0].measurements[0].budget);
  ASSERT_EQ(shares.size(), 3u);
  // The certificate's two lines of 0.003 are one term of 0.006: 36 % of 0.01 squared, half each.
  EXPECT_NEAR(shares[0], 0.18, 1e-12);
  EXPECT_NEAR(shares[1], 0.18, 1e-12);
  EXPECT_NEAR(shares[2], 0.64, 1e-12);
}

TEST(VarianceShares, AreNegativeWhereALineTakesAwayFromItsGroup) {
  std::vector<BudgetLine> budget{{"a", 3, "B"}, {"b", 1, "B"}, {"c", 1, "A"}};
  budget[0].group = budget[1].group = "certificate";
  budget[0].sensitivity = 1;
  budget[1].sensitivity = -1;
  EXPECT_THAT(variance_shares(budget),
              ElementsAre(testing::DoubleEq(1.2), testing::DoubleEq(-0.4), testing::DoubleEq(0.2)));
  EXPECT_TRUE(variance_shares({{"nothing", 0, "B"}}).empty());
}

TEST(ClassReport, HasATableARequirementAndABudgetAMeasurement) {
  const auto html = html_report(class_run());
  EXPECT_EQ(markup_fault(html, {"meta", "br"}), "");
  EXPECT_EQ(occurrences(html, "id=\"type-test\""), 1);
  EXPECT_EQ(occurrences(html, "class=\"class-record\""), 3);
  EXPECT_EQ(occurrences(html, "<h4>limits of error, balanced load</h4>"), 6) << "a class and meter";
  // 13 measurements of each meter have a budget; the six that class B judges as well refer to it.
  EXPECT_EQ(occurrences(html, "<summary>Budget of 3 lines, largest: the meter&#39;s readings, 64.0 %"), 26);
  EXPECT_EQ(occurrences(html, ">Budget: as for Example 1 class A (2020)</a>"), 12);
  EXPECT_THAT(html, HasSubstr("conditional pass"));
  EXPECT_THAT(html, HasSubstr("a neighbouring class that the meter does not claim: it decides nothing."));
  EXPECT_THAT(html, HasSubstr("Current sensors are simulated"));
  EXPECT_THAT(html, HasSubstr("fail beyond"));
  EXPECT_THAT(html, HasSubstr("8.4 A is above the bench&#39;s envelope of 7 A"));
  EXPECT_THAT(html, HasSubstr("decided at look 2 of 6"));
  EXPECT_THAT(html, HasSubstr("Before corrections: +0.124000 %."));
  EXPECT_THAT(html, Not(HasSubstr("passes the class")));
}

TEST(ClassReport, StatesImaxAndConnectionByWhichThePointsWereChosen) {
  auto run = class_run();
  EXPECT_THAT(run.classes.at(0).chosen_for, ElementsAre("connection CT, Imax 1.2 In"));
  EXPECT_TRUE(run.classes.at(1).chosen_for.empty()) << "a record that does not say";
  EXPECT_EQ(occurrences(html_report(run), "<dd>connection CT, Imax 1.2 In<br>"), 1);
  std::vector<ClassView> classes;
  for (const char* imax : {"1.2 In", "0.06 In", "1.2 In"}) {
    const nlohmann::ordered_json record = {
        {"standard", "S"}, {"imax", imax}, {"requirements", nlohmann::ordered_json::array()}};
    add_coverage(classes, RecordFields{record, "one"});
  }
  ASSERT_EQ(classes.size(), 1u);
  EXPECT_THAT(classes[0].chosen_for, ElementsAre("Imax 1.2 In", "Imax 0.06 In"));
}

TEST(ClassReport, PutsRequirementsLeftOutForOneReasonInOneLine) {
  auto run = class_run();
  run.classes.resize(1);
  run.classes[0].requirements = {
      {"starting current", "7.2", 0, {{"0.001 In", "not in the plan"}}},
      {"influences", "7.9", 0, {{"voltage", "nothing here does it"}, {"harmonics", "nothing here does it"}}},
      {"no-load condition", "7.3", 0, {{"115 %", "not in the plan"}}},
      {"limits", "T4", 6, {{"1.2 In", "not in the plan"}}}};
  const auto html = html_report(run);
  EXPECT_EQ(markup_fault(html, {"meta", "br"}), "");
  EXPECT_THAT(html, HasSubstr("<li>starting current <span class=\"muted\">7.2</span>; no-load condition "
                              "<span class=\"muted\">7.3</span>: <span class=\"muted\">not in the plan</span></li>"));
  EXPECT_THAT(html,
              HasSubstr("<span class=\"muted\">7.9</span>, 2 points: <span class=\"muted\">nothing here does it"));
  EXPECT_THAT(html, HasSubstr("<li>1.2 In: <span class=\"muted\">not in the plan</span></li>"))
      << "a point of the rest";
}

TEST(ClassReport, TellsOfAnOverdueCertificateEverywhere) {
  const auto run = class_run();
  const auto html = html_report(run);
  EXPECT_THAT(html, HasSubstr("<main class=\"bannered\">"));
  EXPECT_THAT(html,
              HasSubstr("K-2025-7 of zera-com5003 050012345, active power, was due 2026-10-01, used on 2026-11-20"));
  EXPECT_EQ(occurrences(html, "<b>overdue</b>"), 1);
  EXPECT_THAT(text_summary(run), HasSubstr("OVERDUE CERTIFICATE: K-2025-7 of zera-com5003 050012345, due 2026-10-01"));
  EXPECT_EQ(occurrences(junit_xml(run), "<property name=\"overdue certificate\" value=\"K-2025-7 of"), 3)
      << "each meter and the bench";
}

TEST(ClassReport, HasNoBannerWhereAllCertificatesAreInTime) {
  auto run = class_run();
  for (auto& one : run.traceability.certificates) one.overdue = false;
  EXPECT_THAT(html_report(run), Not(HasSubstr("<div class=\"page-banner")));
  EXPECT_THAT(text_summary(run), Not(HasSubstr("OVERDUE")));
}

TEST(ClassReport, GivesAClassALineInTheSummaryAndAPropertyInJunit) {
  const auto run = class_run();
  const auto text = text_summary(run);
  EXPECT_THAT(text, HasSubstr("  Example 2 class C (2020), position 1, 2: conforms at all 3 points measured\n"));
  EXPECT_THAT(text, HasSubstr("not covered: the odd one"));
  EXPECT_THAT(text, Not(HasSubstr("not covered: Example 1"))) << "its line has counted it";
  EXPECT_THAT(junit_xml(run),
              HasSubstr("<property name=\"Example 2 class C (2020)\" value=\"conforms at all 3 points measured\"/>"));
  EXPECT_EQ(markup_fault(junit_xml(run)), "");
}

TEST(ClassReport, MakesNoFailureOfWhatIsForInformationOnly) {
  const auto run = class_run();
  const auto xml = junit_xml(run);
  EXPECT_EQ(occurrences(xml, "<failure "), 1) << "class A at 1 In, PF 0.5 ind";
  EXPECT_THAT(xml, HasSubstr(", fail, for information only: a neighbouring class"));
  EXPECT_EQ(run.positions[0].worst()->standard, "Example 1 class A");
  EXPECT_THAT(html_report(run), HasSubstr("6 for information only"));
}

TEST(ClassReport, EscapesWhatTheRecordSays) {
  const std::string evil = "<script>alert(1)</script>\" onload=\"x\x1b";
  auto run = class_run();
  run.decision_rule = evil;
  for (auto& one : run.traceability.certificates)
    one.number = one.instrument = one.serial = one.quantity = one.laboratory = one.date = one.due =
        one.coverage_factor = evil;
  run.traceability.date = evil;
  for (auto& one : run.classes) {
    one.standard = one.edition = one.title = one.informative = evil;
    one.scope = {evil};
    one.lacks = {{evil, evil}};
    one.marks = {{evil, 1}};
    one.chosen_for = {evil};
    one.requirements = {{evil, evil, 1, {{evil, evil}}}};
  }
  for (auto& position : run.positions)
    for (auto& m : position.measurements) {
      m.requirement = m.standard = m.edition = m.statement = m.informative = m.method_why = m.energy = m.rule = evil;
      if (m.measuring) m.measuring->stopped = evil;
      for (auto& line : m.budget) line.source = line.unit = line.group = line.distribution = evil;
    }
  const auto html = html_report(run);
  EXPECT_EQ(markup_fault(html, {"meta", "br"}), "");
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("\" onload")));
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_EQ(markup_fault(junit_xml(run)), "");
  EXPECT_EQ(text_summary(run).find('\x1b'), std::string::npos);
}

TEST(ErrorPanelsOfClasses, ShowAMeasurementOnceWithTheLimitsOfEveryStandard) {
  const auto run = class_run();
  const auto figures = error_figures(run);
  ASSERT_EQ(figures.size(), 1u);
  EXPECT_EQ(figures[0].method, "chosen for each point");
  EXPECT_THAT(figures[0].standards,
              ElementsAre("Example 1 class A (2020)", "Example 1 class B (2020)", "Example 2 class C (2020)"));
  const auto& unity = figures[0].panels.at(0);
  EXPECT_EQ(unity.load, "balanced");
  ASSERT_EQ(unity.limits.size(), 2u);
  EXPECT_EQ(unity.limits[0].steps.at(1.0).second, 0.2);
  EXPECT_EQ(unity.limits[1].steps.at(1.0).second, 0.1);
  EXPECT_EQ(unity.limits[0].guards.at(1.0), (std::pair{0.02, 0.02}));
  ASSERT_EQ(unity.series.at(1).points.size(), 3u);
  const auto& doubtful = unity.series[1].points[1];
  EXPECT_EQ(doubtful.judged.size(), 2u);
  EXPECT_EQ(doubtful.judged[1]->verdict, Verdict::fail);
  EXPECT_EQ(doubtful.shown->verdict, Verdict::inconclusive) << "class B is for information only";
}

TEST(ErrorPanelsOfClasses, KeepReactiveEnergyAndSinglePhaseLoadApart) {
  const auto run = class_run();
  const auto figures = error_figures(run);
  int reactive = 0, alone = 0;
  for (const auto& panel : figures.at(0).panels) {
    if (panel.reactive()) ++reactive;
    if (panel.load != "balanced") ++alone;
    EXPECT_FALSE(panel.reactive() && panel.load != "balanced");
  }
  EXPECT_EQ(reactive, 1) << "both sines share their limits";
  EXPECT_EQ(alone, 3) << "an element each";
  const auto html = html_report(class_run());
  EXPECT_THAT(html, HasSubstr("sin φ 1 ind and 0.5 cap <span>reactive energy, balanced</span>"));
  EXPECT_THAT(html, HasSubstr("neither pass nor fail"));
  EXPECT_THAT(html, HasSubstr("class=\"limit l1\""));
}

TEST(ClassRunInHdf5, HasRisksGuardBandsAndTheWholeBudget) {
  const ScratchFolder folder;
  const auto record = class_record(folder);
  const Hdf5Content h5{folder.with("run.h5", run_hdf5(record, value_or_throw(view_of(record)), folder.path()))};
  EXPECT_EQ(h5.texts("/measurements/requirement").at(0), "limits of error, balanced load");
  EXPECT_EQ(h5.texts("/measurements/energy").at(0), "active energy");
  EXPECT_THAT(h5.numbers("/measurements/guard_accept"), Each(0.02));
  EXPECT_EQ(h5.numbers("/measurements/tur").at(0), 10) << "0.4 over 0.04";
  EXPECT_EQ(h5.numbers("/measurements/measuring_s").at(0), 12);
  // 0.05 below the limit, u = 0.01: five standard deviations.
  EXPECT_NEAR(h5.numbers("/measurements/pfa").at(4), 0, 1e-6);
  EXPECT_EQ(h5.texts("/budgets/group").at(0), "K-2026-8");
  EXPECT_EQ(h5.numbers("/budgets/degrees_of_freedom").at(2), 9);
  EXPECT_TRUE(std::isnan(h5.numbers("/budgets/degrees_of_freedom").at(0)));
  EXPECT_THAT(h5.texts("/certificates/number"), ElementsAre("K-2025-7", "K-2026-8"));
  EXPECT_THAT(h5.numbers("/certificates/coverage_factor"), ElementsAre(2, 1.65));
  EXPECT_THAT(h5.texts("/class_not_covered/what"), ElementsAre("1.2 In, PF 1", "0.001 In", "repeatability"));
  EXPECT_THAT(h5.integers("/class_requirements/points"), ElementsAre(6, 3, 1, 0, 6, 3));
}

}  // namespace
}  // namespace blondel
