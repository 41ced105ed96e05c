#pragma once

#include <string>

#include "drivers/time/clock.hpp"

namespace blondel {

struct SerialSettings {
  int baud = 19200;
  char parity = 'N';  ///< 'N', 'E' or 'O'
  int stop_bits = 1;
  bool operator==(const SerialSettings&) const = default;
};

/// How long one character takes on the wire: start bit, eight data bits, parity, stop bits.
constexpr Duration character_time(const SerialSettings& s) {
  const int bits = 1 + 8 + (s.parity == 'N' ? 0 : 1) + s.stop_bits;
  return Duration{(1'000'000'000LL * bits + s.baud / 2) / s.baud};
}

/// The silence that ends a frame: 3.5 characters, and 1.75 ms at more than 19200 baud.
/// Source: MODBUS over serial line specification and implementation guide V1.02, 2.5.1.1.
constexpr Duration frame_silence(const SerialSettings& s) {
  return s.baud > 19200 ? Duration{1'750'000} : character_time(s) * 7 / 2;
}

class LineCall;
class LineTurns;

/// A line that meters hang on: where it is, how it is set, and the one call that may be under way on it. Several users
/// may share one (`SharedLine`).
class ModbusLine {
 public:
  virtual ~ModbusLine() = default;

  /// What messages call the line: the device's name.
  virtual std::string device() const = 0;
  virtual SerialSettings settings() const = 0;
  /// Sets the master's side. @throws Failure(incapable) when the device cannot.
  virtual void configure(SerialSettings settings) = 0;
  /// After so long an answer that has begun and does not go on has broken off.
  virtual Duration longest_gap() const = 0;
  /// Where the calls are made.
  virtual LineCall& call() = 0;
  /// Whose call it is.
  virtual LineTurns& turns() = 0;
};

}  // namespace blondel
