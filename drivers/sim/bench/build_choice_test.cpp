#include "drivers/sim/bench/build_choice.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace blondel::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A folder with a bench file and programs "a", "b" and "c".
class BuildChoice : public testing::Test {
 public:
  BuildChoice() {
    std::filesystem::create_directories(folder_ / "builds");
    for (const char* name : {"a", "b", "c"}) {
      std::ofstream{folder_ / "builds" / name} << "#!/bin/true\n";
      std::filesystem::permissions(folder_ / "builds" / name, std::filesystem::perms{0755});
    }
  }
  ~BuildChoice() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / "builds" / name).string(); }
  /// The names of the builds that four positions get; "c" is the one that nobody names.
  std::vector<std::string> chosen(const std::vector<std::string>& words, const std::string& section) const {
    std::optional<Settings> in_file;
    if (!section.empty()) in_file = Settings::parse("firmware: " + section, "bench.yaml").at("firmware");
    std::vector<std::string> names;
    for (const auto& build : choose_builds(words, in_file, (folder_ / "bench.yaml").string(), path("c"), 4)) {
      EXPECT_EQ(build.kind, BuildKind::program);
      names.push_back(std::filesystem::path{build.path}.filename());
    }
    return names;
  }
  std::string refusal(const std::vector<std::string>& words, const std::string& section) const {
    try {
      chosen(words, section);
      return "nothing was refused";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, words.empty() ? Fault::malformed : Fault::usage);
      return failure.what();
    }
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("blondel_build_choice_test_{}", getpid());
};

TEST_F(BuildChoice, WhatNobodyNamesIsTheBuildBesideTheProgram) {
  EXPECT_THAT(chosen({}, ""), ElementsAre("c", "c", "c", "c"));
}

TEST_F(BuildChoice, AWordOfTheCommandLineIsForAllOrForSomePositions) {
  EXPECT_THAT(chosen({path("a")}, ""), ElementsAre("a", "a", "a", "a"));
  EXPECT_THAT(chosen({"2=" + path("a")}, ""), ElementsAre("c", "a", "c", "c"));
  EXPECT_THAT(chosen({"1,3-4=" + path("a"), path("b")}, ""), ElementsAre("a", "b", "a", "a"));
}

TEST_F(BuildChoice, PathsOfTheBenchFileBeginInItsFolder) {
  EXPECT_THAT(chosen({}, "builds/a"), ElementsAre("a", "a", "a", "a"));
  EXPECT_THAT(chosen({}, "{1: builds/a, 3-4: builds/b}"), ElementsAre("a", "c", "b", "b"));
}

TEST_F(BuildChoice, TheCommandLineGoesBeforeTheBenchFilePositionByPosition) {
  EXPECT_THAT(chosen({"2=" + path("b")}, "builds/a"), ElementsAre("a", "b", "a", "a"));
  EXPECT_THAT(chosen({path("b")}, "{1: builds/a}"), ElementsAre("b", "b", "b", "b"));
}

TEST_F(BuildChoice, WhatCannotBeMeantIsRefusedWithTheWordOrThePlace) {
  EXPECT_THAT(refusal({"5=" + path("a")}, ""), HasSubstr("--firmware: expected positions from 1 to 4"));
  EXPECT_THAT(refusal({"0=" + path("a")}, ""), HasSubstr("found '0'"));
  EXPECT_THAT(refusal({"1-=" + path("a")}, ""), HasSubstr("expected positions from 1 to 4"));
  EXPECT_THAT(refusal({"3-1=" + path("a")}, ""), HasSubstr("expected a range that rises"));
  EXPECT_THAT(refusal({"2=" + path("a"), "1-3=" + path("b")}, ""), HasSubstr("position 2 is named twice"));
  EXPECT_THAT(refusal({path("a"), path("b")}, ""), HasSubstr("for all positions stands twice"));
  EXPECT_THAT(refusal({"2="}, ""), HasSubstr("expected the path of a build"));
  EXPECT_THAT(refusal({path("d")}, ""), HasSubstr("there is no firmware build"));
  EXPECT_THAT(refusal({}, "{5: builds/a}"), HasSubstr("bench.yaml:1:"));
  EXPECT_THAT(refusal({}, "{1-2: builds/a, 2: builds/b}"), HasSubstr("position 2 is named twice"));
  EXPECT_THAT(refusal({}, "builds"), HasSubstr("is a folder"));
  EXPECT_THAT(refusal({}, "''"), HasSubstr("expected the path of a build"));
}

}  // namespace
}  // namespace blondel::sim
