#include "rig/class_test/point_doubt.hpp"

namespace blondel {

namespace {

/// The reference reads every other second, and its last reading ends within the window: so far the two may be apart.
constexpr double windows_apart_s = 2;

PointInputs::Energy energy_of(const PlannedPoint& point) {
  return point.point.energy == MeteredEnergy::active ? PointInputs::Energy::active : PointInputs::Energy::reactive;
}

void add_mismatch(const Bench& bench, Seconds window, PointInputs& into) {
  const auto& environment = bench.file().environment;
  if (!environment || !environment->instability) return;
  into.mismatch = PointInputs::Mismatch{environment->instability->si(), Seconds{windows_apart_s}, window};
}

}  // namespace

Result<PointInputs> certified_inputs(const Bench& bench, const Traceability& traceability, const PlannedPoint& point) {
  // Positions differ by their CT substitutes; the one that is known worst decides.
  std::optional<PointInputs> worst;
  double most = -1;
  for (const auto& socket : bench.file().sockets) {
    auto inputs = traceability.at(point.load, energy_of(point), socket.position);
    if (!inputs) return inputs;
    const auto budget = point_budget(*inputs);
    if (!budget) return tl::unexpected<Error>{budget.error()};
    if (const double u = budget->combined(); u > most) {
      most = u;
      worst = std::move(*inputs);
    }
    // Without certificates of their own all positions are alike.
    if (socket.ct_certificates.empty() && most >= 0 && bench.file().sockets.front().ct_certificates.empty()) break;
  }
  return *worst;
}

PointInputs planned_inputs(PointInputs certified, const Bench& bench, const PlannedPoint& point,
                           const EnergyMethod& method, Seconds window) {
  add_mismatch(bench, window, certified);
  method.foretell(bench.file(), point, window, certified);
  return certified;
}

Result<PointInputs> found_inputs(const Bench& bench, const Traceability& traceability, const PlannedPoint& point,
                                 int position, const Registered& registered,
                                 const std::optional<ReferenceWatch::Mean>& truth, Seconds window) {
  auto inputs = traceability.at(point.load, energy_of(point), position);
  if (!inputs) return inputs;
  inputs->pulses = registered.doubt.pulses;
  inputs->whole_pulses_half_width = registered.doubt.whole_pulses_half_width;
  inputs->registers = registered.doubt.registers;
  inputs->meter_readings = registered.doubt.meter_readings;
  if (truth) {
    inputs->reference_readings = truth->spread;
    add_mismatch(bench, window, *inputs);
  }
  return inputs;
}

}  // namespace blondel
