#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "drivers/time/wall_clock.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

std::string beside_this_program(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

/// The shipped bench with other firmware; a build that hangs is given up soon.
std::string bench_with(const std::string& firmware) {
  const auto bench = RigTest::with(RigTest::bench_text(), "clock: 20 ppm", "clock: 20 ppm, hang_guard: 400 ms");
  return bench + "  firmware: " + firmware + "\n";
}

using Numbers = std::map<std::string, double>;

/// Every measurement that is not of position 2.
Numbers numbers_of_the_others(const RigTest::Outcome& outcome) {
  Numbers numbers;
  for (const auto& m : RigTest::records(outcome, "measurement"))
    if (m.at("position") != 2)
      numbers[m.at("position").dump() + " " + m.at("method").get<std::string>() + " " +
              m.at("point").get<std::string>()] = m.at("value").get<double>();
  return numbers;
}

struct Misdeed {
  const char *build, *told;
};

void PrintTo(const Misdeed& misdeed, std::ostream* to) {
  *to << misdeed.build;
}

class OneBadBuild : public RigTest, public testing::WithParamInterface<Misdeed> {};

TEST_P(OneBadBuild, FailsAloneWithItsCauseAndTheOthersGiveTheSameNumbers) {
  const auto build = beside_this_program(std::string{"meter_test_builds/"} + GetParam().build);
  const auto outcome = run(short_plan(), bench_with("{2: " + build + "}"));
  EXPECT_EQ(outcome.ending.exit_code, 1) << outcome.ending.why;
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << outcome.positions[0].cause;
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("firmware: "));
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr(GetParam().told));
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass) << outcome.positions[2].cause;
  EXPECT_TRUE(outcome.source_dead);
  const auto others = numbers_of_the_others(outcome);
  EXPECT_EQ(others.size(), 6u) << "three points at two positions";
  EXPECT_EQ(others, numbers_of_the_others(run(short_plan(), bench_text())));
}

INSTANTIATE_TEST_SUITE_P(
    Each, OneBadBuild,
    testing::Values(Misdeed{"crash_at_load.so", "crashed with signal 11"},
                    Misdeed{"crash_late.so", "in sample(), at crash_late.so+0x"},
                    Misdeed{"crash_in_power_fail.so", "in power_fail()"},
                    Misdeed{"exit_at_load.so", "ended its process with exit code 0"},
                    Misdeed{"hang_in_uart_byte.so", "hung in uart_byte()"},
                    Misdeed{"overwrite_samples.so", "crashed with signal 11"}, Misdeed{"flood.so", "floods its port"},
                    Misdeed{"unasked.so", "answered before it was asked"},
                    Misdeed{"early_reply.so", "answered before it was asked"},
                    Misdeed{"fork_child.so", "tried to start a process"},
                    Misdeed{"no_symbol.so", "does not export blondel_firmware_v1"},
                    Misdeed{"other_version.so", "version 99"}, Misdeed{"peer_other_link", "version 7 of the link"},
                    Misdeed{"peer_stops_answering", "hung"}, Misdeed{"peer_wrong_sequence", "garbage on the link"}),
    [](const auto& misdeed) {
      std::string name = misdeed.param.build;
      std::erase_if(name, [](char c) { return c == '_' || c == '.'; });
      return name;
    });

class AttachedBuilds : public RigTest {
 public:
  /// Runs the program itself. @returns its exit code; what it printed stands in `printed`.
  static int blondel(const std::string& arguments, std::string& printed) {
    std::filesystem::create_directories(folder());
    const auto out = (folder() / "printed").string();
    const int status =
        std::system((beside_this_program("blondel") + " " + arguments + " >" + out + " 2>&1 </dev/null").c_str());
    printed = text_of(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  static std::string who_is_there() {
    return "drivers/sim/examples/who_is_there.yaml --bench testplans/benches/simulated.yaml ";
  }
};

TEST_F(AttachedBuilds, TheExamplesPassBesideOurMeterAndTheRecordSaysWhoTheyWere) {
  const auto out = (folder() / "run").string();
  std::string printed;
  const int code = blondel("run " + who_is_there() + "--firmware 1=" + beside_this_program("smallest_meter.so") +
                               " --firmware 2=drivers/sim/examples/python_meter.py --quiet --out " + out,
                           printed);
  EXPECT_EQ(code, 0) << printed;
  const auto journal = text_of(out + "/journal.jsonl");
  EXPECT_THAT(journal, HasSubstr(R"("build":{"file":"smallest_meter.so","sha256":")"));
  EXPECT_THAT(journal, HasSubstr(R"("build":{"file":"python_meter.py","sha256":")"));
  EXPECT_THAT(journal, HasSubstr(R"("position":1,"name":"smallest meter 1.000")"));
  EXPECT_THAT(journal, HasSubstr(R"("position":2,"name":"Python meter 1.000")"));
  const auto report = text_of(out + "/report.html");
  EXPECT_THAT(report, HasSubstr("smallest_meter.so (smallest meter 1.000)"));
  EXPECT_THAT(report, HasSubstr("Firmware at position 2, python_meter.py"));
  EXPECT_THAT(text_of(out + "/run.meta.jsonl"), HasSubstr(beside_this_program("smallest_meter.so")));
}

TEST_F(AttachedBuilds, ABadOneGivesExitCode1AndItsCauseIsPrinted) {
  std::string printed;
  const int code = blondel("run " + who_is_there() +
                               "--firmware 2=" + beside_this_program("meter_test_builds/crash_in_power_up.so") +
                               " --quiet --out " + (folder() / "run").string(),
                           printed);
  EXPECT_EQ(code, 1) << printed;
  EXPECT_THAT(printed, HasSubstr("firmware: the build crashed with signal 11 (Segmentation fault) in power_up()"));
}

/// The process that `rig` has started for a build, if it has computed for so long that it must hang.
std::optional<pid_t> hanging_child(pid_t rig, const std::string& build) {
  const long hung_ticks = sysconf(_SC_CLK_TCK) / 2;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    std::ifstream stat{entry.path() / "stat"}, command{entry.path() / "cmdline"};
    std::string words, line;
    if (!std::getline(command, words, '\n') || words.find(build) == std::string::npos) continue;
    if (!std::getline(stat, line)) continue;
    // pid (name) state parent, eight numbers that are not wanted, and the time in user mode.
    std::istringstream rest{line.substr(line.rfind(')') + 1)};
    std::string state, skipped;
    long parent{}, ticks{};
    rest >> state >> parent;
    for (int i = 0; i < 9; ++i) rest >> skipped;
    rest >> ticks;
    if (parent == rig && ticks >= hung_ticks) return std::stoi(entry.path().filename());
  }
  return std::nullopt;
}

TEST_F(AttachedBuilds, AStopWhileABuildHangsEndsTheRunSoonAndSafely) {
  const auto build = beside_this_program("meter_test_builds/hang_in_sample.so");
  const auto bench = file_with("bench.yaml", with(bench_text(), "clock: 20 ppm", "clock: 20 ppm, hang_guard: 24 h"));
  const auto program = beside_this_program("blondel"), firmware = "2=" + build, out = (folder() / "run").string();
  std::vector<std::string> words = {
      program, "run", "drivers/sim/examples/who_is_there.yaml", "--bench", bench, "--firmware", firmware, "--quiet",
      "--out", out};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t rig = -1;
  ASSERT_EQ(posix_spawn(&rig, program.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
  int status = 0;
  std::optional<pid_t> meter;
  while (!meter && waitpid(rig, &status, WNOHANG) == 0) meter = hanging_child(rig, build);
  ASSERT_TRUE(meter) << "the run ended before the build hung";

  const WallClock clock;
  kill(rig, SIGINT);
  waitpid(rig, &status, 0);
  EXPECT_LT(in_seconds(clock.now()), 5) << "a second, and what a busy machine takes besides";
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 5);
  EXPECT_EQ(kill(*meter, 0), -1) << "its process is gone";
  const auto record = value_or_throw(read_run(out));
  EXPECT_TRUE(record.complete);
  const auto journal = text_of(out + "/journal.jsonl");
  EXPECT_THAT(journal, HasSubstr(R"("why":"stopped by the operator")"));
  EXPECT_THAT(journal, HasSubstr(R"("off":true)"));
}

TEST_F(AttachedBuilds, WhatIsNoBuildIsRefusedBeforeTheRunBegins) {
  const auto text = file_with("notes.txt", "no program at all\n");
  for (const auto& [words, told] : std::vector<std::pair<std::string, std::string>>{
           {"--firmware /nowhere.so", "there is no firmware build"},
           {"--firmware /", "is a folder"},
           {"--firmware 2=" + text, "is no firmware build"},
           {"--firmware 4=" + text, "expected positions from 1 to 3"},
           {"--firmware 1=drivers/sim/examples/python_meter.py --firmware 1-2=drivers/sim/examples/python_meter.py",
            "position 1 is named twice"}}) {
    SCOPED_TRACE(words);
    std::string printed;
    const auto out = folder() / "run";
    EXPECT_EQ(blondel("run " + who_is_there() + words + " --out " + out.string(), printed), 4);
    EXPECT_THAT(printed, HasSubstr("--firmware: "));
    EXPECT_THAT(printed, HasSubstr(told));
    EXPECT_FALSE(std::filesystem::exists(out));
  }
}

TEST_F(AttachedBuilds, LintRefusesABenchWhoseBuildIsMissingWithThePlace) {
  const auto bench = file_with("bench.yaml", bench_with("{2: builds/none.so}"));
  std::string printed;
  EXPECT_EQ(blondel("lint drivers/sim/examples/who_is_there.yaml --bench " + bench, printed), 4);
  EXPECT_THAT(printed, HasSubstr("bench.yaml:"));
  EXPECT_THAT(printed, HasSubstr("there is no firmware build"));
}

}  // namespace
}  // namespace blondel
