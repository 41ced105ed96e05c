#pragma once

#include <vector>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/circuit/circuit_settings.hpp"
#include "drivers/sim/circuit/source_history.hpp"
#include "drivers/sim/circuit/terminals.hpp"

namespace blondel::sim {

/// The circuit of a bench: the source's outputs on a busbar (voltages, in parallel) and through the loop of all CT
/// substitutes (currents, in series), with the reference meter on both.
class ThreePhaseCircuit final : public Circuit {
 public:
  /// @throws std::logic_error for an unknown system type.
  ThreePhaseCircuit(const Clock& clock, CircuitSettings settings);

  void set(const SetPoint& target, Time at) override;
  const SetPoint& target() const override { return source_.target(); }
  bool dead(Time at) const override;
  std::vector<Stretch> at_reference(Time from, Time to) const override;
  void set_control_power(int position, bool on, Time at) override;
  bool control_power(int position, Time at) const override;
  /// The first change of a position's control power after an instant; `never` when none is known.
  Time next_power_change(int position, Time after) const;

  const SourceHistory& source() const { return source_; }
  const CircuitSettings& settings() const { return settings_; }
  const Wiring& wires() const { return wires_; }
  /// @throws std::logic_error when there is no such position (from 1).
  const Socket& socket(int position) const;
  /// The CT substitute of a phase at a load, by its number.
  CtSubstitute ct(int position, int phase, std::uint64_t load) const;
  /// From the source's open-circuit voltages to the potentials that reference and meters share.
  const Matrix3& busbar_gains() const { return busbar_; }
  /// What is left of a set current in the loop of all CT substitutes.
  double loop_gain(int phase) const { return loop_[phase]; }
  /// rms volts that the source's current output must bring up for what it is set to, to compare with its compliance.
  double compliance_voltage(int phase) const;

 private:
  struct Switching {
    Time at;
    bool on{};
  };
  /// When a change takes place that was asked for `at`. @throws std::logic_error in virtual time when that is too soon.
  Time announced_in_time(Time at, const char* what) const;
  const std::vector<Switching>& power_of(int position) const;

  const Clock& clock_;
  CircuitSettings settings_;
  Wiring wires_;
  SourceHistory source_;
  Matrix3 busbar_;
  std::array<double, 3> loop_{};
  std::vector<std::vector<Switching>> power_;
};

}  // namespace blondel::sim
