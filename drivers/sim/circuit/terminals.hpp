#pragma once

#include <array>
#include <complex>
#include <vector>

#include "drivers/sim/circuit/circuit_settings.hpp"

namespace blondel::sim {

using Matrix3 = std::array<std::array<double, 3>, 3>;

/// Which of the three phases a system type connects, and whether the meter's neutral terminal is connected.
struct Wiring {
  std::array<bool, 3> voltage{};
  std::array<bool, 3> current{};
  bool neutral = false;
};
/// @throws std::logic_error for anything but 10, 11, 12, 31 and 40.
Wiring wiring(int system_type);

/// Voltages across the inputs of a meter (against its neutral terminal or its own star point) from the potentials on
/// the busbar: row = input, column = phase. Without a neutral the star point floats where the currents through the
/// connected inputs sum to zero; an input that is not connected reads nothing.
Matrix3 voltage_divider(const Wiring& wires, const Socket& socket);

/// Currents that a socket draws from the busbar, per volt of each phase's potential.
Matrix3 admittance(const Wiring& wires, const Socket& socket);

/// Busbar potentials from the source's open-circuit voltages, all sockets connected.
Matrix3 busbar(const Wiring& wires, const CircuitSettings& settings);

/// Ohms that a phase's current loop goes through, all sockets in series.
double current_loop_ohm(const CircuitSettings& settings, int phase);

/// Volts at the meter's CT terminals per ampere in the loop, for an order; order 0 only where the converter passes it.
std::complex<double> ct_transfer(const CtSubstitute& ct, double ct_input_ohm, int order);
/// The same for the converter that stands in a socket.
std::complex<double> ct_transfer(const Socket& socket, int phase, int order);

Matrix3 product(const Matrix3& a, const Matrix3& b);

}  // namespace blondel::sim
