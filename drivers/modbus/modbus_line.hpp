#pragma once

#include <functional>
#include <string>

#include "drivers/time/clock.hpp"

namespace blondel {

struct SerialSettings {
  int baud = 19200;
  char parity = 'N';  ///< 'N', 'E' or 'O'
  int stop_bits = 1;
  bool operator==(const SerialSettings&) const = default;
};

/// One RS-485 line as the Modbus library sees it: where it is, and the bookkeeping by which virtual time stands still
/// while the library computes and moves while it waits for the meter.
class ModbusLine {
 public:
  virtual ~ModbusLine() = default;

  /// A serial device the library opens itself, or empty when descriptor() is to be used.
  virtual std::string device() const = 0;
  virtual SerialSettings settings() const = 0;
  /// A connected socket for modbus_set_socket, or -1 when the library is to open device().
  virtual int descriptor() const = 0;

  /// Executive's thread, before a library call starts on its worker; the call fails at `deadline`.
  virtual void call_begins(const std::string& what, Time deadline) = 0;
  /// Worker's thread, when the call has returned; `deliver` then runs on the executive's thread.
  virtual void call_ended(std::function<void()> deliver) = 0;
};

}  // namespace blondel
