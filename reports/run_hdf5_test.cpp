#include "reports/run_hdf5.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "reports/hdf5_file.hpp"
#include "reports/journal.hpp"
#include "reports/sha256.hpp"
#include "reports/testdata/hdf5_content.hpp"
#include "reports/testdata/sample_run.hpp"
#include "reports/testdata/scratch_folder.hpp"
#include "reports/waveform_capture.hpp"

namespace blondel {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::ordered_json;

class RunHdf5 : public testing::Test {
 protected:
  /// Writes a journal with these calls into the folder.
  template <class Write>
  void journal(Write write) {
    Journal journal{std::make_unique<FileSink>(folder_ / "journal.jsonl"), nullptr, [] { return std::string{}; }};
    write(journal);
  }
  /// A run of one position with these records between its first and its last.
  void run_with(const std::vector<std::pair<std::string, Json>>& records,
                const Json& plan = {{"file", "p"}, {"sha256", ""}}) {
    journal([&](Journal& j) {
      j.add("run", 0, {{"plan", plan}, {"bench", {{"file", "b"}, {"sha256", ""}}}, {"seed", 1}});
      for (const auto& [kind, fields] : records) j.add(kind, 1'500'000'000, fields);
      j.add("run_end", 2'000'000'000, {{"verdict", "pass"}, {"why", "done"}, {"exit_code", 0}});
      j.close();
    });
  }
  std::string bytes() {
    const auto record = value_or_throw(read_run(folder_.path()));
    return run_hdf5(record, value_or_throw(view_of(record)), folder_.path());
  }
  Hdf5Content content() { return Hdf5Content{folder_.with("run.h5", bytes())}; }

  ScratchFolder folder_;
};

TEST_F(RunHdf5, SaysOnItsRootWhatCameOfTheRun) {
  journal(write_sample_run);
  const auto h5 = content();
  EXPECT_EQ(h5.text_attribute("/", "format"), "blondel run");
  EXPECT_EQ(h5.number_attribute("/", "format_version"), 1);
  EXPECT_EQ(h5.text_attribute("/", "verdict"), "fail");
  EXPECT_EQ(h5.text_attribute("/", "why"), "the plan ran to its end");
  EXPECT_EQ(h5.number_attribute("/", "exit_code"), 1);
  EXPECT_EQ(h5.text_attribute("/", "seed"), "20240611");
  EXPECT_TRUE(h5.flag_attribute("/", "complete"));
  EXPECT_FALSE(h5.has_attribute("/", "began_wall")) << "nobody wrote it down";
  EXPECT_EQ(h5.texts("/not_covered").size(), 2u);
  EXPECT_THAT(h5.texts("/notes"), IsEmpty());
  EXPECT_FALSE(h5.has("firmware"));
}

TEST_F(RunHdf5, HoldsEveryMeasurementInTheOrderOfTheJournal) {
  journal(write_sample_run);
  const auto h5 = content();
  for (const auto& column : h5.names("/measurements")) {
    const std::set<std::string> texts = {"name",        "point",     "power_factor", "load",    "energy",
                                         "requirement", "method",    "method_why",   "unit",    "rule",
                                         "stopped",     "statement", "informative",  "verdict", "no_measurement",
                                         "standard",    "edition",   "clause",       "mark"};
    const bool text = texts.contains(column);
    EXPECT_EQ(text ? h5.texts("/measurements/" + column).size() : h5.numbers("/measurements/" + column).size(), 72u)
        << column;
  }
  const auto record = h5.integers("/measurements/record");
  EXPECT_TRUE(std::ranges::is_sorted(record));
  EXPECT_EQ(h5.integers("/measurements/position")[2], 3);
  EXPECT_EQ(h5.integers("/measurements/step")[71], 4);
  EXPECT_EQ(h5.numbers("/measurements/current_ratio")[0], 0.01);
  EXPECT_EQ(h5.numbers("/measurements/lower")[0], -0.4);
  EXPECT_EQ(h5.numbers("/measurements/upper")[0], 0.4);
  EXPECT_EQ(h5.texts("/measurements/point")[0], "0.01 In, PF 1");
  EXPECT_THAT(h5.texts("/measurements/unit"), Each("%"));
  EXPECT_EQ(h5.text_attribute("/measurements/value", "unit_column"), "unit");
  EXPECT_EQ(h5.text_attribute("/measurements/bench_time_s", "unit"), "s");
  EXPECT_EQ(std::ranges::count_if(h5.numbers("/measurements/value"), [](double v) { return std::isnan(v); }), 1)
      << "the third meter lost a pulse once";
  EXPECT_EQ(h5.integers("/budgets/measurement").size(), 144u);
  EXPECT_EQ(h5.integers("/budgets/measurement")[143], 71);
}

TEST_F(RunHdf5, StandsForMissingNumbersWithNaNAndForMissingTextsWithNothing) {
  run_with({{"measurement", {{"position", 1}, {"name", "n"}, {"value", nullptr}, {"verdict", "inconclusive"}}}});
  const auto h5 = content();
  for (const char* column : {"value", "lower", "upper", "expanded_uncertainty", "coverage_factor", "current_ratio"})
    EXPECT_TRUE(std::isnan(h5.numbers(std::string{"/measurements/"} + column).at(0))) << column;
  EXPECT_EQ(h5.texts("/measurements/unit").at(0), "");
  EXPECT_EQ(h5.integers("/measurements/step").at(0), 0);
}

TEST_F(RunHdf5, HoldsRawReadingsValueByValue) {
  run_with({{"reading", {{"position", 2}, {"what", "w"}, {"values", {{"mean_w", 1.25}, {"all_w", {1, 1.5}}}}}},
            {"applied", {{"load", {{"phases", {{{"voltage_v", 230}}, {{"voltage_v", 231}}}}}}}},
            {"fingerprint", {{"position", 1}, {"when", "start"}, {"values", {{"p", 7}}}}}});
  const auto h5 = content();
  EXPECT_THAT(h5.texts("/readings/quantity"), ElementsAre("mean_w", "all_w", "all_w"));
  EXPECT_THAT(h5.integers("/readings/index"), ElementsAre(-1, 0, 1));
  EXPECT_THAT(h5.numbers("/readings/value"), ElementsAre(1.25, 1, 1.5));
  EXPECT_THAT(h5.integers("/readings/record"), Each(1));
  EXPECT_THAT(h5.integers("/readings/position"), Each(2));
  EXPECT_THAT(h5.numbers("/readings/bench_time_s"), Each(1.5));
  EXPECT_THAT(h5.texts("/readings/what"), Each("w"));
  EXPECT_THAT(h5.texts("/applied/quantity"), Each("phases/voltage_v"));
  EXPECT_THAT(h5.numbers("/applied/value"), ElementsAre(230, 231));
  EXPECT_THAT(h5.texts("/fingerprints/when"), ElementsAre("start"));
}

TEST_F(RunHdf5, TellsWhatWasChangedAsNumberAndAsText) {
  run_with({{"change", {{"position", 1}, {"point", "ct"}, {"old", 1.5}, {"new", 3}}},
            {"change", {{"position", 1}, {"point", "mode"}, {"old", "3 wire"}, {"new", nullptr}}},
            {"restored", {{"position", 1}, {"point", "ct"}, {"value", 1.5}}}});
  const auto h5 = content();
  EXPECT_THAT(h5.numbers("/changes/old"), ElementsAre(1.5, testing::IsNan()));
  EXPECT_THAT(h5.numbers("/changes/new"), ElementsAre(3, testing::IsNan()));
  EXPECT_THAT(h5.numbers("/changes/put_back"), ElementsAre(1.5, testing::IsNan()));
  EXPECT_THAT(h5.texts("/changes/old_text"), ElementsAre("1.5", "3 wire"));
  EXPECT_THAT(h5.texts("/changes/put_back_text"), ElementsAre("1.5", ""));
}

TEST_F(RunHdf5, SaysThatARunWasCutOff) {
  journal([](Journal& j) {
    j.add("run", 0,
          {{"plan", {{"file", "p"}, {"sha256", ""}}}, {"bench", {{"file", "b"}, {"sha256", ""}}}, {"seed", 1}});
    j.add("step_begin", 7, {{"step", 1}, {"name", "accuracy"}});
  });
  const auto h5 = content();
  EXPECT_FALSE(h5.flag_attribute("/", "complete"));
  EXPECT_EQ(h5.text_attribute("/", "verdict"), "error");
  EXPECT_EQ(h5.text_attribute("/", "why"), "the record ends before the run did");
  EXPECT_THAT(h5.numbers("/steps/end_s"), ElementsAre(testing::IsNan()));
  EXPECT_EQ(h5.texts("/notes").size(), 1u);
}

TEST_F(RunHdf5, IsTheSameBytesForTheSameRecord) {
  journal(write_sample_run);
  const auto once = bytes();
  EXPECT_EQ(once, bytes());
  EXPECT_GT(once.size(), 10000u);
}

TEST_F(RunHdf5, GivesThePlanOnlyWhenItIsTheOneThatWasRun) {
  const std::string plan = "plan: é\nsteps: []\n";
  run_with({}, {{"file", "p"}, {"name", "é"}, {"sha256", sha256_hex(plan)}});
  folder_.with("plan.yaml", plan);
  {
    const auto h5 = content();
    EXPECT_THAT(h5.texts("/plan/text"), ElementsAre(plan));
    EXPECT_EQ(h5.text_attribute("/plan", "sha256"), sha256_hex(plan));
    EXPECT_FALSE(h5.has_attribute("/plan", "note"));
    EXPECT_FALSE(h5.has("bench/text"));
    EXPECT_THAT(h5.text_attribute("/bench", "note"), HasSubstr("cannot be read"));
  }
  folder_.with("plan.yaml", plan + "#");
  const auto h5 = content();
  EXPECT_FALSE(h5.has("plan/text"));
  EXPECT_THAT(h5.text_attribute("/plan", "note"), HasSubstr(sha256_hex(plan + "#")));
  EXPECT_EQ(h5.text_attribute("/plan", "sha256"), sha256_hex(plan));
}

TEST_F(RunHdf5, RefusesToCallAPlanATextThatIsNone) {
  const std::string plan{"plan: \0x", 8};
  run_with({}, {{"file", "p"}, {"sha256", sha256_hex(plan)}});
  folder_.with("plan.yaml", plan);
  const auto h5 = content();
  EXPECT_FALSE(h5.has("plan/text"));
  EXPECT_THAT(h5.text_attribute("/plan", "note"), HasSubstr("not a text in UTF-8"));
}

TEST_F(RunHdf5, KeepsWhateverTextCameOverAWire) {
  const std::string weird = "/../x\x01\x1b[31m\x7f é 電 \xF0\x9F\x92\xA1\n\r\t\"\\";
  const std::string large(1'000'000, 'c');
  run_with({{"instrument", {{"role", weird}, {"identity", {{"serial", std::string{"a\0b", 3}}}}}},
            {"reading", {{"position", 1}, {"what", weird}, {"values", {{weird, weird}}}}},
            {"finding", {{"position", 1}, {"verdict", "fail"}, {"cause", large}, {"text", weird}}}});
  const auto h5 = content();
  EXPECT_THAT(h5.texts("/instruments/role"), ElementsAre(weird));
  EXPECT_THAT(h5.texts("/instruments/serial"), ElementsAre("a\xEF\xBF\xBD"
                                                           "b"))
      << "NUL would end it";
  EXPECT_THAT(h5.texts("/readings/what"), ElementsAre(weird));
  EXPECT_THAT(h5.texts("/readings/text"), ElementsAre(weird));
  EXPECT_EQ(h5.texts("/findings/cause").at(0), large);
  EXPECT_THAT(h5.names("/"), testing::Not(testing::Contains(HasSubstr("x")))) << "no text becomes a name";
}

TEST_F(RunHdf5, RefusesReadingsThatAreNoObject) {
  run_with({{"reading", {{"position", 1}, {"what", "w"}, {"values", {1, 2}}}}});
  EXPECT_THROW(bytes(), Failure);
}

TEST_F(RunHdf5, LinksTheCapturesOfTheRunAndTellsOfFilesThatAreNone) {
  run_with({});
  std::filesystem::create_directory(folder_ / "waveforms");
  const std::array<std::int16_t, 12> samples{1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6};
  SampleBlock<std::int16_t> block{.stride = 6, .rows = 2};
  for (std::size_t k = 0; k < 6; ++k) block.channel[k] = samples.data() + k;
  for (const char* file : {"waveforms/point 1.h5", "waveforms/begun.h5"}) {
    WaveformCapture<std::int16_t> capture{folder_ / file, 50000, 3.5, {}};
    capture.append(block);
    capture.flush();
    if (std::string_view{file} != "waveforms/begun.h5") capture.finish();
  }
  folder_.with("waveforms/broken.h5", "\x89HDF");
  folder_.with("waveforms/other.txt", "");
  const auto h5 = content();
  EXPECT_THAT(h5.names("/waveforms"), ElementsAre("begun", "point%201"));
  EXPECT_THAT(h5.texts("/captures/file"), ElementsAre("waveforms/begun.h5", "waveforms/point 1.h5"));
  EXPECT_THAT(h5.integers("/captures/samples"), ElementsAre(2, 2));
  EXPECT_THAT(h5.integers("/captures/finished"), ElementsAre(0, 1));
  EXPECT_THAT(h5.numbers("/captures/rate_hz"), Each(50000));
  EXPECT_THAT(h5.numbers("/waveforms/point%201/ib"), ElementsAre(5, -5)) << "through the link";
  EXPECT_EQ(h5.number_attribute("/waveforms/point%201", "start_s"), 3.5);
  EXPECT_THAT(h5.texts("/notes"), ElementsAre(HasSubstr("waveforms/broken.h5 is not linked")));
}

TEST(Hdf5Name, LeavesNoWayOutOfTheGroup) {
  EXPECT_EQ(hdf5_name("point_1-a.b"), "point_1-a.b");
  EXPECT_EQ(hdf5_name("../a b"), "%2E.%2Fa%20b");
  EXPECT_EQ(hdf5_name("."), "%2E");
  EXPECT_EQ(hdf5_name("é%"), "%C3%A9%25");
  EXPECT_EQ(hdf5_name(""), "%");
}

TEST(Hdf5File, NamesFileAndObjectWhenItCannotBeMade) {
  Hdf5File file{"somewhere/run.h5"};
  auto root = file.root();
  root.group("twice");
  try {
    root.group("twice");
    FAIL() << "made twice";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::storage);
    EXPECT_EQ(failure.error.where, "somewhere/run.h5:/twice");
    EXPECT_THAT(failure.error.what, HasSubstr("name already exists"));
  }
}

}  // namespace
}  // namespace blondel
