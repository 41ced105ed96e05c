#include "drivers/sim/bench/simulated_bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

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

SetPoint unity(double volts, double amperes, double lag = 0) {
  SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
  for (std::size_t k = 0; k < 3; ++k) {
    const double angle = -2.0943951023931953 * static_cast<double>(k);
    point.channels[k][1] = std::polar(volts, angle);
    point.channels[k + 3][1] = std::polar(amperes, angle - lag);
  }
  return point;
}

struct Calculation {
  std::string status, percent;
  std::vector<ContactEdge> edges;
  bool operator==(const Calculation&) const = default;
};

Task<void> calculate(SimulatedBench& bench, Calculation& result) {
  auto& clock = bench.clock();
  bench.circuit().set_control_power(1, true, clock.now() + Circuit::notice);
  // 69 kW: a kilowatt-hour, which is the factory's pulse, every 52.17 s.
  bench.circuit().set(unity(230, 100), clock.now() + Circuit::notice);
  co_await clock.pause(60s);
  const auto input = bench.contact("gpiochip0/0", Order{});
  const auto wire = co_await bench.connect("tcpip::reference::6320::socket", Order{}, never);
  for (const char* line : {"SENS:RNG1:UL1:RANG 250V;", "CALC:EC01:0002:DUTSOURCE SC1;", "CALC:EC01:0002:DUTCONSTANT 1;",
                           "CALC:EC01:0002:MRATE 4;", "CALC:EC01:0002:START 1;"}) {
    const std::string text{line};
    co_await say(*wire, clock, text);
  }
  // The input is looked at when it pleases, and the calculator only at the end.
  for (int n = 0; n < 6; ++n) {
    co_await clock.pause(50s);
    const auto edges = co_await input->edges();
    result.edges.insert(result.edges.end(), edges.begin(), edges.end());
  }
  const std::string status{"CALC:EC01:0002:STATUS?"}, percent{"CALC:EC01:0002:RESULT?"};
  co_await ask(*wire, clock, status, result.status);
  co_await ask(*wire, clock, percent, result.percent);
}

Calculation calculated(const std::string& simulation, std::uint64_t seed) {
  auto wiring = three_sockets(seed);
  wiring.ct_primary_a = 100;
  wiring.ct_secondary_v = 1;
  wiring.sockets[0].calculator = "SC1";
  VirtualClock clock;
  SimulatedBench bench{clock, wiring, Settings::parse(simulation, "bench.yaml")};
  Calculation result;
  clock.run(calculate(bench, result));
  EXPECT_EQ(bench.meter(1).death(), "");
  return result;
}

TEST(SimulatedBenchTest, PulsesReachTheInputAndTheCalculatorAndAMetersCommonGainIsItsErrorOfPower) {
  const auto simulation =
      "source: {gain: 0 ppm, phase: 0 urad, flutter: 0 ppm}\n"
      "reference: {gain: 0 ppm, phase: 0 urad, noise: 0 ppm}\n"
      "meters: {common_gain: {mean: 0.5 %, bound: 0 ppm}, noise_counts: 0}";
  const auto once = calculated(simulation, 1);
  EXPECT_EQ(once.status, "4\n");
  // A stamp is good to the meter's own update: a millisecond in 208 s are 5 ppm.
  EXPECT_NEAR(std::stod(once.percent), 0.5, 0.001);
  const auto closings = std::ranges::count_if(once.edges, [](const ContactEdge& edge) { return edge.closed; });
  EXPECT_GE(closings, 5);
  for (std::size_t n = 1; n < once.edges.size(); ++n) EXPECT_EQ(once.edges[n].sequence, once.edges[n - 1].sequence + 1);
  EXPECT_EQ(calculated(simulation, 1), once);
}

Task<void> read_loads(SimulatedBench& bench, int loads, std::vector<double>& errors) {
  auto& clock = bench.clock();
  const auto wire = co_await bench.connect("tcpip::reference::6320::socket", Order{}, never);
  const std::string integration{"CONF:POW1:TINTEGRATION 0.2;"}, power{"MEAS:POW1:PS?"};
  co_await say(*wire, clock, integration);
  for (int n = 1; n <= loads; ++n) {
    bench.circuit().set(unity(230, 5 + 0.01 * n), clock.now() + Circuit::notice);
    co_await clock.pause(30s);
    for (int twice = 0; twice < 2; ++twice) {
      std::string answer;
      co_await ask(*wire, clock, power, answer);
      errors.push_back((std::stod(answer.substr(answer.find("]:") + 2)) / (3 * 230 * (5 + 0.01 * n)) - 1) * 1e6);
    }
  }
}

std::vector<double> errors_of_loads(const std::string& reference, std::uint64_t seed, int loads) {
  VirtualClock clock;
  const auto simulation =
      "source: {gain: 0 ppm, phase: 0 urad, flutter: 0 ppm}\n"
      "reference: {gain: 0 ppm, phase: 0 urad, noise: 0 ppm, " +
      reference + "}";
  SimulatedBench bench{clock, three_sockets(seed), Settings::parse(simulation, "bench.yaml")};
  std::vector<double> errors;
  clock.run(read_loads(bench, loads, errors));
  return errors;
}

TEST(SimulatedBenchTest, AReferenceIsAnotherAtEveryLoadWhereTheBenchFileSaysSo) {
  constexpr int loads = 200;
  const std::string spread{"common_gain: {mean: 200 ppm, sigma: 100 ppm}"};
  const auto errors = errors_of_loads(spread + ", drawn: at every load", 1, loads);
  double sum = 0, squares = 0;
  for (std::size_t n = 0; n < loads; ++n) {
    EXPECT_NEAR(errors[2 * n], errors[2 * n + 1], 1e-3) << "one load, one error";
    const double z = (errors[2 * n] - 200) / 100;
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / loads, 0, 4 / std::sqrt(loads));
  EXPECT_NEAR(squares / loads, 1, 4 * std::sqrt(2.0 / loads));
  EXPECT_EQ(errors_of_loads(spread + ", drawn: at every load", 1, 5),
            std::vector<double>(errors.begin(), errors.begin() + 10));

  const auto once = errors_of_loads(spread + ", drawn: once", 1, 5);
  for (const double error : once) EXPECT_NEAR(error, once[0], 0.1);
}

TEST(SimulatedBenchTest, DistributionsHaveAMeanAndAWidthForEveryPart) {
  const auto at = Settings::parse(
      "date: 2026-03-02\n"
      "ct_substitutes: {ratio: {mean: 50 ppm, bound: 0 ppm}, common_ratio: {mean: -20 ppm, sigma: 0 ppm},\n"
      "                 phase: {mean: -5 urad, bound: 2 urad}, common_phase: {mean: 30 urad, bound: 0 urad}}\n"
      "meters: {gain: {mean: 100 ppm, sigma: 10 ppm}, phase: {mean: 7 urad, bound: 0 urad},\n"
      "         clock: {mean: -4 ppm, bound: 1 ppm}}",
      "bench.yaml");
  const auto settings = read_simulation(at, three_sockets(1));
  for (std::size_t p = 0; p < 3; ++p) {
    for (const auto& ct : settings.circuit.sockets[p].ct) {
      EXPECT_NEAR(ct.ratio_error_ppm, 30, 1e-9);
      EXPECT_NEAR(ct.phase_urad, 25, 2);
    }
    const auto& front_end = settings.front_ends[p];
    for (const double gain : front_end.gain_ppm) {
      EXPECT_NEAR(gain, 100, 50);
      EXPECT_NE(gain, 100);
    }
    for (const double phase : front_end.phase_urad) EXPECT_NEAR(phase, 7, 1e-9);
    EXPECT_NEAR(front_end.clock_ppm, -4, 1);
  }
}

TEST(SimulatedBenchTest, AMalformedDistributionIsRefusedWhereItStands) {
  EXPECT_THAT(refusal("meters: {gain: {mean: 20 ppm}}"), HasSubstr("bench.yaml:1:16"));
  EXPECT_THAT(refusal("meters: {gain: {mean: 20 ppm}}"), HasSubstr("either `bound`"));
  EXPECT_THAT(refusal("meters: {gain: {bound: 1 ppm, sigma: 1 ppm}}"), HasSubstr("either `bound`"));
  EXPECT_THAT(refusal("meters:\n  gain: {sigma: -1 ppm}"), HasSubstr("bench.yaml:2:17"));
  EXPECT_THAT(refusal("meters: {gain: {mean: 20 %, bound: 0 ppm}}"), HasSubstr("0 ppm to 10 %"));
  EXPECT_THAT(refusal("reference: {phase: {mean: 20 ppm, bound: 1 urad}}"), HasSubstr("bench.yaml:1:"));
  EXPECT_THAT(refusal("reference: {gain: {mean: 20 ppm, bound: 1 ppm, width: 3 ppm}}"), HasSubstr("width"));
  EXPECT_THAT(refusal("reference: {drawn: at each load}"), HasSubstr("at every load"));
  EXPECT_THAT(refusal("meters: {common_phase: 1 urad}"), HasSubstr("common_phase"));
  EXPECT_THAT(refusal("meters: {drawn: once}"), HasSubstr("drawn"));
  auto wiring = three_sockets();
  wiring.sockets[1].calculator = "fo0";
  VirtualClock clock;
  EXPECT_THROW((SimulatedBench{clock, wiring, Settings::parse("{}", "bench.yaml")}), Failure);
}

}  // namespace
}  // namespace blondel::sim
