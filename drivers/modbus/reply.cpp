#include "drivers/modbus/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace blondel {

namespace {

constexpr std::size_t shortest_frame = 4, exception_frame = 5;

int at(const std::string& bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

int word(const std::string& bytes, std::size_t i) {
  return at(bytes, i) << 8 | at(bytes, i + 1);
}

ModbusBytes as_bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

bool is_frame(const std::string& bytes) {
  return bytes.size() >= shortest_frame && rtu_checksum(bytes) == 0;
}

/// How long an answer says it is, address and checksum included; nothing when too little of it is there, or the
/// function has no length of its own.
std::optional<std::size_t> told_length(const std::string& heard) {
  if (heard.size() < 2) return std::nullopt;
  const int function = at(heard, 1);
  if ((function & 0x80) != 0) return exception_frame;
  switch (function) {
    case 0x05:
    case 0x06:
    case 0x0F:
    case 0x10: return 8;
    case 0x01:
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x11:
      if (heard.size() < 3) return std::nullopt;
      return 5 + static_cast<std::size_t>(at(heard, 2));
    default: return std::nullopt;
  }
}

/// How long the answer to a request must be.
std::optional<std::size_t> wanted_length(const std::string& request) {
  if (!is_frame(request)) return std::nullopt;
  const int function = at(request, 1);
  if ((function == 0x03 || function == 0x04) && request.size() == 8)
    return 5 + 2 * static_cast<std::size_t>(word(request, 4));
  if (function == 0x06 || function == 0x10) return 8;
  return std::nullopt;
}

struct Naming {
  Reply::Kind kind;
  std::string what;
};

/// What function and data of an answer have to do with the request's; address and checksum are seen to.
/// `request` and `answer` begin with the address; nothing stands behind the data.
std::optional<Naming> misfit(const std::string& request, const std::string& answer) {
  using Kind = Reply::Kind;
  const int asked = at(request, 1), told = at(answer, 1);
  if ((told & 0x7F) != asked)
    return Naming{Kind::foreign,
                  fmt::format("an answer to function {:02X} came to a request of function {:02X}", told & 0x7F, asked)};
  if ((told & 0x80) != 0) {
    if (answer.size() != 3) return Naming{Kind::malformed, "an exception of the wrong length"};
    return std::nullopt;
  }
  if ((asked == 0x03 || asked == 0x04) && request.size() == 6) {
    const int wanted = 2 * word(request, 4);
    const int counted = answer.size() > 2 ? at(answer, 2) : 0;
    if (counted != wanted || static_cast<int>(answer.size()) != 3 + wanted)
      return Naming{Kind::malformed,
                    fmt::format("the answer does not fit the request: it brings {} bytes of registers "
                                "and counts {}, asked for were {}",
                                answer.size() - std::min<std::size_t>(answer.size(), 3), counted, wanted)};
  }
  if ((asked == 0x06 || asked == 0x10) && request.size() >= 6 && answer != request.substr(0, 6))
    return Naming{Kind::malformed, "the answer does not fit the request: it repeats other registers or values"};
  if (asked == 0x11 && (answer.size() < 3 || static_cast<int>(answer.size()) != 3 + at(answer, 2)))
    return Naming{Kind::malformed, "the answer does not fit the request: its byte count is wrong"};
  return std::nullopt;
}

Naming foreign_address(int from, int asked) {
  if (asked == 0) return {Reply::Kind::foreign, fmt::format("an answer from address {} to a broadcast", from)};
  return {Reply::Kind::foreign, fmt::format("an answer from address {} to a request to address {}", from, asked)};
}

/// Bytes whose checksum is wrong, looked at for why.
std::string why_no_frame(const std::string& request, const std::string& heard) {
  const auto bytes = heard.size();
  const bool alike = std::ranges::all_of(heard, [&](char c) { return c == heard[0]; });
  if (alike && (at(heard, 0) == 0x00 || at(heard, 0) == 0xFF) && bytes >= 3)
    return fmt::format("the line is stuck: {} bytes of {:02X} and nothing else", bytes, at(heard, 0));
  if (bytes > request.size() && heard.starts_with(request) && request.size() >= shortest_frame)
    return "an echo of the request came back before the answer";
  if (bytes < request.size() && bytes >= 3 && request.starts_with(heard))
    return fmt::format("an echo of the request came back, {} of {} bytes", bytes, request.size());
  for (std::size_t n = exception_frame; n < bytes; ++n) {
    const auto front = heard.substr(0, n);
    if (told_length(front) != n || !is_frame(front)) continue;
    const auto rest = heard.substr(n);
    if (rest == front) return "the answer came twice";
    return fmt::format("{} bytes behind the answer", rest.size());
  }
  for (std::size_t skip = 1; skip < bytes && skip <= 8; ++skip)
    if (const auto back = heard.substr(skip); told_length(back) == back.size() && is_frame(back))
      return fmt::format("{} bytes of noise before the answer: is the idle line biased?", skip);
  const auto wanted = wanted_length(request);
  const auto told = told_length(heard);
  const bool begins_well = bytes < 2 || (heard.substr(0, 2) == request.substr(0, 2));
  const auto length = told ? told : wanted;
  if (begins_well && length && bytes < *length && (!wanted || !told || *told == *wanted || *told == exception_frame))
    return fmt::format("the answer ended after {} of {} bytes", bytes, *length);
  if (bytes < exception_frame && heard[0] != request[0])
    return fmt::format("{} bytes of noise came and no answer: is the idle line biased?", bytes);
  if (bytes < exception_frame) return fmt::format("the answer ended after {} bytes", bytes);
  return "the answer's checksum is wrong";
}

Naming name_rtu(const std::string& request, const std::string& heard) {
  using Kind = Reply::Kind;
  if (heard.empty()) return {Kind::silence, "no answer"};
  const bool known = request.size() >= 2;
  if (heard == request && !(known && (at(request, 1) == 0x06 || at(request, 1) == 0x05)))
    return {Kind::foreign, "an echo of the request came back"};
  if (!is_frame(heard)) {
    auto why = why_no_frame(request, heard);
    const auto kind = why.starts_with("an echo") ? Kind::foreign : Kind::malformed;
    return {kind, std::move(why)};
  }
  if (!known) return {Kind::foreign, "a frame came to a request that names no function"};
  if (heard[0] != request[0] || request[0] == 0) return foreign_address(at(heard, 0), at(request, 0));
  const auto body = heard.substr(0, heard.size() - 2);
  const auto asked = request.substr(0, request.size() >= shortest_frame ? request.size() - 2 : request.size());
  if (auto wrong = misfit(asked, body)) return *wrong;
  if ((at(heard, 1) & 0x80) != 0) return {Kind::exception, {}};
  return {Kind::answer, {}};
}

/// "exception 02 (illegal data address)"
void name_exception(Reply& reply, int code) {
  if (reply.kind != Reply::Kind::exception) return;
  reply.exception = code;
  reply.what = fmt::format("exception {:02} ({})", code, exception_name(code));
}

}  // namespace

std::uint16_t rtu_checksum(const std::string& bytes) {
  unsigned sum = 0xFFFF;
  for (const char c : bytes) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = (sum & 1) != 0 ? sum >> 1 ^ 0xA001u : sum >> 1;
  }
  return static_cast<std::uint16_t>(sum);
}

ModbusBytes rtu_frame(int unit, int function, const ModbusBytes& data) {
  std::string frame{static_cast<char>(unit), static_cast<char>(function)};
  frame.append(data.begin(), data.end());
  const auto sum = rtu_checksum(frame);
  frame += static_cast<char>(sum & 0xFF);
  frame += static_cast<char>(sum >> 8);
  return as_bytes(frame);
}

Reply judge_rtu(const std::string& request, const std::string& heard) {
  auto [kind, what] = name_rtu(request, heard);
  Reply reply;
  reply.kind = kind;
  reply.heard = as_bytes(heard);
  reply.what = std::move(what);
  if (kind == Reply::Kind::answer) reply.data = as_bytes(heard.substr(2, heard.size() - 4));
  name_exception(reply, heard.size() > 2 ? at(heard, 2) : 0);
  return reply;
}

std::string exception_name(int code) {
  switch (code) {
    case 1: return "illegal function";
    case 2: return "illegal data address";
    case 3: return "illegal data value";
    case 4: return "server device failure";
    case 5: return "acknowledge";
    case 6: return "server device busy";
    case 8: return "memory parity error";
    case 10: return "gateway path unavailable";
    case 11: return "gateway target failed to respond";
    default: return "code without a name";
  }
}

}  // namespace blondel
