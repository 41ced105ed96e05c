#include "rig/steps/modbus_requests.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace blondel {

namespace {

using Spoilt = ModbusRequest::Spoilt;

/// The data of a request for registers: the first, as on the wire, and how many.
ModbusBytes registers(int first, int count) {
  const auto high = [](int value) { return static_cast<std::uint8_t>(value >> 8 & 0xFF); };
  const auto low = [](int value) { return static_cast<std::uint8_t>(value & 0xFF); };
  return {high(first), low(first), high(count), low(count)};
}

constexpr int version = 7000, gap = 59, nowhere = 0xFFFF;

}  // namespace

int address_of_nobody(int unit, const std::vector<int>& units) {
  // A port takes 63 meters: there is always one.
  for (int address = unit % 247 + 1;; address = address % 247 + 1)
    if (std::ranges::find(units, address) == units.end()) return address;
}

ModbusBytes ModbusRequest::frame(int unit, int nobody) const {
  int address = unit;
  if (spoilt == Spoilt::address) address = nobody;
  if (spoilt == Spoilt::broadcast) address = 0;
  auto bytes = rtu_frame(address, function, data);
  if (spoilt == Spoilt::checksum) bytes.back() ^= 0x01;
  if (spoilt == Spoilt::broken_off) bytes.resize(bytes.size() - 3);
  return bytes;
}

std::string ModbusRequest::word(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::answer: return "answer";
    case Reply::Kind::exception: return fmt::format("exception {:02}", reply.exception);
    case Reply::Kind::silence: return "silence";
    case Reply::Kind::malformed: return "malformed";
    case Reply::Kind::foreign: return "foreign";
  }
  return {};
}

std::string ModbusRequest::objection(const Reply& reply) const {
  const auto said = word(reply);
  if (std::ranges::find(permitted, said) == permitted.end())
    return fmt::format("{}{}, expected {}", said, reply.what.empty() ? "" : " (" + reply.what + ")",
                       fmt::join(permitted, " or "));
  if (reply.kind != Reply::Kind::answer) return {};
  const std::string text{reply.data.begin(), reply.data.end()};
  if (text.find(contains) == std::string::npos) return fmt::format("the answer does not contain '{}'", contains);
  for (std::size_t i = 0; i < after_count.size(); ++i)
    if (reply.data.size() < i + 2 || reply.data[i + 1] != after_count[i])
      return fmt::format("byte {} of the data is {}, expected {:02X} hex", i + 2,
                         reply.data.size() < i + 2 ? "missing" : fmt::format("{:02X} hex", reply.data[i + 1]),
                         after_count[i]);
  if (words.empty()) return {};
  if (reply.data.size() != 3) return fmt::format("{} bytes of data for one register, expected 3", reply.data.size());
  const int value = reply.data[1] << 8 | reply.data[2];
  if (std::ranges::find(words, value) == words.end())
    return fmt::format("the register reads {}, expected {}", value, fmt::join(words, " or "));
  return {};
}

std::vector<ModbusRequest> conformance_requests(int firmware) {
  const std::vector<std::string> answered{"answer"}, unheard{"silence"}, no_function{"exception 01"},
      no_register{"exception 02"}, no_value{"exception 03"};
  // How many registers one request may ask for, and what a gap in the map reads, are not printed.
  const std::vector<std::string> many{"answer", "exception 02", "exception 03"}, in_a_gap{"answer", "exception 02"};
  const auto one = registers(version, 1);
  return {
      {"function 03", 0x03, one, answered, Spoilt::nothing, "", {firmware}},
      {"function 04 serves the same registers", 0x04, one, answered, Spoilt::nothing, "", {firmware}},
      {"52 registers at once", 0x03, registers(0, 52), many},
      {"125 registers at once", 0x03, registers(256, 125), many},
      {"no registers", 0x03, registers(0, 0), no_value},
      {"126 registers at once", 0x03, registers(0, 126), no_value},
      {"a register in a gap of the map", 0x03, registers(gap, 1), in_a_gap, Spoilt::nothing, "", {0, 0x8000}},
      {"a register beyond the map", 0x03, registers(nowhere, 1), no_register},
      {"function 04 beyond the map", 0x04, registers(nowhere, 1), no_register},
      {"a function there is not, 01", 0x01, registers(0, 1), no_function},
      {"a function there is not, 41 hex", 0x41, {}, no_function},
      {"function 06 into a gap of the map", 0x06, registers(gap, 1), no_register},
      {"function 10 hex without registers", 0x10, {0, 0x8D, 0, 0, 0}, no_value},
      {"report of the identity", 0x11, {}, answered, Spoilt::nothing, "Leviton Series 4000"},
      // The family's number, and that its operating system runs. Source: installation guide ZL0138-0A, function 11 hex.
      {"report of the family", 0x11, {}, answered, Spoilt::nothing, "", {}, {247, 0xFF}},
      {"device identification, maker", 0x2B, {0x0E, 0x01, 0x00}, answered, Spoilt::nothing, "Leviton"},
      {"device identification, product", 0x2B, {0x0E, 0x01, 0x00}, answered, Spoilt::nothing, "Series 4000"},
      {"device identification, version",
       0x2B,
       {0x0E, 0x01, 0x00},
       answered,
       Spoilt::nothing,
       // V01.019 or V1.019
       fmt::format("{}.{:03}", firmware / 1000, firmware % 1000)},
      {"a wrong checksum", 0x03, one, unheard, Spoilt::checksum},
      {"another meter's address", 0x03, one, unheard, Spoilt::address},
      {"a question to all", 0x03, one, unheard, Spoilt::broadcast},
      {"a frame that breaks off", 0x03, one, unheard, Spoilt::broken_off},
      {"function 03 after all that", 0x03, one, answered, Spoilt::nothing, "", {firmware}},
  };
}

}  // namespace blondel
