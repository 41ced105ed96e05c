// A conversation with the error calculator, written by hand from the maker's key words and recorded defaults.

#include <gmock/gmock.h>

#include "drivers/sim/instruments/instruments_on_a_table.hpp"
#include "drivers/sim/instruments/zera_com5003_sim.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

/// A contact whose edges are at hand.
class ListedContact final : public CalculatorInput {
 public:
  ListedContact(const Clock& clock, std::vector<ContactEdge> edges) : clock_{clock}, edges_{std::move(edges)} {}
  void follow() override { ++follows; }
  void leave() override { ++leaves; }
  Task<std::vector<ContactEdge>> edges() override {
    std::vector<ContactEdge> taken;
    while (next_ < edges_.size() && edges_[next_].at <= clock_.now()) taken.push_back(edges_[next_++]);
    co_return taken;
  }
  int follows = 0, leaves = 0;

 private:
  const Clock& clock_;
  std::vector<ContactEdge> edges_;
  std::size_t next_ = 0;
};

/// `> text` is sent, `< text` expected, `@ 7` waits until so many seconds of bench time.
Task<void> talk(Clock& clock, ByteStream& wire, std::vector<std::string> lines) {
  std::string received;
  for (const auto& line : lines) {
    const auto text = line.substr(2);
    const Time deadline = clock.now() + 5s;
    if (line[0] == '@') {
      co_await clock.pause_until(Time{seconds(std::stod(text))});
    } else if (line[0] == '>') {
      co_await wire.write(text + "\n", deadline);
    } else {
      while (received.find('\n') == std::string::npos) received += co_await wire.read_some(deadline);
      const auto answer = received.substr(0, received.find('\n'));
      received.erase(0, answer.size() + 1);
      EXPECT_EQ(answer, text) << line;
    }
  }
  EXPECT_EQ(received, "");
}

class ErrorCalculatorSimTest : public testing::Test {
 protected:
  ErrorCalculatorSimTest() {
    // 3600 W: a milliwatt-hour each millisecond.
    SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
    for (std::size_t k = 0; k < 3; ++k) {
      point.channels[k][1] = std::polar(240.0, -2.0943951023931953 * static_cast<double>(k));
      point.channels[k + 3][1] = std::polar(5.0, -2.0943951023931953 * static_cast<double>(k));
    }
    circuit.set(point, Time{-10s});
    // Closed for 100 ms just after each second but the first two, never where a pulse of the reference ends.
    std::vector<ContactEdge> edges;
    for (int n = 3; n < 60; ++n) {
      edges.push_back({Time{1s * n + 502600ns}, true, static_cast<std::uint64_t>(2 * n - 5)});
      edges.push_back({Time{1s * n + 100ms}, false, static_cast<std::uint64_t>(2 * n - 4)});
    }
    contact = std::make_shared<ListedContact>(clock, edges);
    zera.wire("SC1", contact);
  }
  void converse(const std::vector<std::string>& lines) {
    auto [here, there] = memory_wire(clock, "wire", 5);
    sessions.spawn(zera.serve(std::move(there)));
    clock.run(talk(clock, *here, lines));
  }

  VirtualClock clock;
  IdealCircuit circuit;
  ZeraCom5003Sim zera{clock, circuit, Order{0, 11}, {.seed = 1, .gain_ppm = 0, .phase_urad = 0, .noise_ppm = 0}};
  std::shared_ptr<ListedContact> contact;
  Background sessions{clock};
};

TEST_F(ErrorCalculatorSimTest, ItsDefaultsAreTheRecordedOnes) {
  converse({"> CALC:EC01:0001:DUTSOURCE?",   "< SC1",       "> CALC:EC01:0001:DUTCONSTANT?", "< 10000",
            "> CALC:EC01:0001:DCUNIT?",      "< I/kWh",     "> CALC:EC01:0001:REFSOURCE?",   "< P",
            "> CALC:EC01:0001:REFCONSTANT?", "< 500000000", "> CALC:EC01:0001:MRATE?",       "< 10",
            "> CALC:EC01:0001:TARGET?",      "< 500000",    "> CALC:EC01:0001:CONTINUOUS?",  "< 0",
            "> CALC:EC01:0001:MCOUNT?",      "< 1",         "> CALC:EC01:0001:MWAIT?",       "< 0",
            "> CALC:EC01:0001:UPLIMIT?",     "< 10",        "> CALC:EC01:0001:LOLIMIT?",     "< -10",
            "> CALC:EC01:0001:START?",       "< 0",         "> CALC:EC01:0001:STATUS?",      "< 0",
            "> CALC:EC01:0001:RATING?",      "< -1"});
}

TEST_F(ErrorCalculatorSimTest, ItWaitsForTheFirstPulseCountsAndIsReady) {
  // A watt-hour a second, so a meter of 1000 pulses/kWh with a pulse a second is right, and one of 800 is 25 % high.
  converse({"> CALC:EC01:0001:DUTCONSTANT 800;",
            "> CALC:EC01:0001:REFCONSTANT 1e6;",
            "> CALC:EC01:0001:MRATE 4;",
            "> CALC:EC01:0001:TARGET?",
            "< 5000",
            "> CALC:EC01:0001:START 1;",
            "> CALC:EC01:0001:STATUS?",
            "< 1",
            "@ 3.5",
            "> CALC:EC01:0001:STATUS?",
            "< 2",
            "> CALC:EC01:0001:PULSES?",
            "< 0",
            "> CALC:EC01:0001:DUTCONSTANT 900;",  // not while it counts
            "> SYST:ERR?",
            "< -221,Settings conflict;it counts",
            "@ 6.5",
            "> CALC:EC01:0001:PULSES?",
            "< 3",
            "> CALC:EC01:0001:PROGRESS?",
            "< 75",
            "> CALC:EC01:0001:START?",
            "< 1",
            "@ 30",
            "> CALC:EC01:0001:STATUS?",
            "< 4",
            "> CALC:EC01:0001:RESULT?",
            "< 25",
            "> CALC:EC01:0001:RATING?",
            "< 0",
            "> CALC:EC01:0001:UPLIMIT 25;",
            "> CALC:EC01:0001:RATING?",
            "< 1",
            "> CALC:EC01:0001:MMEASTIME?",
            "< 4000",
            "> CALC:EC01:0001:ENERGY?",
            "< 0.004",
            "> CALC:EC01:0001:START 0;",
            "> CALC:EC01:0001:STATUS?",
            "< 4",
            "> SYST:ERR?",
            "< +0,No error"});
  EXPECT_EQ(contact->follows, 1);
  EXPECT_EQ(contact->leaves, 1);
}

TEST_F(ErrorCalculatorSimTest, TwoInstancesCountAtOneInputAndAStopAborts) {
  converse({"> CALC:EC01:0001:DUTCONSTANT 1000;",
            "> CALC:EC01:0002:DUTCONSTANT 1;",
            "> CALC:EC01:0002:DCUNIT Wh/I;",
            "> CALC:EC01:0002:DCUNIT?",
            "< Wh/I",
            "> CALC:EC01:0001:MRATE 3;",
            "> CALC:EC01:0002:MRATE 6;",
            "> CALC:EC01:0001:START 1;",
            "> CALC:EC01:0002:START 1;",
            "> CALC:EC01:0003:START 1;",
            "@ 7.5",
            "> CALC:EC01:0001:STATUS?",
            "< 4",
            "> CALC:EC01:0001:RATING?",
            "< 1",
            "> CALC:EC01:0002:STATUS?",
            "< 2",
            "> CALC:EC01:0003:START 0;",
            "> CALC:EC01:0003:STATUS?",
            "< 8",
            "@ 9.5",
            "> CALC:EC01:0002:STATUS?",
            "< 4",
            "> CALC:EC01:0002:MMEASTIME?",
            "< 6000"});
}

TEST_F(ErrorCalculatorSimTest, ReactiveEnergyHasItsOwnUnitsAndNoPulsesNoResult) {
  // No reactive power stands there, so the reference gives no pulse.
  converse({"> CALC:EC01:0001:DCUNIT I/kVarh;", "> SYST:ERR?", "< -224,Illegal parameter value;I/KVARH",
            "> CALC:EC01:0001:REFSOURCE Q;", "> CALC:EC01:0001:DCUNIT I/kVarh;", "> CALC:EC01:0001:DCUNIT?",
            "< I/kVarh", "> CALC:EC01:0001:MRATE 2;", "> CALC:EC01:0001:START 1;", "@ 9", "> CALC:EC01:0001:STATUS?",
            "< 4", "> CALC:EC01:0001:RESULT?", "< nan", "> CALC:EC01:0001:RATING?", "< 0", "> SYST:ERR?",
            "< +0,No error"});
}

TEST_F(ErrorCalculatorSimTest, AChangeOfRangeAbortsAndGivesAnotherConstantUnlessAllWasCounted) {
  converse({"> SENS:RNG1:UL1:RANG 250V;",
            "> SENS:RNG1:IL1:RANG 10A;",
            "> CONF:POW1:M0CONSTANT?",
            "< 9.6e+07",
            "> CALC:EC01:0001:REFCONSTANT?",
            "< 96000000",
            "> CALC:EC01:0001:DUTCONSTANT 1000;",
            "> CALC:EC01:0001:MRATE 2;",
            "> CALC:EC01:0001:START 1;",
            "@ 5.5",
            "> SENS:RNG1:IL1:RANG 5A;",
            "> CALC:EC01:0001:STATUS?",
            "< 4",
            "> CALC:EC01:0001:RESULT?",
            "< 0",
            "> CALC:EC01:0001:REFCONSTANT?",
            "< 192000000",
            "> CALC:EC01:0001:START 1;",
            "@ 7",
            "> SENS:RNG1:IL1:RANG 5A;",
            "> CALC:EC01:0001:STATUS?",
            "< 2",
            "> SENS:RNG1:IL1:RANG 10A;",
            "> CALC:EC01:0001:STATUS?",
            "< 8"});
}

TEST_F(ErrorCalculatorSimTest, WhatItDoesNotHaveIsRefused) {
  converse({"> CALC:EC01:0009:START 1;",
            "> CALC:EC01:0001:DUTSOURCE SC9;",
            "> CALC:EC01:0001:CONTINUOUS 1;",
            "> CALC:EC01:0001:MRATE 2.5;",
            "> CALC:EC01:0001:DUTCONSTANT 0;",
            "> CALC:EC01:0001:MRATE 1000000;",
            "> CALC:EC01:0001:START 1;",
            "> SYST:ERR?",
            "< -114,Header suffix out of range;8 calculators",
            "> SYST:ERR?",
            "< -224,Illegal parameter value;SC9",
            "> SYST:ERR?",
            "< -224,Illegal parameter value;repetition is not simulated",
            "> SYST:ERR?",
            "< -222,Data out of range;1 to 4.29497e+09, whole",
            "> SYST:ERR?",
            "< -222,Data out of range;1e-06 to 1e+20",
            "> SYST:ERR?",
            "< -222,Data out of range;a target of 1 to 4294967295 pulses of the reference",
            "> SYST:ERR?",
            "< +0,No error",
            "> CALC:EC01:0001:STATUS?",
            "< 0"});
}

}  // namespace
}  // namespace blondel::sim
