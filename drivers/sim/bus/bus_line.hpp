#pragma once

#include <string>

#include "drivers/modbus/library_socket.hpp"
#include "drivers/modbus/modbus_line.hpp"
#include "drivers/sim/bus/bus_wire.hpp"

namespace blondel::sim {

/// The RS-485 line of one position inside this program: the Modbus library at one end, a simulated meter at the other.
class BusLine final : public ModbusLine {
 public:
  /// `meter` outlives this. `meter_port` is how the meter's own port is set.
  BusLine(Clock& clock, SimulatedMeter& meter, std::string device, SerialSettings meter_port, Order order,
          std::uint64_t seed);
  ~BusLine() override { socket_.detach(); }

  BusWire& wire() { return wire_; }
  /// Answers that arrived when no call waited for one.
  std::uint64_t stray_answers() const { return stray_; }

  std::string device() const override { return device_; }
  SerialSettings settings() const override { return wire_.settings(); }
  void configure(SerialSettings settings) override { wire_.configure(settings); }
  int descriptor() const override { return socket_.descriptor(); }
  /// Answers arrive whole, so wall time only passes for those that break off.
  Duration longest_gap() const override { return std::chrono::milliseconds{1}; }
  void call_begins(const std::string& what, Time deadline) override { socket_.call_begins(what, deadline); }
  void end_call() override { socket_.end_call(); }
  void call_ended(std::function<void()> deliver) override { socket_.call_ended(std::move(deliver)); }

 private:
  std::string device_;
  std::uint64_t stray_ = 0;
  LibrarySocket socket_;
  BusWire wire_;
};

}  // namespace blondel::sim
