#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

using ModbusBytes = std::vector<std::uint8_t>;

/// What came back to a Modbus request, by name.
struct Reply {
  enum class Kind {
    answer,     ///< a whole frame that fits the request
    exception,  ///< the meter refused: `exception` has the code
    silence,    ///< nothing at all
    malformed,  ///< bytes that are no frame: bad checksum, broken off, too long, a line that is stuck
    foreign,    ///< a whole frame, but not to this request: another address or function, an echo, an older answer
  };
  Kind kind = Kind::silence;
  ModbusBytes heard;  ///< all that came, as it was on the line, checksums included
  ModbusBytes data;   ///< of an answer: what stands behind address and function, without the checksum
  int exception = 0;  ///< code of an exception answer
  std::string what;   ///< in words, empty for a good answer: "the answer ended after 5 of 9 bytes"
  Duration after{};   ///< from the request's last stop bit to the last byte heard; nothing in silence
};

/// An RTU frame: address, function, data, and the checksum behind them.
/// Source: MODBUS over serial line specification and implementation guide V1.02, 2.3 and 6.2.2.
ModbusBytes rtu_frame(int unit, int function, const ModbusBytes& data);

/// CRC-16 of Modbus over serial line. Source: the same, 6.2.2: polynomial 0xA001 reflected, initial value 0xFFFF.
std::uint16_t rtu_checksum(const std::string& bytes);

/// Says what `heard` is as the reply to `request`, both RTU as they were on the line. Address, function, length, byte
/// count and what function 06 and 10 hex repeat must all fit; lengths of functions it does not know are not judged.
Reply judge_rtu(const std::string& request, const std::string& heard);

/// Names as in the MODBUS application protocol specification V1.1b3, section 7.
std::string exception_name(int code);

}  // namespace blondel
