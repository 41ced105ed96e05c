#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "drivers/sim/bench/fault_catalogue.hpp"
#include "rig/folder_lock.hpp"
#include "rig/qualify.hpp"
#include "rig/qualify_rows.hpp"
#include "rig/qualify_sizes.hpp"
#include "rig/rig_fixture.hpp"
#include "rig/seed_range.hpp"

namespace blondel {
namespace {

CaseResult with_numbers(std::vector<JudgedNumber> numbers) {
  CaseResult result;
  result.numbers = std::move(numbers);
  return result;
}

TEST(FaultSizesTest, StandOneAndAHalfUncertaintiesOnEitherSideOfTheLimit) {
  // 0.02 % of its own, and 0.2 % more for a probe of 2000 ppm: 0.0001 % a ppm.
  const auto good = with_numbers({{"accuracy / percentage_error / 1 In", 0.02, 0.04, -0.5, 0.5}});
  const auto probed = with_numbers({{"accuracy / percentage_error / 1 In", 0.22, 0.04, -0.5, 0.5}});
  const auto sizes = sizes_for(good, probed, 2000, 1);
  ASSERT_TRUE(sizes);
  EXPECT_NEAR(sizes->outside, (0.5 + 1.5 * 0.04 - 0.02) / 0.0001, 1e-6);
  EXPECT_NEAR(sizes->inside, (0.5 - 1.5 * 0.04 - 0.02) / 0.0001, 1e-6);
  EXPECT_EQ(sizes->judged_by, "accuracy / percentage_error / 1 In");
}

TEST(FaultSizesTest, AreThoseOfTheMeasurementThatIsReachedFirstAndTheTwinKeepsClearOfAll) {
  const auto good = with_numbers({{"a / p / x", 0, 0.01, -0.5, 0.5}, {"a / p / y", 0, 0.20, -0.6, 0.6}});
  const auto probed = with_numbers({{"a / p / x", -0.1, 0.01, -0.5, 0.5}, {"a / p / y", -0.12, 0.20, -0.6, 0.6}});
  const auto sizes = sizes_for(good, probed, 1000, 1);
  ASSERT_TRUE(sizes);
  EXPECT_EQ(sizes->judged_by, "a / p / x");
  EXPECT_NEAR(sizes->outside, 5150, 1e-9);
  EXPECT_NEAR(sizes->inside, 2500, 1e-9) << "of y, whose uncertainty is larger: (0.6 - 0.3) / 0.00012";
}

TEST(FaultSizesTest, GrowWithTheRootWhereTheEffectIsASquare) {
  const auto good = with_numbers({{"a / p / x", 0, 0.02, {}, 0.5}});
  const auto probed = with_numbers({{"a / p / x", 0.1, 0.02, {}, 0.5}});
  const auto sizes = sizes_for(good, probed, 5000, 2);
  ASSERT_TRUE(sizes);
  EXPECT_NEAR(sizes->outside, 5000 * std::sqrt(5.3), 1e-6);
}

TEST(FaultSizesTest, AreNotTakenFromCountsWhichMoveByOneForReasonsOfTheirOwn) {
  const auto good = with_numbers({{"a / pulse_counter_1_real_f / x", 28, 0.1, 24, 32}});
  const auto probed = with_numbers({{"a / pulse_counter_1_real_f / x", 29, 0.1, 24, 32}});
  EXPECT_FALSE(sizes_for(good, probed, 1000, 1));
}

TEST(FaultSizesTest, AreNothingWhereNoNumberMovesTowardsALimit) {
  const auto good = with_numbers({{"a / p / x", 0, 0.01, -0.5, 0.5}, {"a / p / y", 1, 0.01, {}, {}}});
  const auto probed = with_numbers({{"a / p / x", 0.004, 0.01, -0.5, 0.5}, {"a / p / y", 2, 0.01, {}, {}}});
  EXPECT_FALSE(sizes_for(good, probed, 1000, 1));
}

TEST(SeedsTest, AreANumberOrARisingRange) {
  EXPECT_EQ(split_seeds("7"), (std::vector<std::uint64_t>{7}));
  EXPECT_EQ(split_seeds("3-5"), (std::vector<std::uint64_t>{3, 4, 5}));
  for (const auto* wrong : {"", "-", "5-3", "1-", "a", "1-20000", "1-2-3"})
    EXPECT_THROW(split_seeds(wrong), Failure) << wrong;
}

class QualifyTest : public RigTest {
 protected:
  QualifyRequest request(const std::string& plan, std::vector<std::string> only) {
    QualifyRequest r;
    r.plan = file_with("plan.yaml", plan);
    r.bench = file_with("bench.yaml", bench_text());
    r.out = (folder() / "out").string();
    r.only = std::move(only);
    r.processes = 2;
    return r;
  }
  FaultMatrix run(const QualifyRequest& r) {
    return qualify(r, [this](const QualifyCase&, const CaseResult&, std::size_t, std::size_t) { ++reported; });
  }
  /// A few runs, of every sort, and none of them repeated.
  QualifyRequest few() {
    return request(short_plan(), {"gain of currents low", "report of another family", "refusal: echo"});
  }
  std::vector<std::filesystem::path> results() {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator{folder() / "out" / "cases"})
      if (file.path().extension() == ".json") files.push_back(file.path());
    std::ranges::sort(files);
    return files;
  }
  std::string refusal(const QualifyRequest& r) {
    try {
      run(r);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, Fault::usage);
      return failure.what();
    }
    return "taken";
  }
  int reported = 0;
};

// Six runs of a short plan, a quarter of a second each.
TEST_F(QualifyTest, SaysWhichStepCaughtAFaultWhatSurvivedAndThatHarmlessMetersPassed) {
  const auto matrix = run(request(short_plan(), {"gain of currents low", "report of another family", "no overrun bit",
                                                 "reference: dead", "refusal: echo"}));

  ASSERT_EQ(matrix.faults.size(), 4u);
  std::map<std::string, FaultRow> by_name;
  for (const auto& row : matrix.faults) by_name[row.fault] = row;

  const auto& gain = by_name.at("gain of currents low");
  EXPECT_EQ(gain.outcome, FaultOutcome::caught);
  EXPECT_FALSE(gain.judged_by.empty());
  EXPECT_NE(std::ranges::find(gain.caught_by, "registers"), gain.caught_by.end())
      << fmt::format("{}", fmt::join(gain.caught_by, ", "));

  EXPECT_EQ(by_name.at("no overrun bit").outcome, FaultOutcome::survived) << "the short plan has no such step";
  EXPECT_EQ(by_name.at("reference: dead").outcome, FaultOutcome::caught);
  EXPECT_EQ(by_name.at("reference: dead").verdict, Verdict::error);

  for (const auto& row : matrix.harmless)
    EXPECT_EQ(row.verdict, Verdict::pass) << row.kind << " " << row.name << ": " << row.why;
  EXPECT_EQ(matrix.harmless.size(), 3u) << "good meter, variant and twin";
}

TEST_F(QualifyTest, AFaultsEntryInABenchFileShowsItAgain) {
  const auto r = request(short_plan(), {"gain of currents low"});
  const auto matrix = run(r);
  ASSERT_EQ(matrix.faults.size(), 1u);

  auto bench = bench_text();
  bench = with(bench, "simulation:", "simulation:\n  faults: [" + matrix.faults.front().entry + "]\n  #");
  Options options;
  options.positions = {1};
  const auto outcome = RigTest::run(short_plan(), bench, options);
  EXPECT_EQ(outcome.ending.verdict, Verdict::fail);
}

TEST_F(QualifyTest, WhatHasAResultIsNotRunAgain) {
  auto r = request(short_plan(), {"refusal: echo"});
  r.faults = r.twins = false;
  run(r);
  std::map<std::filesystem::path, std::filesystem::file_time_type> written;
  for (const auto& file : std::filesystem::directory_iterator{folder() / "out" / "cases"})
    written[file.path()] = file.last_write_time();
  ASSERT_EQ(written.size(), 2u);
  std::filesystem::remove(written.begin()->first);

  run(r);
  for (const auto& [path, time] : written)
    if (path == written.begin()->first)
      EXPECT_TRUE(std::filesystem::exists(path));
    else
      EXPECT_EQ(std::filesystem::last_write_time(path), time);
  EXPECT_EQ(reported, 4) << "two results are looked at each time";
}

TEST_F(QualifyTest, ResultsOfAnotherCertificateAreNotTaken) {
  auto r = request(short_plan(), {"refusal: echo"});
  r.faults = r.twins = false;
  std::ostringstream text;
  text << std::ifstream{"testplans/benches/certificates/ct_ratio.yaml"}.rdbuf();
  const auto shipped = std::filesystem::absolute("testplans/benches/certificates/ct_ratio.yaml").string();
  r.bench = file_with("bench.yaml", with(bench_text(), shipped, file_with("ct_ratio.yaml", text.str())));
  run(r);
  ASSERT_EQ(results().size(), 2u);
  file_with("ct_ratio.yaml", text.str() + "# another\n");
  run(r);
  EXPECT_EQ(results().size(), 4u) << "the bench file has not changed, the certificate has";
}

TEST_F(QualifyTest, ThresholdsOfThePlanDecideAndNameWhatIsMissing) {
  const auto plan =
      short_plan() + "qualify: {at_least: 100 %, survivors: [{fault: \"no overrun bit\", because: no step for it}]}\n";
  const auto matrix = run(request(plan, {"no overrun bit", "no frequency bit"}));
  EXPECT_EQ(matrix.thresholds.at_least, 1.0);
  const auto shortfalls = matrix.shortfalls();
  ASSERT_EQ(shortfalls.size(), 2u);
  EXPECT_EQ(shortfalls.front(), "0.0 % of the faults were caught, the plan asks for 100.0 %");
  EXPECT_EQ(shortfalls.back(), "not caught and not named in the plan: no frequency bit");
}

TEST_F(QualifyTest, TheGoodMeterIsJudgedWhateverIsAskedFor) {
  auto r = request(with(short_plan(), "min_firmware: 1019", "min_firmware: 9019"), {"report of another family"});
  r.variants = r.twins = false;
  const auto matrix = run(r);
  ASSERT_EQ(matrix.harmless.size(), 1u);
  EXPECT_EQ(matrix.harmless.front().kind, "good");
  EXPECT_EQ(matrix.count(FaultOutcome::caught), 1) << "which proves nothing";
  EXPECT_FALSE(matrix.good_passed());
  EXPECT_EQ(matrix.word(), "NOT QUALIFIED");
}

TEST_F(QualifyTest, APartIsCalledOneAndAnEmptySelectionIsRefusedBeforeAnythingIsMade) {
  auto r = request(short_plan(), {"report of another family"});
  const auto all = sim::fault_catalogue().size();
  EXPECT_THAT(run(r).scope.missing(), testing::MatchesRegex(fmt::format("1 of {} faults, no variants, no twins", all)));
  r.out = (folder() / "none").string();
  r.faults = false;
  EXPECT_THAT(refusal(r), testing::HasSubstr("nothing is left to run of 'report of another family'"));
  r.only = {"report of anothr family"};
  EXPECT_THAT(refusal(r), testing::HasSubstr("did you mean 'report of another family'?"));
  EXPECT_FALSE(std::filesystem::exists(r.out));
}

TEST_F(QualifyTest, AFolderIsOneCallsAtATimeAndFreeAgainWhenThatWasKilled) {
  auto r = request(short_plan(), {"refusal: echo"});
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const FolderLock lock{r.out};
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal(r),
              testing::HasSubstr(fmt::format("another call (process {}) is at work in this folder", other)));
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path{r.out} / "cases"));
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_EQ(refusal(r), "taken");
}

TEST_F(QualifyTest, ASignalLeavesAMatrixOfWhatIsDoneAndTheNextCallGoesOn) {
  const auto r = few();
  int seen = 0;
  const auto stopped = qualify(r, [&](const QualifyCase&, const CaseResult&, std::size_t, std::size_t) {
    if (++seen == 3) ::raise(SIGTERM);
  });
  EXPECT_TRUE(stopped.scope.stopped);
  EXPECT_EQ(stopped.result(), "stopped");
  EXPECT_THAT(text_of((std::filesystem::path{r.out} / "qualify.html").string()), testing::HasSubstr("Stopped"));
  EXPECT_EQ(seen, 3) << "nothing was begun after it";

  const auto resumed = run(r);
  auto undisturbed = r;
  undisturbed.out = (folder() / "undisturbed").string();
  EXPECT_EQ(to_json(resumed), to_json(run(undisturbed)));
  EXPECT_FALSE(resumed.scope.stopped);
}

TEST_F(QualifyTest, ACallThatWasKilledInTheMiddleGivesTheSameMatrixInTheEnd) {
  const auto r = few();
  const pid_t killed = ::fork();
  if (killed == 0) {
    int seen = 0;
    qualify(r, [&](const QualifyCase&, const CaseResult&, std::size_t, std::size_t) {
      if (++seen == 3) ::raise(SIGKILL);
    });
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(killed, &status, 0), killed);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto left = results().size();
  EXPECT_GE(left, 3u);

  const auto resumed = run(r);
  EXPECT_GT(results().size(), left);
  auto undisturbed = r;
  undisturbed.out = (folder() / "undisturbed").string();
  EXPECT_EQ(to_json(resumed), to_json(run(undisturbed)));
}

TEST_F(QualifyTest, ADamagedResultIsMadeAgainWithANoteAndStopsNothing) {
  const auto r = few();
  const auto before = run(r);
  const auto files = results();
  ASSERT_EQ(files.size(), 6u);
  std::map<std::filesystem::path, std::string> sound;
  for (const auto& file : files) sound[file] = text_of(file.string());
  const auto write = [](const std::filesystem::path& file, const std::string& text) {
    std::ofstream{file, std::ios::binary | std::ios::trunc} << text;
  };
  write(files[0], sound[files[0]].substr(0, sound[files[0]].size() / 2));
  write(files[1], "{\"sha256\": 5, \"result\": []}");
  write(files[2], "");
  write(files[3], sound[files[4]]);  // sound, but another case's
  // One word altered by hand: whole JSON, and not what was measured.
  write(files[5], with(sound[files[5]], "\"verdict\": \"", "\"verdict\": \"x"));

  auto after = run(r);
  EXPECT_EQ(after.notes.size(), 5u);
  for (const auto& note : after.notes) EXPECT_THAT(note, testing::HasSubstr("was damaged; its run was made again"));
  for (const auto& file : files) EXPECT_EQ(text_of(file.string()), sound[file]);
  after.notes.clear();
  EXPECT_EQ(to_json(after), to_json(before));
}

TEST_F(QualifyTest, APlanThatIsChangedMeanwhileProvesNothing) {
  const auto r = request(short_plan(), {"report of another family", "reference: dead"});
  const auto matrix = qualify(r, [&](const QualifyCase& c, const CaseResult&, std::size_t, std::size_t) {
    if (c.kind == QualifyCase::Kind::good) file_with("plan.yaml", short_plan() + "# another\n");
  });
  EXPECT_EQ(matrix.died.size(), 2u);
  EXPECT_EQ(matrix.count(FaultOutcome::died), 2) << "a fault of the bench, too: a run that died caught nothing";
  EXPECT_EQ(matrix.word(), "NOT QUALIFIED");
}

TEST_F(QualifyTest, ASurvivorThatIsCaughtIsNoted) {
  const auto plan = short_plan() +
                    "qualify: {survivors: [{fault: gain of currents low, because: x}, "
                    "{fault: no overrun bit, because: y}]}\n";
  const auto matrix = run(request(plan, {"gain of currents low", "no overrun bit"}));
  ASSERT_EQ(matrix.notes.size(), 1u);
  EXPECT_EQ(matrix.notes.front(),
            "'gain of currents low' is in the plan's list of survivors, and was caught: take "
            "it out");
}

TEST_F(QualifyTest, ALinkThatIsBrokenStopsTheRunOrCostsNothingAndNeverBlamesAMeter) {
  auto r = request(short_plan(), {"link: stuck line", "link: answers for another", "link: doubled frames"});
  const auto matrix = run(r);
  ASSERT_EQ(matrix.faults.size(), 3u);
  for (const auto& row : matrix.faults) EXPECT_TRUE(is_right(row.outcome)) << row.fault << ": " << name(row.outcome);
  const auto known = fault_names();
  EXPECT_NE(std::ranges::find(known, "link: disconnect"), known.end());
}

TEST(QualifyRowsTest, ALinkIsAbsorbedOnlyWhenEveryNumberIsRight) {
  const auto& catalogue = sim::fault_catalogue();
  const auto echo = std::ranges::find(catalogue, "echo", &sim::CataloguedFault::name);
  ASSERT_NE(echo, catalogue.end());
  SizedFault sized{&*echo, {}, ""};
  sized.c.fault = sim::PlannedFault{};
  auto good = with_numbers({{"a / p / x", 0.10, 0.02, -0.5, 0.5}});
  good.verdict = Verdict::pass;
  auto result = good;
  const auto outcome = [&] { return row_of(sized, result, good, {}).outcome; };
  result.numbers.front().value = 0.11;
  EXPECT_EQ(outcome(), FaultOutcome::absorbed);
  result.numbers.front().value = 0.13;
  EXPECT_EQ(outcome(), FaultOutcome::survived) << "passed, with a number that is off by more than its uncertainty";
  result.numbers.clear();
  EXPECT_EQ(outcome(), FaultOutcome::survived) << "passed, with a number that is missing";
  result.verdict = Verdict::error;
  EXPECT_EQ(outcome(), FaultOutcome::caught);
  result.verdict = Verdict::fail;
  EXPECT_EQ(outcome(), FaultOutcome::blamed);
}

TEST_F(QualifyTest, BadInputIsRefusedByPlace) {
  const auto message = [&](const std::string& section) -> std::string {
    try {
      load_plan(file_with("plan.yaml", short_plan() + section));
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "taken";
  };
  EXPECT_THAT(message("qualify: {survivors: [{fault: no overun bit, because: x}]}\n"),
              testing::HasSubstr("did you mean 'no overrun bit'?"));
  for (const auto* share : {"120 %", "-1 %"})
    EXPECT_THAT(message(fmt::format("qualify: {{at_least: {}}}\n", share)),
                testing::HasSubstr("expected 0 % to 100 %"));
  EXPECT_EQ(message("qualify: {at_least: 0 %}\n"), "taken");
  EXPECT_EQ(message("qualify: {at_least: 100 %}\n"), "taken");
  EXPECT_THAT(
      message("qualify: {survivors: [{fault: no overrun bit, because: x}, {fault: no overrun bit, because: y}]}\n"),
      testing::HasSubstr("stands twice"));
  EXPECT_THAT(message("qualify: {survivors: [{fault: no overrun bit, because: \"\"}]}\n"),
              testing::HasSubstr("expected a reason"));
  EXPECT_THAT(message("qualify: {at_leats: 80 %}\n"), testing::HasSubstr("plan.yaml:"));
  EXPECT_THROW(run(request(short_plan(), {"nonsense"})), Failure);
}

TEST_F(QualifyTest, AFaultyBenchFileIsRefusedByPlaceAndNearestName) {
  const auto message = [&](const std::string& fault) -> std::string {
    try {
      RigTest::run(short_plan(), with(bench_text(), "simulation:", "simulation:\n  faults: [" + fault + "]\n  #"));
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "taken";
  };
  EXPECT_THAT(message("{part: meter, position: 1, fault: stale register}"),
              testing::HasSubstr("did you mean 'stale registers'?"));
  EXPECT_THAT(message("{part: meter, position: 1, fault: currents lag}"), testing::HasSubstr("size"));
  EXPECT_THAT(message("{part: nonsense, position: 1, fault: currents lag}"), testing::HasSubstr("link"));
  EXPECT_THAT(message("{part: meter, position: 4, fault: stale registers}"), testing::HasSubstr("expected 1 to 3"));
  EXPECT_THAT(message("{part: meter, position: 1, fault: stale registers, at: 5 s}"),
              testing::HasSubstr("from the start"));
}

TEST(FaultCatalogueTest, EveryFaultIsNamedOnceAndSaysWhatItBreaks) {
  std::set<std::string> names;
  for (const auto& name : fault_names()) EXPECT_TRUE(names.insert(name).second) << name;
  for (const auto& fault : sim::fault_catalogue()) {
    EXPECT_FALSE(fault.statement.empty() || fault.reference.empty()) << fault.name;
    EXPECT_EQ(fault.unit.empty(), fault.probe == 0) << fault.name;
  }
}

}  // namespace
}  // namespace blondel
