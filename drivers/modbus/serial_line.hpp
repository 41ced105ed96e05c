#pragma once

#include <boost/asio/serial_port.hpp>

#include <array>
#include <memory>

#include "drivers/modbus/library_socket.hpp"
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
  int descriptor() const override { return socket_.descriptor(); }
  /// Adapters hold bytes back for up to 16 ms, and a driver under load for longer.
  Duration longest_gap() const override { return std::chrono::milliseconds{100}; }
  void call_begins(const std::string& what, Time deadline) override;
  void end_call() override { socket_.end_call(); }
  void call_ended(std::function<void()> deliver) override { socket_.call_ended(std::move(deliver)); }

 private:
  struct Port;
  std::string device_;
  SerialSettings settings_;
  LibrarySocket socket_;
  std::shared_ptr<Port> port_;
};

}  // namespace blondel
