#pragma once

#include <memory>
#include <string>

#include "drivers/modbus/line_call.hpp"
#include "drivers/modbus/line_turns.hpp"
#include "drivers/modbus/modbus_line.hpp"
#include "drivers/sim/bus/bus.hpp"

namespace blondel::sim {

/// A master of this program on a simulated bus: a Modbus client at one end, the meters at the others.
class BusLine final : public ModbusLine {
 public:
  /// On a bus that others are on too; it outlives this. `port` is how the master's port is set until configure().
  BusLine(Clock& clock, Bus& bus, std::string device, SerialSettings port, Order order);
  /// With a bus of its own and one meter on it. `meter` outlives this. `meter_port` is how the meter's port is set, and
  /// the master's until configure().
  BusLine(Clock& clock, SimulatedMeter& meter, std::string device, SerialSettings meter_port, Order order,
          std::uint64_t seed);
  ~BusLine() override;

  Bus& bus() { return bus_; }
  /// What goes wrong on the wire of the one meter of an own bus.
  void set_fault(LineFault fault) { bus_.set_fault(0, fault); }
  /// Answers that arrived when no call waited for one.
  std::uint64_t stray_answers() const { return stray_; }

  std::string device() const override { return device_; }
  SerialSettings settings() const override { return bus_.settings(tap_); }
  void configure(SerialSettings settings) override { bus_.configure(tap_, settings); }
  /// Answers arrive whole: what has not come with the first byte does not come.
  Duration longest_gap() const override { return std::chrono::milliseconds{1}; }
  LineCall& call() override { return call_; }
  LineTurns& turns() override { return turns_; }

 private:
  BusLine(Clock& clock, std::unique_ptr<Bus> own, Bus* shared, std::string device, SerialSettings port, Order order);

  std::string device_;
  std::uint64_t stray_ = 0;
  std::unique_ptr<Bus> own_;
  Bus& bus_;
  LineTurns turns_;
  LineCall call_;
  Bus::Tap tap_;
};

}  // namespace blondel::sim
