// Conversations written by hand from the instruments' manuals and recorded answers, played to the simulators over a
// memory wire in bench time and over TCP in wall time.

#include <gmock/gmock.h>

#include "drivers/sim/instruments/fluke_6105a_sim.hpp"
#include "drivers/sim/instruments/instruments_on_a_table.hpp"
#include "drivers/sim/instruments/scpi_switch_sim.hpp"
#include "drivers/sim/instruments/tcp_listener.hpp"
#include "drivers/sim/instruments/zera_com5003_sim.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/time/wall_clock.hpp"
#include "drivers/transport/tcp_stream.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

/// `> text` is sent; `< text` is expected, and where it ends in dots, anything may follow.
using Conversation = std::vector<std::string>;

Task<void> play(Clock& clock, ByteStream& wire, Conversation lines) {
  std::string received;
  for (const auto& line : lines) {
    const auto text = line.substr(2);
    const Time deadline = clock.now() + 5s;
    if (line[0] == '>') {
      co_await wire.write(text + "\n", deadline);
      continue;
    }
    while (received.find('\n') == std::string::npos) received += co_await wire.read_some(deadline);
    const auto answer = received.substr(0, received.find('\n'));
    received.erase(0, answer.size() + 1);
    if (text.ends_with("..."))
      EXPECT_THAT(answer, testing::StartsWith(text.substr(0, text.size() - 3)));
    else
      EXPECT_EQ(answer, text);
  }
  EXPECT_EQ(received, "");
}

/// Plays a conversation to whatever `make` puts on the circuit, over both kinds of wire.
template <class Make>
void play_over_both_wires(const Conversation& lines, Make make) {
  {
    SCOPED_TRACE("memory wire");
    VirtualClock clock;
    IdealCircuit circuit;
    circuit.clock = &clock;
    auto instrument = make(clock, circuit);
    Background background{clock};
    auto [here, there] = memory_wire(clock, "wire", 5);
    background.spawn(instrument->serve(std::move(there)));
    clock.run(play(clock, *here, lines));
    EXPECT_FALSE(circuit.late);
  }
  {
    SCOPED_TRACE("TCP");
    WallClock clock;
    IdealCircuit circuit;
    auto instrument = make(clock, circuit);
    TcpListener listener{clock, 0,
                         [&](std::unique_ptr<ByteStream> wire) { return instrument->serve(std::move(wire)); }};
    const auto all = [](Clock& c, std::uint16_t port, const Conversation& what) -> Task<void> {
      const auto wire = co_await tcp_connect(c, "127.0.0.1", port, c.now() + 5s);
      co_await play(c, *wire, what);
    };
    clock.run(all(clock, listener.port(), lines));
  }
}

const Conversation fluke_three_phase = {
    "> *CLS",
    "> *RST",
    "> SOUR:PHAS1:MODel?",
    "< \"6105A\"",
    "> SOUR:PHAS2:FITTed?",
    "< 1",
    "> UNIT:MHAR:VOLT ABS",
    "> UNIT:MHAR:CURR ABS",
    "> SOUR:PHAS1:VOLT:RANG 0,230",
    "> SOUR:PHAS2:VOLT:RANG 0,230",
    "> SOUR:PHAS3:VOLT:RANG 0,230",
    "> SOUR:PHAS1:VOLT:RANG?",
    "< 0.0E0,3.6E2",
    "> SOUR:PHAS1:CURR:RANG 0.5,5",
    "> SOUR:PHAS1:CURR:RANG:UNIT?",
    "< CURR...",
    "> SOUR:PHAS1:VOLT:MHAR:STAT ON",
    "> SOUR:PHAS2:VOLT:MHAR:STAT ON",
    "> SOUR:PHAS3:VOLT:MHAR:STAT ON",
    "> SOUR:PHAS1:VOLT:MHAR:HARM1 230,0",
    "> SOUR:PHAS2:VOLT:MHAR:HARM1 230,-120",
    "> SOUR:PHAS3:VOLT:MHAR:HARM1 230,120",
    "> SOUR:PHAS1:CURR:MHAR:STAT ON",
    "> SOUR:PHAS1:CURR:MHAR:HARM1 5,-60",
    "> SOUR:PHAS1:VOLT:STAT 1",
    "> SOUR:PHAS2:VOLT:STAT 1",
    "> SOUR:PHAS3:VOLT:STAT 1",
    "> SOUR:PHAS1:CURR:STAT 1",
    "> SOUR:FREQ 50",
    "> SYST:ERR?",
    "< 0...",
    "> OUTP:STAT ON",
    "> OUTP:STAT?",
    "< 1",
    "> SOUR:PHAS1:VOLT:MHAR:HARM1?",
    "< 2.3E2,0.0E0",
    "> SOUR:PHAS3:VOLT:MHAR:HARM1? PANG",
    "< 1.2E2",
    "> SOUR:PHAS1:CURR:MHAR:HARM1:AMPL?",
    "< 5.0E0",
    "> SOUR:PHAS1:VOLT:MHAR:ALL?",
    "< \"2.3E2,0.0E0\"",
    "> SOUR:PHAS1:POW:WATT?",
    "< 5.75E2",
    "> SOUR:PHAS1:POW:VA?",
    "< 1.15E3",
    "> *OPT?",
    "< 0,0,0,0,0,0,0,0",
    "> OUTP:STAT OFF",
    "> OUTP:STAT?",
    "< 0",
};

const Conversation fluke_low_level = {
    "> *RST",
    "> SOUR:PHAS1:CURR:RANG:VOLT 0.15,1.5",
    "> SOUR:PHAS1:CURR:RANG:UNIT?",
    "< VOLT...",
    "> SOUR:PHAS1:CURR:MHAR:HARM1 0.333,-60",
    "> SOUR:PHAS1:CURR:AMPL?",
    "< 3.33E-1",
    "> SYST:ERR?",
    "< 0...",
};

const Conversation fluke_refusals = {
    "> *CLS;*RST",
    "> SOUR:PHAS1:VOLT:RANG 0,23",
    "> SOUR:PHAS1:VOLT:MHAR:HARM0 0.01,0",
    "> SYST:ERR?",
    "< 0...",
    "> SOUR:PHAS1:VOLT:MHAR:HARM0 0.01,5",
    "> SYST:ERR?",
    "< -221,...",
    "> SOUR:PHAS1:VOLT:MHAR:HARM101 1,0",
    "> SYST:ERR?",
    "< -222,...",
    "> SOUR:PHAS1:VOLT:MHAR:HARM1 24,0",
    "> SYST:ERR?",
    "< -222,...",
    "> SOUR:PHAS1:VOLT:RANG 0,1009",
    "> SYST:ERR?",
    "< -222,...",
    "> SOUR:PHAS1:CURR:RANG 0.04,1",
    "> SYST:ERR?",
    "< -222,...",
    "> SOUR:PHAS5:VOLT:STAT 1",
    "> SYST:ERR?",
    "< -114,...",
    "> ENER:MUT:SOUR CH1",
    "> SYST:ERR?",
    "< -113,...",
    "> SYST:ERR?",
    "< 0...",
};

const Conversation zera = {
    "> *IDN?",
    "< ZERA GmbH Koenigswinter, COM5003, ...",
    "> *OPC?",
    "< +1",
    "> *STB?",
    "< +0",
    "> FETC:POW1?",
    "< ;;;;",
    "> SENS:RNG1:UL1:RANG 250V;",
    "> SENS:RNG1:UL1:RANG?",
    "< 250V",
    "> CONF:POW1:TINTEGRATION 0.2;",
    "> MEAS:POW1:PS?",
    "< POW1:PS:[W]:6903;",
    "> MEAS:POW1?",
    "< POW1:P1:[W]:2301;POW1:P2:[W]:2301;POW1:P3:[W]:2301;POW1:PS:[W]:6903;",
    "> FETC:POW1:P2?",
    "< POW1:P2:[W]:2301;",
    "> NOSUCH?",
    "< ",
    "> *STB?",
    "< +4",
    "> SYST:ERR?",
    "< -113,Undefined header...",
    "> SYST:ERR?",
    "< +0,No error",
};

const Conversation relays = {
    "> ROUT:CLOS (@1)",
    "> ROUT:CLOS? (@1)",
    "< 1",
    "> ROUT:CLOS (@2,4:5)",
    "> ROUT:CLOS? (@1:6)",
    "< 1,1,0,1,1,0",
    "> ROUT:OPEN (@1)",
    "> ROUT:CLOS? (@1)",
    "< 0",
    "> SYST:ERR?",
    "< 0...",
    "> ROUT:CLOS (@9)",
    "> SYST:ERR?",
    "< -222,...",
    "> ROUT:CLOS 1",
    "> SYST:ERR?",
    "< -104,...",
    "> *RST",
    "> ROUT:CLOS? (@1:6)",
    "< 0,0,0,0,0,0",
};

const auto a_fluke = [](Clock& clock, IdealCircuit& circuit) {
  return std::make_unique<Fluke6105aSim>(clock, circuit, Order{0, 10});
};

TEST(GoldenTranscripts, AFlukeIsSetToThreePhases) {
  play_over_both_wires(fluke_three_phase, a_fluke);
}

TEST(GoldenTranscripts, AFlukesCurrentTerminalsGiveALowVoltage) {
  play_over_both_wires(fluke_low_level, a_fluke);
}

TEST(GoldenTranscripts, AFlukeRefusesWhatItsManualRulesOut) {
  play_over_both_wires(fluke_refusals, a_fluke);
}

TEST(GoldenTranscripts, AZeraMeasuresPowerAndReportsAnUnknownQuery) {
  play_over_both_wires(zera, [](Clock& clock, IdealCircuit& circuit) {
    // 230.1 V and 10 A in phase, as in the recorded answers.
    SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
    for (std::size_t k = 0; k < 3; ++k) {
      point.channels[k][1] = std::polar(230.1, -2.0943951023931953 * static_cast<double>(k));
      point.channels[k + 3][1] = std::polar(10.0, -2.0943951023931953 * static_cast<double>(k));
    }
    const auto keeps = circuit.clock;
    circuit.clock = nullptr;
    circuit.set(point, Time{-10s});
    circuit.clock = keeps;
    const ZeraCom5003Traits ideal{.seed = 1, .gain_ppm = 0, .phase_urad = 0, .noise_ppm = 0};
    return std::make_unique<ZeraCom5003Sim>(clock, circuit, Order{0, 11}, ideal);
  });
}

TEST(GoldenTranscripts, RelaysAreClosedAndOpenedByChannelLists) {
  play_over_both_wires(relays, [](Clock& clock, IdealCircuit& circuit) {
    return std::make_unique<ScpiSwitchSim>(clock, circuit, Order{0, 12}, 6);
  });
}

TEST(GoldenTranscripts, RelaysThatWereLeftClosedSaySoAndCanBeOpened) {
  play_over_both_wires({"> ROUT:CLOS? (@1:3)", "< 1,1,1", "> ROUT:OPEN (@2)", "> ROUT:CLOS? (@1:3)", "< 1,0,1"},
                       [](Clock& clock, IdealCircuit& circuit) {
                         auto unit = std::make_unique<ScpiSwitchSim>(clock, circuit, Order{0, 12}, 3);
                         unit->close_all();
                         EXPECT_TRUE(circuit.control_power(3, clock.now() + Circuit::notice));
                         return unit;
                       });
}

TEST(GoldenTranscripts, TheCircuitGetsWhatTheFlukeIsSetTo) {
  VirtualClock clock;
  IdealCircuit circuit;
  circuit.clock = &clock;
  Fluke6105aSim fluke{clock, circuit, {}};
  Background background{clock};
  auto [here, there] = memory_wire(clock, "wire", 5);
  background.spawn(fluke.serve(std::move(there)));
  auto lines = fluke_three_phase;
  lines.resize(lines.size() - 3);
  lines.push_back("> SOUR:PHAS2:VOLT:MHAR:HARM5 23,30");
  lines.push_back("> SYST:ERR?");
  lines.push_back("< 0...");
  clock.run(play(clock, *here, lines));

  const auto& now = circuit.target();
  const auto near = [](Phasor value, double amplitude, double degrees) {
    EXPECT_LT(std::abs(value - std::polar(amplitude, degrees * 3.141592653589793 / 180)), 1e-9) << value;
  };
  EXPECT_TRUE(now.on);
  EXPECT_EQ(now.frequency_hz, 50);
  near(now.channels[ua].at(1), 230, 0);
  near(now.channels[ub].at(1), 230, -120);
  near(now.channels[uc].at(1), 230, 120);
  near(now.channels[ia].at(1), 5, -60);
  EXPECT_TRUE(now.channels[ib].empty()) << "never armed";
  near(now.channels[ub].at(5), 23, 30 - 5 * 120);
  clock.run(clock.pause(Circuit::notice));
  EXPECT_FALSE(circuit.dead(clock.now()));

  fluke.trip();
  EXPECT_FALSE(fluke.output_on());
  clock.run(clock.pause(Circuit::notice));
  EXPECT_TRUE(circuit.dead(clock.now()));
}

}  // namespace
}  // namespace blondel::sim
