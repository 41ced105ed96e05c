#include "drivers/sim/circuit/terminals.hpp"

#include <Eigen/LU>

#include <stdexcept>

namespace blondel::sim {

Wiring wiring(int system_type) {
  switch (system_type) {
    case 10: return {{true, false, false}, {true, false, false}, true};
    case 11: return {{true, true, false}, {true, false, false}, false};
    case 12: return {{true, true, false}, {true, true, false}, true};
    case 31: return {{true, true, true}, {true, true, true}, false};
    case 40: return {{true, true, true}, {true, true, true}, true};
    default: throw std::logic_error{"no system type " + std::to_string(system_type)};
  }
}

Matrix3 admittance(const Wiring& wires, const Socket& socket) {
  std::array<double, 3> siemens{};
  double sum = 0;
  for (int k = 0; k < 3; ++k) {
    if (wires.voltage[k]) siemens[k] = 1 / (socket.voltage_lead_ohm[k] + socket.voltage_input_ohm);
    sum += siemens[k];
  }
  // i_k = y_k·(b_k - star), where star = 0 with a neutral and the y-weighted mean without one.
  Matrix3 y{};
  for (int k = 0; k < 3; ++k) {
    y[k][k] = siemens[k];
    if (!wires.neutral)
      for (int j = 0; j < 3; ++j) y[k][j] -= siemens[k] * siemens[j] / sum;
  }
  return y;
}

Matrix3 voltage_divider(const Wiring& wires, const Socket& socket) {
  auto across = admittance(wires, socket);
  for (auto& row : across)
    for (auto& value : row) value *= socket.voltage_input_ohm;
  return across;
}

Matrix3 busbar(const Wiring& wires, const CircuitSettings& settings) {
  // b = e - R·(sum of Y)·b
  Eigen::Matrix3d network = Eigen::Matrix3d::Identity();
  for (const auto& socket : settings.sockets) {
    const auto y = admittance(wires, socket);
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j < 3; ++j) network(k, j) += settings.source.voltage_output_ohm * y[k][j];
  }
  const Eigen::Matrix3d solved = network.inverse();
  Matrix3 b{};
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 3; ++j) b[k][j] = solved(k, j);
  return b;
}

double current_loop_ohm(const CircuitSettings& settings, int phase) {
  double ohm = 0;
  for (const auto& socket : settings.sockets) ohm += socket.ct[phase].primary_ohm;
  return ohm;
}

std::complex<double> ct_transfer(const Socket& socket, int phase, int order) {
  return ct_transfer(socket.ct[phase], socket.ct_input_ohm, order);
}

std::complex<double> ct_transfer(const CtSubstitute& ct, double ct_input_ohm, int order) {
  const double burden = ct_input_ohm / (ct_input_ohm + ct.output_ohm);
  const double volts = ct.ratio_v_per_a * (1 + ct.ratio_error_ppm * 1e-6) * burden;
  if (order == 0) return ct.passes_dc ? volts : 0.0;
  return std::polar(volts, ct.phase_urad * 1e-6);
}

Matrix3 product(const Matrix3& a, const Matrix3& b) {
  Matrix3 c{};
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 3; ++j)
      for (int m = 0; m < 3; ++m) c[k][j] += a[k][m] * b[m][j];
  return c;
}

}  // namespace blondel::sim
