#include "reports/fault_matrix.hpp"

#include <gtest/gtest.h>

namespace blondel {
namespace {

FaultRow row(const std::string& fault, FaultOutcome outcome, std::vector<std::string> caught_by) {
  FaultRow r;
  r.fault = fault;
  r.group = "firmware";
  r.outcome = outcome;
  r.caught_by = std::move(caught_by);
  r.seed = 1;
  return r;
}

FaultMatrix sample() {
  FaultMatrix m;
  m.plan = "nightly <of & for> \"all\"";
  m.steps = {"identify", "registers", "pulses"};
  m.faults = {row("a", FaultOutcome::caught, {"registers"}), row("b", FaultOutcome::caught, {"registers", "pulses"}),
              row("c", FaultOutcome::survived, {}), row("d", FaultOutcome::noticed, {}),
              row("e", FaultOutcome::caught, {"identify"})};
  m.harmless = {{"good", "good meter", 1, Verdict::pass, "", "x"},
                {"good", "good meter", 2, Verdict::pass, "", "y"},
                {"variant", "refusal: echo", 1, Verdict::inconclusive, "", ""},
                {"twin", "gain", 1, Verdict::fail, "too high", ""}};
  return m;
}

TEST(FaultMatrixTest, CountsWhatWasProvedAndNothingElse) {
  const auto m = sample();
  EXPECT_DOUBLE_EQ(m.score(), 3.0 / 5);
  EXPECT_EQ(m.count(FaultOutcome::survived), 1);
  EXPECT_EQ(m.false_alarms(), 1) << "inconclusive wrongs nobody";
  EXPECT_EQ(m.good_verdicts(), 2);
  EXPECT_EQ(FaultMatrix{}.score(), 0) << "nothing tried is nothing proved";
}

TEST(FaultMatrixTest, SaysWhatEachStepAloneIsWorth) {
  const auto m = sample();
  EXPECT_EQ(m.caught_by("registers"), 2);
  EXPECT_EQ(m.only_by("registers"), std::vector<std::string>{"a"});
  EXPECT_TRUE(m.only_by("pulses").empty()) << "b is caught by registers too";
}

TEST(FaultMatrixTest, IsShortOfItsThresholdsInWords) {
  auto m = sample();
  EXPECT_EQ(m.shortfalls().size(), 2u);
  m.thresholds = {.at_least = 0.6, .false_alarms = 1, .names_survivors = false};
  EXPECT_TRUE(m.shortfalls().empty());
  m.thresholds.names_survivors = true;
  EXPECT_EQ(m.shortfalls(), std::vector<std::string>{"not caught and not named in the plan: c, d"});
  m.faults[2].known = "no step for it";
  m.faults[3].known = "the same";
  EXPECT_TRUE(m.shortfalls().empty());
}

TEST(FaultMatrixTest, ThePageIsWholeAndHarmlessWhateverTheNamesAre) {
  auto m = sample();
  m.faults[2].why = "<script>alert(1)</script>";
  const auto page = fault_matrix_html(m);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("nightly &lt;of &amp; for&gt;"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos) << "nothing from outside";
}

TEST(FaultMatrixTest, StepsThatCatchNothingHaveNoColumnAndNoLineAndAreFolded) {
  auto m = sample();
  m.steps.push_back("wait of 30 s");
  const auto page = fault_matrix_html(m);
  EXPECT_EQ(page.find("title=\"wait of 30 s\""), std::string::npos);
  EXPECT_NE(page.find("<summary>1 step catches nothing itself</summary><p class=\"muted\">wait of 30 s."),
            std::string::npos);
  const auto text = fault_matrix_text(m);
  EXPECT_EQ(text.find("wait of 30 s"), std::string::npos);
  EXPECT_NE(text.find("2 of 4 steps catch nothing that another does not"), std::string::npos);
}

TEST(FaultMatrixTest, TheColumnsOfThePageTogetherCatchAllThatIsCaught) {
  FaultMatrix m;
  m.steps = {"a", "b", "c", "d"};
  // b catches most of what is left when nobody is alone; d is not needed.
  m.faults = {row("1", FaultOutcome::caught, {"a", "b"}), row("2", FaultOutcome::caught, {"b", "c"}),
              row("3", FaultOutcome::caught, {"b", "d"})};
  const auto page = fault_matrix_html(m);
  EXPECT_NE(page.find("The columns are 1 of 4 steps"), std::string::npos);
  EXPECT_NE(page.find("<th class=\"step\" title=\"b\">b</th><th>Others</th>"), std::string::npos);
  EXPECT_NE(page.find("<td class=\"more\" title=\"a\">+ 1</td>"), std::string::npos);
}

TEST(FaultMatrixTest, WithoutAGoodMeterThatPassedNothingIsQualified) {
  auto m = sample();
  m.thresholds = {.at_least = 0, .false_alarms = 9, .names_survivors = false};
  EXPECT_TRUE(m.qualified());
  EXPECT_EQ(m.word(), "QUALIFIED");
  for (const auto verdict : {Verdict::inconclusive, Verdict::skipped, Verdict::fail, Verdict::error}) {
    m.harmless[1].verdict = verdict;
    EXPECT_FALSE(m.qualified());
    EXPECT_EQ(m.word(), "NOT QUALIFIED");
    EXPECT_NE(fault_matrix_html(m).find("did not pass"), std::string::npos);
  }
  m.harmless.erase(m.harmless.begin(), m.harmless.begin() + 2);
  EXPECT_EQ(m.shortfalls(), std::vector<std::string>{"the good meter was not run"});
  EXPECT_FALSE(FaultMatrix{}.qualified());
}

TEST(FaultMatrixTest, APartOfAProofIsCalledOneEverywhere) {
  auto m = sample();
  m.thresholds.at_least = 0.6;
  m.thresholds.false_alarms = 1;
  m.scope = {.good = {1, 1}, .faults = {5, 131}, .variants = {0, 88}, .twins = {9, 9}};
  EXPECT_EQ(m.word(), "PARTIAL: thresholds met for what was run");
  EXPECT_EQ(m.result(), "partial");
  EXPECT_FALSE(m.qualified());
  EXPECT_NE(fault_matrix_text(m).find("partial: 5 of 131 faults, no variants\n"), std::string::npos);
  EXPECT_NE(fault_matrix_html(m).find("<b>Partial</b> 5 of 131 faults, no variants"), std::string::npos);
  EXPECT_EQ(fault_matrix_html(m).find("<span>qualified"), std::string::npos);
  EXPECT_EQ(to_json(m).at("run").at("partial"), "5 of 131 faults, no variants");
  EXPECT_EQ(to_json(m).at("result"), "partial");
  m.scope.seeds = 3;
  EXPECT_EQ(m.scope.missing(), "5 of 131 faults, no variants, at 3 seeds");
  m.thresholds.at_least = 0.8;
  EXPECT_EQ(m.word(), "NOT QUALIFIED") << "in a part of it too";
  m.scope.stopped = true;
  EXPECT_EQ(m.result(), "stopped");
  EXPECT_EQ(m.word().substr(0, 7), "STOPPED");
}

TEST(FaultMatrixTest, ARunThatDiedIsNeitherCaughtNorAFalseAlarmAndDisqualifies) {
  auto m = sample();
  m.thresholds = {.at_least = 0, .false_alarms = 0, .names_survivors = false};
  m.harmless.pop_back();
  ASSERT_TRUE(m.qualified());
  m.faults[0].outcome = FaultOutcome::died;
  m.harmless.push_back({"twin", "gain", 1, Verdict::error, "signal 9", "", true});
  m.died = {"fault a (seed 1): signal 9", "twin gain (seed 1): signal 9"};
  EXPECT_EQ(m.false_alarms(), 0);
  EXPECT_DOUBLE_EQ(m.score(), 2.0 / 5);
  EXPECT_EQ(m.word(), "NOT QUALIFIED");
  EXPECT_NE(fault_matrix_text(m).find("2 of the runs died"), std::string::npos);
}

TEST(FaultMatrixTest, WithoutAFaultThereIsNoScore) {
  auto m = sample();
  m.faults.clear();
  EXPECT_TRUE(to_json(m).at("score").is_null());
  EXPECT_NE(fault_matrix_text(m).find("no faults were run"), std::string::npos);
  EXPECT_NE(fault_matrix_html(m).find("No known fault was run"), std::string::npos);
}

TEST(FaultMatrixTest, TheJsonHasEveryRow) {
  const auto json = to_json(sample());
  EXPECT_EQ(json.at("faults").size(), 5u);
  EXPECT_EQ(json.at("harmless").size(), 4u);
  EXPECT_EQ(json.at("faults").at(3).at("outcome"), "noticed");
  EXPECT_EQ(json.at("steps").at(1).at("alone").at(0), "a");
}

}  // namespace
}  // namespace blondel
