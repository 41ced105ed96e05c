#include "drivers/sim/instruments/status_registers.hpp"

namespace blondel::sim {

std::string error_text(int code) {
  switch (code) {
    case 0: return "No error";
    case -100: return "Command error";
    case -101: return "Invalid character";
    case -102: return "Syntax error";
    case -103: return "Invalid separator";
    case -104: return "Data type error";
    case -108: return "Parameter not allowed";
    case -109: return "Missing parameter";
    case -113: return "Undefined header";
    case -114: return "Header suffix out of range";
    case -120: return "Numeric data error";
    case -151: return "Invalid string data";
    case -161: return "Invalid block data";
    case -170: return "Expression error";
    case -200: return "Execution error";
    case -221: return "Settings conflict";
    case -222: return "Data out of range";
    case -224: return "Illegal parameter value";
    case -240: return "Hardware error";
    case -241: return "Hardware missing";
    case -310: return "System error";
    case -350: return "Queue overflow";
    case -363: return "Input buffer overrun";
    default: return "Device error";
  }
}

namespace {

/// A detail may repeat what was sent; the queue must stay readable whatever that was.
std::string printable(std::string text) {
  for (char& c : text)
    if (c < 0x20 || c > 0x7E || c == '"') c = '?';
  return text;
}

}  // namespace

void StatusRegisters::report(int code, const std::string& detail) {
  if (code <= -100 && code > -200)
    raise(command_error);
  else if (code <= -200 && code > -300)
    raise(execution_error);
  else if (code <= -400 && code > -500)
    raise(query_error);
  else
    raise(device_error);
  if (queue_.size() == queue_length)
    queue_.back() = {-350, error_text(-350)};
  else
    queue_.push_back(
        {code, printable(error_text(code) + (detail.empty() ? "" : ";" + detail)).substr(0, longest_text)});
}

StatusRegisters::Entry StatusRegisters::next() {
  if (queue_.empty()) return {0, error_text(0)};
  auto entry = queue_.front();
  queue_.pop_front();
  return entry;
}

std::uint8_t StatusRegisters::take_events() {
  const auto events = events_;
  events_ = 0;
  return events;
}

std::uint8_t StatusRegisters::status_byte(bool message_available) const {
  unsigned byte = 0;
  if (!queue_.empty()) byte |= 4;
  if (message_available) byte |= 16;
  if (events_ & event_enable) byte |= 32;
  if (byte & service_enable & ~64u) byte |= 64;
  return static_cast<std::uint8_t>(byte);
}

void StatusRegisters::clear() {
  queue_.clear();
  events_ = 0;
}

}  // namespace blondel::sim
