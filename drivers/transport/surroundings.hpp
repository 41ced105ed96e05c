#pragma once

#include <memory>
#include <string>

#include "drivers/modbus/modbus_line.hpp"
#include "drivers/pulse_inputs/pulse_input.hpp"
#include "drivers/transport/byte_stream.hpp"
#include "drivers/waveform_recorders/waveform_recorder.hpp"
#include "references/error.hpp"

namespace blondel {

/// What stands around the drivers: the clock, and the far ends of their wires. In an embedded simulated bench the
/// addresses lead to simulators in this process; otherwise to sockets and devices of the operating system.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual Clock& clock() = 0;

  /// Opens a byte stream to a VISA resource. @throws Failure(unreachable) at the deadline or when refused.
  virtual Task<std::unique_ptr<ByteStream>> connect(std::string visa_address, Order order, Time deadline) = 0;

  /// Opens the RS-485 line at a device name such as "/dev/ttyUSB0". @throws Failure(unreachable).
  virtual std::unique_ptr<ModbusLine> rs485(const std::string& device, Order order) = 0;

  /// What the surroundings know of why the meter behind a pulse contact is silent, e.g. that a simulated meter's
  /// process crashed; else empty.
  virtual std::string known_trouble(const std::string& /*pulse_contact*/) const { return {}; }

  /// Opens a contact input such as "gpiochip0/17". @throws Failure(unreachable).
  virtual std::unique_ptr<PulseInput> contact(const std::string& line, Order order) = 0;

  /// The digitizer at the reference meter's terminals, taking so many samples a second of each channel.
  /// @throws Failure(incapable) where there is none.
  virtual std::unique_ptr<WaveformRecorder> recorder(double rate_hz, Order order);
};

inline std::unique_ptr<WaveformRecorder> Surroundings::recorder(double, Order) {
  throw Failure{Fault::incapable, "recorder", "only a simulated bench has a waveform recorder yet"};
}

}  // namespace blondel
