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

TEST(FaultMatrixTest, StepsThatCatchNothingHaveNoColumnAndNoLine) {
  auto m = sample();
  m.steps.push_back("wait of 30 s");
  const auto page = fault_matrix_html(m);
  EXPECT_EQ(page.find("<th class=\"step\">wait of 30 s"), std::string::npos);
  EXPECT_NE(page.find("Catch nothing themselves: wait of 30 s."), std::string::npos);
  const auto text = fault_matrix_text(m);
  EXPECT_EQ(text.find("wait of 30 s"), std::string::npos);
  EXPECT_NE(text.find("2 of 4 steps catch nothing that another does not"), std::string::npos);
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
