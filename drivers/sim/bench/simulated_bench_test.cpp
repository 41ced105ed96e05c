#include "drivers/sim/bench/simulated_bench.hpp"

#include <gmock/gmock.h>

#include "drivers/sim/bench/simulation_settings.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/time/wall_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

BenchWiring three_sockets(std::uint64_t seed = 1) {
  BenchWiring wiring;
  wiring.source_driver = "fluke-6105a";
  wiring.source_address = "TCPIP0::bridge::1234::SOCKET";
  wiring.reference_driver = "zera-com5003";
  wiring.reference_address = "TCPIP0::reference::6320::SOCKET";
  wiring.control_power_driver = "scpi-switch";
  wiring.control_power_address = "TCPIP0::relays::5025::SOCKET";
  for (const char* n : {"0", "1", "2"})
    wiring.sockets.push_back({std::string{"/dev/ttyUSB"} + n, std::string{"gpiochip0/"} + n, std::string{"SN"} + n});
  wiring.seed = seed;
  return wiring;
}

std::string refusal(const std::string& simulation) {
  try {
    VirtualClock clock;
    const SimulatedBench bench{clock, three_sockets(), Settings::parse(simulation, "bench.yaml")};
    return "nothing was refused";
  } catch (const Failure& failure) {
    return failure.what();
  }
}

Task<void> say(ByteStream& wire, Clock& clock, std::string line) {
  const Time deadline = clock.now() + 5s;
  co_await wire.write(line + "\n", deadline);
}

Task<void> ask(ByteStream& wire, Clock& clock, std::string line, std::string& answer) {
  co_await say(wire, clock, line);
  const Time deadline = clock.now() + 5s;
  answer.clear();
  while (!answer.ends_with('\n')) {
    const auto more = co_await wire.read_some(deadline);
    answer += more;
  }
}

Task<void> switch_on(SimulatedBench& bench, std::string& state, std::string& error) {
  auto& clock = bench.clock();
  const Time deadline = clock.now() + 5s;
  const auto wire = co_await bench.connect("tcpip::bridge::1234::socket", Order{}, deadline);
  for (const char* line : {"UNIT:MHAR:VOLT ABS", "SOUR:PHAS1:VOLT:RANG 0,230", "SOUR:PHAS1:VOLT:MHAR:HARM1 230,0",
                           "SOUR:PHAS1:VOLT:STAT 1", "OUTP:STAT ON"}) {
    const std::string text{line};
    co_await say(*wire, clock, text);
  }
  const std::string output{"OUTP:STAT?"}, errors{"SYST:ERR?"};
  co_await ask(*wire, clock, output, state);
  co_await ask(*wire, clock, errors, error);
}

TEST(SimulatedBenchTest, ItsSourceSwitchesOnInVirtualAndInWallTime) {
  VirtualClock virtual_clock;
  WallClock wall_clock;
  for (Clock* clock : {static_cast<Clock*>(&virtual_clock), static_cast<Clock*>(&wall_clock)}) {
    SimulatedBench bench{*clock, three_sockets(), Settings::parse("source: {gain: 50 ppm}", "bench.yaml")};
    std::string state, error;
    clock->run(switch_on(bench, state, error));
    EXPECT_EQ(state, "1\n") << clock->is_virtual();
    EXPECT_THAT(error, testing::StartsWith("0"));
  }
}

TEST(SimulatedBenchTest, NobodyAnswersAtAnAddressThatTheBenchFileDoesNotName) {
  VirtualClock clock;
  SimulatedBench bench{clock, three_sockets(), Settings::parse("{}", "bench.yaml")};
  EXPECT_THROW(bench.rs485("/dev/ttyUSB9", Order{}), Failure);
  EXPECT_THROW(bench.contact("gpiochip0/9", Order{}), Failure);
}

TEST(SimulatedBenchTest, EveryPartsOwnErrorsFollowFromTheSeedAndStayWithinTheBounds) {
  const auto at =
      Settings::parse("meters: {gain: 500 ppm, clock: 20 ppm}\nct_substitutes: {ratio: 60 ppm}", "bench.yaml");
  const auto one = read_simulation(at, three_sockets(1));
  const auto again = read_simulation(at, three_sockets(1));
  const auto other = read_simulation(at, three_sockets(2));
  ASSERT_EQ(one.front_ends.size(), 3u);
  for (std::size_t p = 0; p < 3; ++p) {
    EXPECT_EQ(one.front_ends[p].gain_ppm, again.front_ends[p].gain_ppm);
    EXPECT_NE(one.front_ends[p].gain_ppm, other.front_ends[p].gain_ppm);
    for (const double gain : one.front_ends[p].gain_ppm) EXPECT_LE(std::abs(gain), 500);
    EXPECT_LE(std::abs(one.front_ends[p].clock_ppm), 20);
    EXPECT_LE(std::abs(one.circuit.sockets[p].ct[0].ratio_error_ppm), 60);
  }
  EXPECT_NE(one.front_ends[0].gain_ppm, one.front_ends[1].gain_ppm);
}

TEST(SimulatedBenchTest, WhatTheSectionCannotMeanIsRefusedWhereItStands) {
  EXPECT_THAT(refusal("meters: {gain: 50 V}"), HasSubstr("bench.yaml:1:"));
  EXPECT_THAT(refusal("faults:\n  - {part: meter, position: 4, fault: silent}"), HasSubstr("bench.yaml:2:"));
  EXPECT_THAT(refusal("faults:\n  - {part: reference, fault: trip}"), HasSubstr("only a source"));
  EXPECT_THAT(refusal("faults:\n  - {part: source, fault: melts}"), HasSubstr("stays on"));
}

}  // namespace
}  // namespace blondel::sim
