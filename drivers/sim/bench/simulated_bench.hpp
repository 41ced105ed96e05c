#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/modbus/shared_line.hpp"
#include "drivers/sim/bench/bench_wiring.hpp"
#include "drivers/sim/bus/bus.hpp"
#include "drivers/sim/circuit/meter_front_end.hpp"
#include "drivers/sim/circuit/three_phase_circuit.hpp"
#include "drivers/sim/instruments/fluke_6105a_sim.hpp"
#include "drivers/sim/instruments/plant_recorder.hpp"
#include "drivers/sim/instruments/scpi_switch_sim.hpp"
#include "drivers/sim/instruments/zera_com5003_sim.hpp"
#include "drivers/sim/meter/simulated_meter.hpp"
#include "drivers/time/background.hpp"
#include "drivers/transport/surroundings.hpp"

namespace blondel::sim {

struct PlannedFault;

/// A bench file's other half: one circuit, the instruments that answer at its addresses, and a meter process at every
/// socket. Meters are started when they are first touched, so those that nobody judges cost nothing; they load the
/// circuit all the same.
class SimulatedBench final : public Surroundings {
 public:
  /// @param simulation  the bench file's section; see docs/write-a-bench.md
  /// @throws Failure (malformed) where the section is wrong, or a driver has no simulator.
  SimulatedBench(Clock& clock, BenchWiring wiring, const Settings& simulation);
  ~SimulatedBench() override;

  Clock& clock() override { return clock_; }
  Task<std::unique_ptr<ByteStream>> connect(std::string visa_address, Order order, Time deadline) override;
  std::unique_ptr<ModbusLine> rs485(const std::string& device, Order order) override;
  std::string known_trouble(const std::string& pulse_contact) const override;
  std::unique_ptr<PulseInput> contact(const std::string& line, Order order) override;
  std::unique_ptr<WaveformRecorder> recorder(double rate_hz, Order order) override;

  Circuit& circuit() { return *circuit_; }
  Fluke6105aSim& source() { return *source_; }
  ZeraCom5003Sim& reference() { return *reference_; }
  ScpiSwitchSim& control_power() { return *control_power_; }
  SimulatedMeter& meter(int position);
  /// Somebody wants to stop: no firmware build is waited for longer than a second of wall time any more, whatever the
  /// bench file says.
  void hurry();
  /// The RS-485 bus at a port, with the meters of all positions that share it. @throws Failure(unreachable).
  Bus& bus(const std::string& port);
  int positions() const { return static_cast<int>(wiring_.sockets.size()); }
  const BenchWiring& wiring() const { return wiring_; }
  /// The firmware that stands at a position.
  const BuildFile& build(int position) const { return builds_.at(static_cast<std::size_t>(position) - 1); }

  // Before the first touch of a meter.
  /// Breaks the analog part of a position's meter.
  void break_meter(int position, const AnalogFaults& faults);
  /// Exchanges the RS-485 cables of two positions.
  void swap_ports(int a, int b);
  /// From an instant on the link to a position's meter has this fault, and those that were planned before too.
  void break_line(int position, LineFault fault, Time from);
  /// From an instant on the pulse contact of a position's meter closes no more.
  void stop_pulses(int position, Time from);
  /// From an instant on the wire of a position's alarm contact is broken: it reads open, whatever the contact does.
  void break_alarm_wire(int position, Time from);
  /// A position's alarm contact is welded: it reads closed, whatever the meter does.
  void weld_alarm(int position);
  /// At an instant the control power of a position fails for a second by itself.
  void restart_meter(int position, Time at);

  /// An instrument's end of a new connection to an address; throws Failure(unreachable) when nobody lives there.
  Task<void> serve(const std::string& visa_address, std::unique_ptr<ByteStream> wire);

 private:
  struct Site;
  struct PortBus;
  Site& site(int position);
  Task<void> restart_at(int position, Time at);
  Task<void> fault_from(int position, LineFault fault, Time from);
  void plan(const PlannedFault& fault);
  Task<void> inject_at(PlannedFault fault);

  Clock& clock_;
  BenchWiring wiring_;
  std::vector<BuildFile> builds_;
  PlantRecorderTraits recorder_traits_;
  std::unique_ptr<ThreePhaseCircuit> circuit_;
  std::unique_ptr<Fluke6105aSim> source_;
  std::unique_ptr<ZeraCom5003Sim> reference_;
  std::unique_ptr<ScpiSwitchSim> control_power_;
  std::vector<std::unique_ptr<Site>> sites_;
  std::map<std::string, std::unique_ptr<PortBus>> buses_;
  OpenLines lines_;
  std::map<std::string, std::uint64_t> connections_;
  Background servers_;
};

}  // namespace blondel::sim
