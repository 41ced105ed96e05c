#include "reports/run_view.hpp"

#include <gmock/gmock.h>

#include "reports/journal.hpp"
#include "reports/testdata/scratch_folder.hpp"

namespace blondel {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class RunViewTest : public testing::Test {
 protected:
  RunViewTest() {
    add("run", {{"plan", {{"name", "p"}, {"file", "p.yaml"}, {"sha256", "aa"}}},
                {"bench", {{"name", "b"}, {"file", "b.yaml"}, {"sha256", "bb"}}},
                {"seed", 1},
                {"positions",
                 {{{"position", 1}, {"judged", true}, {"build", {{"file", "f.so"}, {"sha256", "cc"}}}},
                  {{"position", 2}, {"judged", false}}}}});
  }
  void add(const char* kind, Json fields) { journal_.add(kind, now_ += 1'000'000'000, std::move(fields)); }
  void end() {
    add("run_end", {{"verdict", "pass"},
                    {"why", "done"},
                    {"exit_code", 0},
                    {"positions", {{{"position", 1}, {"serial", "S"}, {"verdict", "pass"}, {"cause", ""}}}}});
  }
  Result<RunView> view() { return view_of(value_or_throw(read_run(folder_.with("journal.jsonl", text_)))); }
  static Json measurement(double value, const char* verdict) {
    return {{"step", 1},     {"position", 1}, {"name", "percentage_error"}, {"value", value}, {"unit", "%"},
            {"lower", -0.2}, {"upper", 0.2},  {"verdict", verdict}};
  }

  ScratchFolder folder_;
  std::string text_;
  std::int64_t now_ = 0;
  Journal journal_{std::make_unique<MemorySink>(text_), nullptr, [] { return std::string{"now"}; }};
};

TEST_F(RunViewTest, TakesTheVerdictOfAClosedRecord) {
  end();
  journal_.close();
  const auto run = view();
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->verdict, Verdict::pass);
  EXPECT_EQ(run->exit_code, 0);
  EXPECT_EQ(run->positions.at(0).verdict, Verdict::pass);
  EXPECT_EQ(run->positions.at(0).serial, "S");
  EXPECT_FALSE(run->positions.at(1).judged);
}

TEST_F(RunViewTest, TakesAPositionsBuildAndTheNameItGaveItself) {
  add("build", {{"position", 1}, {"name", "nightly 7"}});
  end();
  const auto run = view();
  ASSERT_TRUE(run) << run.error().what;
  ASSERT_TRUE(run->positions.at(0).build);
  EXPECT_EQ(run->positions.at(0).build->file, "f.so");
  EXPECT_EQ(run->positions.at(0).build->sha256, "cc");
  EXPECT_EQ(run->positions.at(0).build->name, "nightly 7");
  EXPECT_FALSE(run->positions.at(1).build);
}

TEST_F(RunViewTest, NeverPassesARecordThatWasNotClosed) {
  end();
  const auto run = view();
  ASSERT_TRUE(run);
  EXPECT_FALSE(run->complete);
  EXPECT_EQ(run->verdict, Verdict::error);
  EXPECT_EQ(run->exit_code, 3);
  EXPECT_EQ(run->positions.at(0).verdict, Verdict::error);
}

TEST_F(RunViewTest, KeepsWhatWasMeasuredBeforeTheRecordBreaksOff) {
  add("step_begin", {{"step", 1}, {"name", "accuracy"}, {"step_kind", "accuracy"}, {"predicted_s", 2.5}});
  add("measurement", measurement(0.3, "fail"));
  const auto run = view();
  ASSERT_TRUE(run);
  EXPECT_EQ(run->verdict, Verdict::error);
  EXPECT_FALSE(run->steps.at(0).end_ns);
  EXPECT_EQ(run->positions.at(0).measurements.at(0).verdict, Verdict::fail);
}

TEST_F(RunViewTest, FindsTheWorstMeasurementByVerdictAndThenByShareOfItsLimit) {
  add("step_begin", {{"step", 1}, {"name", "a"}});
  for (const double value : {0.1, -0.15, 0.12}) add("measurement", measurement(value, "pass"));
  EXPECT_EQ(view()->positions.at(0).worst()->value, -0.15);
  EXPECT_DOUBLE_EQ(*view()->positions.at(0).worst()->share_of_limit(), 0.75);
  add("measurement", measurement(0.05, "inconclusive"));
  EXPECT_EQ(view()->positions.at(0).worst()->value, 0.05);
}

TEST(MeasurementViewTest, TheResolutionOfARegisterIsNoPartOfTheWayToALimit) {
  MeasurementView energy;
  energy.value = 0;
  energy.lower = -0.04;
  energy.upper = 0.18;
  EXPECT_NEAR(*energy.share_of_limit(), 0.07 / 0.11, 1e-12);
  energy.resolution = 0.05;
  EXPECT_NEAR(*energy.share_of_limit(), 0.02 / 0.06, 1e-12);
  energy.resolution = 0.1;
  EXPECT_EQ(*energy.share_of_limit(), 0);
  energy.resolution = 0.11;
  EXPECT_FALSE(energy.share_of_limit());
  energy.value = 0.4;
  EXPECT_GT(*energy.share_of_limit(), 1) << "outside it counts whole";
}

TEST_F(RunViewTest, PairsChangesWithWhatPutThemBackAndComparesFingerprints) {
  add("fingerprint", {{"step", 1}, {"position", 1}, {"when", "start"}, {"values", {{"a", 1}, {"b", 2.5}}}});
  add("change", {{"step", 1}, {"position", 1}, {"point", "a"}, {"old", 1}, {"new", 7}});
  add("change", {{"step", 1}, {"position", 1}, {"point", "b"}, {"old", 2.5}, {"new", 3}});
  add("restored", {{"position", 1}, {"point", "a"}, {"value", 1}});
  add("fingerprint", {{"step", 1}, {"position", 1}, {"when", "end"}, {"values", {{"a", 1}, {"b", 3}}}});
  const auto position = view()->positions.at(0);
  ASSERT_EQ(position.changes.size(), 2u);
  EXPECT_EQ(position.changes[0].put_back, "1");
  EXPECT_EQ(position.changes[1].put_back, std::nullopt);
  ASSERT_EQ(position.differences.size(), 1u);
  EXPECT_EQ(position.differences[0].point, "b");
  EXPECT_EQ(position.differences[0].at_start, "2.5");
  EXPECT_EQ(position.differences[0].at_end, "3");
}

TEST_F(RunViewTest, TakesAMeasurementWithoutANumberOrALimit) {
  add("step_begin", {{"step", 1}, {"name", "a"}});
  add("measurement", {{"step", 1},
                      {"position", 1},
                      {"name", "pulses"},
                      {"value", nullptr},
                      {"upper", nullptr},
                      {"verdict", "inconclusive"}});
  const auto position = view()->positions.at(0);
  EXPECT_FALSE(position.measurements.at(0).value);
  EXPECT_FALSE(position.measurements.at(0).share_of_limit());
}

TEST_F(RunViewTest, TakesWhatHappenedOutsideTheSteps) {
  add("applied", {{"load", {{"frequency_hz", 60.0}}}});
  add("reading", {{"position", 0}, {"what", "frequency"}, {"values", {{"hz", 60.0}}}});
  add("finding", {{"position", 1}, {"verdict", "error"}, {"cause", "the reference meter is silent"}});
  const auto position = value_or_throw(view()).positions.at(0);
  EXPECT_EQ(position.findings.at(0).step, 0);
}

TEST_F(RunViewTest, PassesOverKindsItDoesNotKnow) {
  add("capture", {{"samples", {1, 2, 3}}});
  end();
  journal_.close();
  EXPECT_TRUE(view());
}

TEST_F(RunViewTest, NamesTheLineOfARecordThatIsNotAsItShouldBe) {
  add("measurement", {{"step", 1}, {"position", "one"}, {"name", "x"}, {"verdict", "pass"}});
  const auto run = view();
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().fault, Fault::malformed);
  EXPECT_THAT(run.error().where, EndsWith("journal.jsonl:2"));
  EXPECT_THAT(run.error().what, HasSubstr("\"position\" should be a whole number"));
}

class WrongRecord : public RunViewTest, public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(WrongRecord, IsRefusedWithItsLine) {
  add("step_begin", {{"step", 1}, {"name", "a"}});
  add(GetParam().first, Json::parse(GetParam().second));
  const auto run = view();
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().where, EndsWith("journal.jsonl:3"));
}

INSTANTIATE_TEST_SUITE_P(
    OfEachKind, WrongRecord,
    testing::Values(std::pair{"run", R"({"seed":1})"}, std::pair{"instrument", R"({"role":7})"},
                    std::pair{"instrument", R"({"role":"source","identity":[]})"},
                    std::pair{"position", R"({"position":99999999999})"},
                    std::pair{"position", R"({"position":18446744073709551615})"},
                    std::pair{"position", R"({"position":1.5})"}, std::pair{"step_end", R"({"step":9,"verdicts":{}})"},
                    std::pair{"step_end", R"({"step":1,"verdicts":{"x":"pass"}})"},
                    std::pair{"step_end", R"({"step":1,"verdicts":{"1":"good"}})"},
                    std::pair{"step_end", R"({"step":1,"verdicts":{"1":{}}})"},
                    std::pair{"measurement", R"({"step":1,"position":1,"name":"x","value":"7","verdict":"pass"})"},
                    std::pair{"measurement", R"({"step":1,"position":1,"name":"x","verdict":"pass","budget":[3]})"},
                    std::pair{"finding", R"({"step":1,"position":1})"}, std::pair{"event", R"({"level":"info"})"},
                    std::pair{"change", R"({"position":1,"point":"a","old":[1],"new":2})"},
                    std::pair{"safe", R"({"off":"yes"})"}, std::pair{"run_end", R"({"verdict":"pass"})"}));

TEST(RunView, RefusesARecordInWhichNothingWasRun) {
  EXPECT_EQ(view_of(RunRecord{}).error().fault, Fault::malformed);
}

TEST(MeasurementViewTest, TheShareOfLimitsAroundAValueCountsFromTheirMiddle) {
  MeasurementView m;
  m.value = 277.5;
  m.lower = 276;
  m.upper = 278;
  EXPECT_DOUBLE_EQ(*m.share_of_limit(), 0.5);
  m.value = 275.5;
  EXPECT_DOUBLE_EQ(*m.share_of_limit(), 1.5);
}

TEST(MeasurementViewTest, InsideASingleLimitNobodyKnowsTheShare) {
  MeasurementView m;
  m.value = 246.9;
  m.upper = 247.4;
  EXPECT_FALSE(m.share_of_limit());
  m.value = 248.0;
  EXPECT_GT(*m.share_of_limit(), 1);
}

}  // namespace
}  // namespace blondel
