#include "drivers/sim/circuit/terminals.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <stdexcept>

namespace blondel::sim {
namespace {

using Phasors = std::array<std::complex<double>, 3>;

Phasors at_inputs(int system_type, const Socket& socket, const Phasors& potentials) {
  const auto m = voltage_divider(wiring(system_type), socket);
  Phasors v{};
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 3; ++j) v[k] += m[k][j] * potentials[j];
  return v;
}

Phasors positive_sequence(double volts) {
  const double third = 2 * std::numbers::pi / 3;
  return {std::polar(volts, 0.0), std::polar(volts, -third), std::polar(volts, third)};
}

Socket without_leads() {
  Socket socket;
  socket.voltage_lead_ohm = {0, 0, 0};
  return socket;
}

TEST(Terminals, WyeGivesEveryInputItsOwnPhase) {
  const auto u = positive_sequence(230);
  const auto v = at_inputs(40, without_leads(), u);
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(std::abs(v[k] - u[k]), 0, 1e-12);
}

TEST(Terminals, DeltaRemovesWhatAllPhasesHaveInCommon) {
  auto u = positive_sequence(277);
  const auto balanced = at_inputs(31, without_leads(), u);
  for (auto& potential : u) potential += 40.0;  // the same shift for all: no line-to-line voltage changes
  const auto shifted = at_inputs(31, without_leads(), u);
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(std::abs(shifted[k] - balanced[k]), 0, 1e-10);
  EXPECT_NEAR(std::abs(shifted[0] - shifted[1]), 277 * std::numbers::sqrt3, 1e-9);
}

TEST(Terminals, StarPointOfATwoWireLineFloatsToTheMeanOfBothLines) {
  const auto v = at_inputs(11, without_leads(), {120.0, -118.0, 55.0});
  EXPECT_NEAR(v[0].real(), 119.0, 1e-12);
  EXPECT_NEAR(v[1].real(), -119.0, 1e-12);
  EXPECT_EQ(std::abs(v[2]), 0.0);
}

TEST(Terminals, UnusedInputsReadNothing) {
  const auto single = at_inputs(10, without_leads(), positive_sequence(120));
  EXPECT_NEAR(std::abs(single[0]), 120, 1e-12);
  EXPECT_EQ(std::abs(single[1]), 0);
  EXPECT_EQ(std::abs(single[2]), 0);
  const auto split = at_inputs(12, without_leads(), {121.0, -118.0, 300.0});
  EXPECT_NEAR(split[0].real(), 121.0, 1e-12);
  EXPECT_NEAR(split[1].real(), -118.0, 1e-12);
  EXPECT_EQ(std::abs(split[2]), 0);
}

TEST(Terminals, LeadResistanceDividesWithTheInputImpedance) {
  Socket socket;
  socket.voltage_lead_ohm = {250, 0, 0};
  const auto v = at_inputs(40, socket, {230.0, 230.0, 230.0});
  EXPECT_NEAR(v[0].real(), 230.0 / (1 + 250 / 2.5e6), 1e-12);
  EXPECT_NEAR(v[1].real(), 230.0, 1e-12);
}

TEST(Terminals, VoltageSourceSagsByTheParallelLoadOfAllSockets) {
  CircuitSettings settings;
  settings.sockets.assign(10, without_leads());
  settings.source.voltage_output_ohm = 25;
  const auto b = busbar(wiring(40), settings);
  EXPECT_NEAR(b[0][0], 1 / (1 + 25 / 2.5e5), 1e-15);  // ten inputs of 2.5 Mohm make 250 kohm
  EXPECT_EQ(b[0][1], 0.0);
}

TEST(Terminals, DeltaLoadDoesNotDrawOnTheCommonPotential) {
  CircuitSettings settings;
  settings.sockets.assign(10, without_leads());
  settings.source.voltage_output_ohm = 25;
  const auto b = busbar(wiring(31), settings);
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(b[k][0] + b[k][1] + b[k][2], 1.0, 1e-14);
}

TEST(Terminals, BurdenOfTheCtInputIsTheDividerWithTheConvertersOutput) {
  // The 1.5 V range of a Fluke 6105A has 6.67 ohm; its data sheet's arithmetic gives -629 ppm for an input of 10.6
  // kohm.
  Socket socket;
  socket.ct[0] = {.ratio_v_per_a = 1, .output_ohm = 6.67};
  socket.ct_input_ohm = 10.6e3;
  EXPECT_NEAR((ct_transfer(socket, 0, 1).real() - 1) * 1e6, -629, 0.5);
  socket.ct_input_ohm = 32.1e3;
  EXPECT_NEAR((ct_transfer(socket, 0, 1).real() - 1) * 1e6, -208, 0.5);
}

TEST(Terminals, CtSubstituteTurnsAndScalesAndStopsDirectCurrent) {
  Socket socket;
  socket.ct[1] = {.ratio_v_per_a = 0.0666, .ratio_error_ppm = 200, .phase_urad = 150, .output_ohm = 0};
  const auto gain = ct_transfer(socket, 1, 1);
  EXPECT_NEAR(std::abs(gain), 0.0666 * 1.0002, 1e-12);
  EXPECT_NEAR(std::arg(gain), 150e-6, 1e-12);
  EXPECT_EQ(std::abs(ct_transfer(socket, 1, 0)), 0);
  socket.ct[1].passes_dc = true;
  EXPECT_NEAR(ct_transfer(socket, 1, 0).real(), 0.0666 * 1.0002, 1e-12);
}

TEST(Terminals, UnknownSystemTypeIsRefused) {
  EXPECT_THROW(wiring(41), std::logic_error);
}

}  // namespace
}  // namespace blondel::sim
