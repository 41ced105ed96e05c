#pragma once

#include <boost/asio/serial_port.hpp>

#include <array>
#include <memory>

#include "drivers/modbus/line_call.hpp"
#include "drivers/modbus/line_turns.hpp"
#include "drivers/modbus/modbus_line.hpp"

namespace blondel {

/// A serial device of the operating system: an RS-485 adapter, or a pseudo-terminal. Wall time only.
class SerialLine final : public ModbusLine {
 public:
  /// @throws Failure(unreachable) when the device cannot be opened; std::logic_error in virtual time.
  SerialLine(Clock& clock, std::string device, Order order, SerialSettings settings = {});
  ~SerialLine() override;

  std::string device() const override { return device_; }
  SerialSettings settings() const override { return settings_; }
  void configure(SerialSettings settings) override;
  /// Adapters hold bytes back for up to 16 ms, and a driver under load for longer.
  Duration longest_gap() const override { return std::chrono::milliseconds{100}; }
  LineCall& call() override { return call_; }
  LineTurns& turns() override { return turns_; }

 private:
  struct Port;
  Time send(const std::string& request);

  std::string device_;
  SerialSettings settings_;
  Clock& clock_;
  LineTurns turns_;
  LineCall call_;
  std::shared_ptr<Port> port_;
};

}  // namespace blondel
