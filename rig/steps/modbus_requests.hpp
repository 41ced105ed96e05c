#pragma once

#include <string>
#include <vector>

#include "drivers/modbus/reply.hpp"

namespace blondel {

/// One request to a meter's Modbus server, and every reply that is permitted to it.
struct ModbusRequest {
  /// What is wrong with the frame on purpose.
  enum class Spoilt { nothing, checksum, address, broadcast, broken_off };

  std::string name;
  int function{};
  ModbusBytes data;
  std::vector<std::string> permitted;  ///< "answer", "exception 02", "silence"
  Spoilt spoilt = Spoilt::nothing;
  /// Of an answer: empty, or text that must stand in it, or the words that its one register may have.
  std::string contains{};
  std::vector<int> words{};
  /// Of an answer: the bytes that its data must have from the second on (the first counts them), or nothing.
  ModbusBytes after_count{};

  /// The frame to a meter at that address. @param nobody  an address at which nobody listens on its line
  ModbusBytes frame(int unit, int nobody) const;
  /// Whether every meter must answer it, so that whatever else comes is the line's doing or its silence.
  bool plain() const { return spoilt == Spoilt::nothing && permitted == std::vector<std::string>{"answer"}; }
  /// "answer", "exception 02", "silence", "malformed", "foreign".
  static std::string word(const Reply& reply);
  /// Empty where the reply is permitted; else what is wrong with it.
  std::string objection(const Reply& reply) const;
};

/// The first address behind `unit` at which none of these listens, from 1 to 247 round about.
int address_of_nobody(int unit, const std::vector<int>& units);

/// The requests that every Series 4000-K must be right about, by the MODBUS application protocol V1.1b3 and the serial
/// line guide V1.02; where its installation guide leaves the reply open, all replies that it may give.
/// @param firmware  register 7001, as the meter told it
std::vector<ModbusRequest> conformance_requests(int firmware);

}  // namespace blondel
