#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include "drivers/sim/meter/link_memory.hpp"
#include "drivers/sim/meter/meter_on_port.hpp"
#include "drivers/sim/meter/meter_process.hpp"
#include "drivers/time/together.hpp"
#include "references/error.hpp"

namespace blondel::sim {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// The processes of this machine whose group is `group` and that still run, or whose parent is this program.
std::set<int> processes(int group) {
  std::set<int> found;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    std::ifstream file{entry.path() / "stat"};
    std::string text;
    if (!std::isdigit(static_cast<unsigned char>(entry.path().filename().string()[0])) || !std::getline(file, text))
      continue;
    // pid (name) state parent group: the name may hold anything, so the rest begins after the last parenthesis.
    std::istringstream rest{text.substr(text.rfind(')') + 1)};
    char state{};
    int parent{}, of{};
    rest >> state >> parent >> of;
    const bool runs = state != 'Z' && state != 'X';
    if (runs && (group > 0 ? of == group : parent == getpid())) found.insert(std::stoi(entry.path().filename()));
  }
  return found;
}

BuildFile test_file(const std::string& name) {
  return value_or_throw(look_at_build(beside_this_program("meter_test_builds/" + name), "test"));
}

/// How a meter with this build has died once it was asked something, and once its supply has failed. No process is
/// left then.
std::string death_of(MeterSettings settings) {
  std::string death;
  {
    VirtualClock clock;
    FakeInputs inputs;
    inputs.supply = {{Time{}, true}, {at(12), false}};
    Port port{clock, inputs, std::move(settings)};
    const auto script = [](Port& p) -> Task<void> {
      co_await p.clock.pause(5s);
      co_await p.word(130);
      co_await p.clock.pause(9s);
      co_await p.meter->edges(SimulatedMeter::Contact::pulse);
    };
    clock.run(script(port));
    death = port.meter->death();
  }
  EXPECT_EQ(processes(0), std::set<int>{});
  return death;
}

std::string death_of(const std::string& name) {
  auto settings = series_4000_k();
  settings.build = test_file(name);
  settings.hang_guard = 300ms;
  return death_of(settings);
}

TEST(GoodBuild, LivesThroughTheSameTreatment) {
  auto settings = series_4000_k();
  settings.hang_guard = 5s;
  EXPECT_EQ(death_of(settings), "");
}

struct Misdeed {
  const char *build, *told;
};

void PrintTo(const Misdeed& misdeed, std::ostream* to) {
  *to << misdeed.build;
}

class BadBuild : public testing::TestWithParam<Misdeed> {};

TEST_P(BadBuild, IsNamedWithWhatItDid) {
  EXPECT_THAT(death_of(GetParam().build), HasSubstr(GetParam().told));
}

const auto name_of_misdeed = [](const auto& info) {
  std::string name = info.param.build;
  std::erase_if(name, [](char c) { return c == '_' || c == '.'; });
  return name;
};

INSTANTIATE_TEST_SUITE_P(
    Crashes, BadBuild,
    testing::Values(Misdeed{"crash_at_load.so", "crashed with signal 11 (Segmentation fault) in its constructors"},
                    Misdeed{"crash_in_power_up.so", "crashed with signal 11 (Segmentation fault) in power_up()"},
                    Misdeed{"crash_in_sample.so", "in sample(), at crash_in_sample.so+0x"},
                    Misdeed{"crash_in_uart_byte.so", "crashed with signal 11 (Segmentation fault) in uart_byte()"},
                    Misdeed{"crash_in_power_fail.so", "crashed with signal 11 (Segmentation fault) in power_fail()"},
                    Misdeed{"overwrite_samples.so", "crashed with signal 11 (Segmentation fault) in sample()"},
                    Misdeed{"smash_heap.so", "crashed with signal 6 (Aborted) in sample()"},
                    Misdeed{"smash_stack.so", "crashed with signal"},
                    Misdeed{"exhaust_stack.so", "crashed with signal 11 (Segmentation fault) in sample()"}),
    name_of_misdeed);

INSTANTIATE_TEST_SUITE_P(EndsOrHangs, BadBuild,
                         testing::Values(Misdeed{"exit_at_load.so", "ended its process with exit code 0"},
                                         Misdeed{"exit_in_sample.so", "ended its process with exit code 3"},
                                         Misdeed{"hang_at_load.so", "hung in its constructors"},
                                         Misdeed{"hang_in_power_up.so", "hung in power_up(): no answer within 300 ms"},
                                         Misdeed{"hang_in_sample.so", "hung in sample(): no answer"},
                                         Misdeed{"hang_in_uart_byte.so", "hung in uart_byte(): no answer"},
                                         Misdeed{"hang_in_power_fail.so", "hung in power_fail(): no answer"}),
                         name_of_misdeed);

INSTANTIATE_TEST_SUITE_P(AbusesTheHardware, BadBuild,
                         testing::Values(Misdeed{"store_overrun.so", "non-volatile store was used beyond its end"},
                                         Misdeed{"flood.so", "floods its port"},
                                         Misdeed{
                                             "flood_in_one_entry.so",
                                             "floods its port: uart_send was given more than 512 bytes in one entry"},
                                         Misdeed{"edges_in_one_entry.so", "switches its contacts too often"},
                                         Misdeed{"edges_without_end.so", "switches its contacts too often"},
                                         Misdeed{"unasked.so", "answered before it was asked: it sent 7 bytes"},
                                         Misdeed{"early_reply.so", "answered before it was asked: its frame begins"},
                                         Misdeed{"huge_lcd.so", "lcd: expected a text of at most 255 bytes"},
                                         Misdeed{"null_lcd.so", "lcd: expected a text"}),
                         name_of_misdeed);

INSTANTIATE_TEST_SUITE_P(
    ReachesOut, BadBuild,
    testing::Values(Misdeed{"fork_child.so", "tried to start a process (clone) in sample(), which no meter may do"},
                    Misdeed{"start_thread.so", "tried to start a thread (clone3) in sample(), which no meter may do"},
                    Misdeed{"open_file.so", "tried to use a file (openat) in sample()"},
                    Misdeed{"write_file_at_load.so", "tried to use a file (openat) in its constructors"},
                    Misdeed{"open_socket.so", "tried to open a socket (socket)"},
                    Misdeed{"wait_a_while.so", "tried to wait (clock_nanosleep)"},
                    Misdeed{"close_link.so", "tried to close a descriptor (close)"},
                    Misdeed{"signal_others.so", "tried to signal a process (kill)"},
                    Misdeed{"mask_signals_and_fork.so", "tried to start a process (clone) in sample()"},
                    Misdeed{"mask_by_the_upper_half.so", "tried to start a process (clone) in sample()"},
                    Misdeed{"catch_what_is_forbidden.so", "tried to catch signals (rt_sigaction) in sample()"},
                    Misdeed{"catch_and_signal_itself.so", "ended by the kernel: it tried what no meter may do"},
                    Misdeed{"thread_from_nowhere.so", "tried to start a process (clone3) in sample()"},
                    Misdeed{"own_the_link_at_load.so", "tried to signal a process (fcntl) in its constructors"},
                    Misdeed{"talk_on_the_link.so", "(write)"}),
    name_of_misdeed);

INSTANTIATE_TEST_SUITE_P(IsNone, BadBuild,
                         testing::Values(Misdeed{"no_symbol.so", "does not export blondel_firmware_v1"},
                                         Misdeed{"no_firmware.so", "returned nothing"},
                                         Misdeed{"null_entry.so", "lacks power_up, sample or uart_byte"},
                                         Misdeed{"endless_name.so", "name does not end within 63 bytes"},
                                         Misdeed{"other_version.so", "was made for version 99"}),
                         name_of_misdeed);

INSTANTIATE_TEST_SUITE_P(
    Program, BadBuild,
    testing::Values(Misdeed{"peer_garbage", "garbage on the link: DONE was expected"},
                    Misdeed{"peer_oversized", "garbage on the link: too long"},
                    Misdeed{"peer_short", "garbage on the link: DONE was expected"},
                    Misdeed{"peer_empty", "garbage on the link: an empty message"},
                    Misdeed{"peer_wrong_sequence", "DONE answers another grant"},
                    Misdeed{"peer_beyond_grant", "reached an instant it was not granted"},
                    Misdeed{"peer_stops_short", "stopped short without sending"},
                    Misdeed{"peer_unasked_message", "garbage on the link"},
                    Misdeed{"peer_other_link", "speaks version 7 of the link, this bench version 1"},
                    Misdeed{"peer_other_abstraction", "was made for version 9 of the hardware abstraction"},
                    Misdeed{"peer_endless_name", "the build's name in HELLO has no end"},
                    Misdeed{"peer_says_nothing", "hung: no answer within 300 ms"},
                    Misdeed{"peer_stops_answering", "hung: no answer within 300 ms"},
                    Misdeed{"peer_closes_its_link", "closed its link and went on running"},
                    Misdeed{"peer_exits_at_once", "ended its process with exit code 0"},
                    Misdeed{"peer_forks", "ended by the kernel: it tried what no meter may do"},
                    Misdeed{"peer_opens_socket", "ended its process with exit code 9"},
                    Misdeed{"peer_signals_others", "ended by the kernel: it tried what no meter may do"},
                    Misdeed{"peer_signals_by_proc", "ended by the kernel: it tried what no meter may do"},
                    Misdeed{"peer_owns_its_link", "ended by the kernel: it tried what no meter may do"},
                    Misdeed{"peer_outlives_the_bench", "ended its process with exit code 9"},
                    Misdeed{"peer_overlaps", "floods its port: at"},
                    Misdeed{"peer_speaks_unasked", "answered before it was asked: it sent 8 bytes"},
                    Misdeed{"peer_switches_without_end", "switches its pulse contact more than 1000 times a second"},
                    Misdeed{"peer_unknown_flags", "flags that mean nothing"},
                    Misdeed{"peer_long_lcd", "text of the LCD that is too long"}),
    name_of_misdeed);

TEST(BadBuildTest, WritesNoFileAnywhere) {
  EXPECT_NE(death_of("write_file_at_load.so"), "");
  EXPECT_FALSE(std::filesystem::exists("written_by_a_build"));
}

TEST(GoodBuild, MayComeBackFromDeepDownWithTheSignalsItHad) {
  EXPECT_EQ(death_of("remember_signals.so"), "");
}

TEST(BadBuildTest, UnknownVariantsAndValuesAreRefused) {
  auto unknown = series_4000_k();
  unknown.variant["colour"] = "green";
  EXPECT_THAT(death_of(unknown), HasSubstr("does not know the variant 'colour'"));
  auto value = series_4000_k();
  value.variant["baud"] = "1234";
  EXPECT_THAT(death_of(value), HasSubstr("baud"));
}

TEST(BadBuildTest, ThatVanishesBeforePowerUpIsNamed) {
  auto settings = series_4000_k();
  settings.build.path = "/nowhere/build.so";
  EXPECT_THAT(death_of(settings), AllOf(HasSubstr("cannot be loaded"), HasSubstr("/nowhere/build.so")));
  settings.build.kind = BuildKind::program;
  EXPECT_THAT(death_of(settings), HasSubstr("the program cannot be started"));
}

Task<void> look_at_contact(Port& port) {
  co_await port.meter->edges(SimulatedMeter::Contact::pulse);
}

Task<void> hurry(Port& port, std::chrono::milliseconds most) {
  port.meter->shorten_hang_guard(most);
  co_return;
}

/// How a meter that hangs, with a guard of a minute, died once somebody wanted to stop before or while it was asked.
std::string death_in_a_hurry(const std::string& build, bool before, std::chrono::milliseconds most) {
  VirtualClock clock;
  FakeInputs inputs;
  auto settings = series_4000_k();
  settings.build = test_file(build);
  settings.hang_guard = 60s;
  Port port{clock, inputs, std::move(settings)};
  const auto script = [](Port& p, bool first, std::chrono::milliseconds guard) -> Task<void> {
    co_await p.clock.pause(9s);
    std::vector<Task<void>> both;
    if (first) both.push_back(hurry(p, guard));
    both.push_back(look_at_contact(p));
    if (!first) both.push_back(hurry(p, guard));
    co_await together(p.clock, std::move(both));
  };
  clock.run(script(port, before, most));
  return port.meter->death();
}

TEST(BadBuildTest, ThatHangsIsGivenUpSoonWhenSomebodyWantsToStop) {
  EXPECT_THAT(death_in_a_hurry("hang_in_power_up.so", true, 200ms), HasSubstr("power_up(): no answer within 200 ms"));
  EXPECT_THAT(death_in_a_hurry("hang_at_load.so", false, 200ms),
              HasSubstr("hung in its constructors: no answer within 200 ms of wall time after the stop"));
  EXPECT_THAT(death_in_a_hurry("peer_says_nothing", false, 200ms), HasSubstr("within 200 ms of wall time after the"));
}

TEST(BadHost, ThatIsNotThereIsTheBenchsFault) {
  VirtualClock clock;
  FakeInputs inputs;
  auto settings = series_4000_k();
  settings.host = "/nowhere/blondel-meter-host";
  EXPECT_THROW(make_simulated_meter(clock, inputs, settings), Failure);
}

TEST(MeterProcess, LeavesNoProcessBehind) {
  boost::asio::io_context io;
  LinkMemory memory{16, 16};
  int pid = 0;
  {
    MeterProcess process{io, beside_this_program("blondel-meter-host"), series_4000_k().build, memory.descriptor()};
    pid = process.pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(MeterProcess, EndsTheChildrenOfABuildThatNothingHoldsBack) {
  boost::asio::io_context io;
  LinkMemory memory{16, 16};
  int group = 0;
  {
    const BuildFile build = series_4000_k().build;
    MeterProcess process{io, beside_this_program("meter_test_builds/forking_host"), build, memory.descriptor()};
    group = process.pid();
    while (processes(group).size() < 2) std::this_thread::yield();
  }
  while (!processes(group).empty()) std::this_thread::yield();
  EXPECT_EQ(processes(group), std::set<int>{});
}

}  // namespace
}  // namespace blondel::sim
