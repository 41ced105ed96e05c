#include "drivers/sim/circuit/three_phase_circuit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

constexpr Time start{Circuit::notice};
constexpr double pi = std::numbers::pi;

CircuitSettings exact(int sockets = 1) {
  CircuitSettings settings;
  settings.source = {.gain_bound_ppm = 0,
                     .phase_bound_urad = 0,
                     .flutter_ppm = 0,
                     .voltage_output_ohm = 0,
                     .current_output_ohm = std::numeric_limits<double>::infinity()};
  settings.sockets.resize(sockets);
  return settings;
}

SetPoint wye(double volts, double amperes, double lag, double hz = 60) {
  SetPoint point{.on = true, .frequency_hz = hz, .channels = {}};
  for (int k = 0; k < 3; ++k) {
    const double angle = -2 * pi / 3 * k;
    point.channels[k][1] = std::polar(volts, angle);
    point.channels[ia + k][1] = std::polar(amperes, angle - lag);
  }
  return point;
}

double active_power(const Stretch& s) {
  double watts = 0;
  for (int k = 0; k < 3; ++k)
    for (const auto& [order, u] : s.channels[k])
      if (const auto i = s.channels[ia + k].find(order); i != s.channels[ia + k].end())
        watts += order == 0 ? u.real() * i->second.real() : (u * std::conj(i->second)).real();
  return watts;
}

TEST(ThreePhaseCircuit, ReferenceSeesThePowerOfTheSetPoint) {
  VirtualClock clock;
  ThreePhaseCircuit circuit{clock, exact()};
  auto point = wye(277, 5, pi / 3);
  point.channels[ua][3] = std::polar(27.7, 0.4);
  point.channels[ia][3] = std::polar(1.0, 0.4 - pi / 4);
  circuit.set(point, start);
  const auto all = circuit.at_reference(Time{60s}, Time{61s});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].from, Time{60s});
  EXPECT_EQ(all[0].to, Time{61s});
  EXPECT_NEAR(active_power(all[0]), 3 * 277 * 5 * 0.5 + 27.7 * std::cos(pi / 4), 1e-9);
  EXPECT_DOUBLE_EQ(all[0].frequency_hz, 60);
}

TEST(ThreePhaseCircuit, OutputRampsUpOverTheSoftStart) {
  VirtualClock clock;
  auto settings = exact();
  settings.source.soft_start = 2s;
  ThreePhaseCircuit circuit{clock, settings};
  circuit.set(wye(200, 5, 0), Time{1s});
  EXPECT_TRUE(circuit.dead(Time{1s}));
  EXPECT_TRUE(circuit.at_reference(Time{0s}, Time{1s})[0].channels[ua].empty());
  const auto quarter = circuit.at_reference(Time{1s}, Time{1500ms}).back();
  const double middle_s = in_seconds(quarter.from + (quarter.to - quarter.from) / 2) - 1;
  EXPECT_NEAR(std::abs(quarter.channels[ua].at(1)), 200 * middle_s / 2, 1e-9);
  EXPECT_NEAR(std::abs(circuit.at_reference(Time{3s}, Time{4s})[0].channels[ua].at(1)), 200, 1e-12);
}

TEST(ThreePhaseCircuit, AmplitudeApproachesANewSetPointFromTheOldOne) {
  VirtualClock clock;
  auto settings = exact();
  settings.source.time_constant = 500ms;
  ThreePhaseCircuit circuit{clock, settings};
  circuit.set(wye(200, 5, 0), start);
  circuit.set(wye(200, 1, 0.3), Time{10s});
  // One time constant later 1/e of the way from 5 A to 1 A is left.
  const auto piece = circuit.source().piece_at(Time{10500ms});
  EXPECT_NEAR(rms(piece.regime->waves[ia]) * circuit.source().factor(piece, ia, Time{10500ms}), 1 + 4 / std::exp(1.0),
              1e-12);
  EXPECT_NEAR(std::arg(circuit.at_reference(Time{10001ms}, Time{10002ms})[0].channels[ia].at(1)), -0.3, 1e-12);
  const auto settled = circuit.at_reference(Time{30s}, Time{31s});
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_NEAR(std::abs(settled[0].channels[ia].at(1)), 1, 1e-15);
  for (const auto& stretch : circuit.at_reference(Time{10s}, Time{11s})) EXPECT_LE(stretch.to - stretch.from, 5ms);
}

TEST(ThreePhaseCircuit, StretchesCoverTheIntervalWithoutGapOrOverlap) {
  VirtualClock clock;
  auto settings = exact();
  settings.source.flutter_ppm = 20;
  ThreePhaseCircuit circuit{clock, settings};
  circuit.set(wye(200, 5, 0), Time{333ms});
  circuit.set(wye(210, 5, 0), Time{2777ms});
  Time t{100ms};
  for (const auto& stretch : circuit.at_reference(t, Time{9123ms})) {
    EXPECT_EQ(stretch.from, t);
    EXPECT_GT(stretch.to, stretch.from);
    t = stretch.to;
    if (stretch.from >= Time{333ms}) {
      EXPECT_LE(stretch.to - stretch.from, 100ms);
    }
  }
  EXPECT_EQ(t, Time{9123ms});
}

TEST(ThreePhaseCircuit, SwitchedOffIsDeadWithinATenthOfASecond) {
  VirtualClock clock;
  ThreePhaseCircuit circuit{clock, exact()};
  circuit.set(wye(277, 5, 0), start);
  EXPECT_FALSE(circuit.dead(Time{10s}));
  circuit.set(SetPoint{}, Time{10s});
  EXPECT_FALSE(circuit.dead(Time{10s}));
  EXPECT_TRUE(circuit.dead(Time{10100ms}));
  const auto later = circuit.at_reference(Time{11s}, Time{12s});
  for (const auto& channel : later[0].channels) EXPECT_TRUE(channel.empty());
}

TEST(ThreePhaseCircuit, SwitchingOffWhileARampIsRunningGoesOnFromWhereItWas) {
  VirtualClock clock;
  ThreePhaseCircuit circuit{clock, exact()};
  circuit.set(wye(200, 5, 0), Time{1s});
  circuit.set(SetPoint{}, Time{2s});
  const auto piece = circuit.source().piece_at(Time{2s});
  EXPECT_NEAR(rms(piece.regime->waves[ua]) * circuit.source().factor(piece, ua, Time{2s}), 100, 1e-9);
}

TEST(ThreePhaseCircuit, LaterAnnouncementForAnEarlierInstantReplacesWhatWasToCome) {
  VirtualClock clock;
  ThreePhaseCircuit circuit{clock, exact()};
  circuit.set(wye(277, 5, 0), Time{5s});
  circuit.set(SetPoint{}, Time{4s});
  EXPECT_TRUE(circuit.dead(Time{20s}));
}

TEST(ThreePhaseCircuit, ChangeAnnouncedTooLateIsAMistakeOfOurs) {
  VirtualClock clock;
  ThreePhaseCircuit circuit{clock, exact()};
  EXPECT_THROW(circuit.set(wye(277, 5, 0), Time{19ms}), std::logic_error);
  EXPECT_THROW(circuit.set_control_power(1, false, Time{19ms}), std::logic_error);
  EXPECT_THROW(circuit.set_control_power(2, false, Time{1s}), std::logic_error);
}

TEST(ThreePhaseCircuit, SettingErrorsStayWithinTheirBoundsAndFollowFromTheSeed) {
  VirtualClock clock;
  auto settings = exact();
  settings.source.gain_bound_ppm = 100;
  settings.source.phase_bound_urad = 50;
  std::array<Phasor, 3> got;
  for (int run = 0; run < 3; ++run) {
    settings.seed = run == 2 ? 99 : 7;
    ThreePhaseCircuit circuit{clock, settings};
    circuit.set(wye(200, 5, 0), start);
    got[run] = circuit.at_reference(Time{60s}, Time{61s})[0].channels[ua].at(1);
    EXPECT_LE(std::abs(std::abs(got[run]) / 200 - 1), 100e-6);
    EXPECT_LE(std::abs(std::arg(got[run])), 50e-6);
    EXPECT_NE(std::abs(got[run]), 200);
  }
  EXPECT_EQ(got[0], got[1]);
  EXPECT_NE(got[0], got[2]);
}

TEST(ThreePhaseCircuit, FlutterHasTheRmsItWasGivenAndDoesNotDependOnWhoAsks) {
  VirtualClock clock;
  auto settings = exact();
  settings.source.flutter_ppm = 50;
  ThreePhaseCircuit circuit{clock, settings};
  circuit.set(wye(200, 5, 0), start);
  double squares = 0;
  const auto all = circuit.at_reference(Time{100s}, Time{500s});
  ASSERT_EQ(all.size(), 4000u);
  for (const auto& stretch : all) squares += std::pow(std::abs(stretch.channels[ub].at(1)) / 200 - 1, 2);
  EXPECT_NEAR(std::sqrt(squares / 4000) * 1e6, 50, 3);
  const auto again = circuit.at_reference(Time{250050ms}, Time{250060ms});
  EXPECT_EQ(again[0].channels[ub], all[1500].channels[ub]);
}

TEST(ThreePhaseCircuit, EverySocketLoadsTheCircuit) {
  VirtualClock clock;
  auto settings = exact(20);
  settings.source.voltage_output_ohm = 25;
  settings.source.current_output_ohm = 1000;
  for (auto& socket : settings.sockets) {
    socket.voltage_lead_ohm = {0, 0, 0};
    for (auto& ct : socket.ct) ct.primary_ohm = 0.05;
  }
  ThreePhaseCircuit circuit{clock, settings};
  circuit.set(wye(230, 5, 0), start);
  const auto s = circuit.at_reference(Time{60s}, Time{61s})[0];
  EXPECT_NEAR(std::abs(s.channels[uc].at(1)), 230 / (1 + 25 / 125e3), 1e-9);
  EXPECT_NEAR(std::abs(s.channels[ic].at(1)), 5 / (1 + 1.0 / 1000), 1e-12);
  EXPECT_NEAR(circuit.compliance_voltage(0), 5.0, 1e-12);
}

TEST(ThreePhaseCircuit, ControlPowerChangesWhenAnnounced) {
  VirtualClock clock;
  ThreePhaseCircuit circuit{clock, exact(2)};
  circuit.set_control_power(2, false, Time{5s});
  circuit.set_control_power(2, true, Time{8s});
  EXPECT_TRUE(circuit.control_power(2, Time{4999ms}));
  EXPECT_FALSE(circuit.control_power(2, Time{5s}));
  EXPECT_TRUE(circuit.control_power(2, Time{8s}));
  EXPECT_TRUE(circuit.control_power(1, Time{6s}));
  EXPECT_EQ(circuit.next_power_change(2, Time{1s}), Time{5s});
  EXPECT_EQ(circuit.next_power_change(2, Time{5s}), Time{8s});
  EXPECT_EQ(circuit.next_power_change(2, Time{8s}), never);
}

}  // namespace
}  // namespace blondel::sim
