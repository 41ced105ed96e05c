// Any bytes as the reply to a request: they are named, and only what fits the request is taken for its answer. The
// input's first bytes choose the request and how the rest is to be dressed: as it stands, with the request's address
// and function before it, with a right checksum behind it, or behind an echo or some noise.

#include "drivers/modbus/reply.hpp"
#include "references/fuzz/fuzz_input.hpp"

namespace blondel {
namespace {

std::string text_of(const ModbusBytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string with_checksum(std::string bytes) {
  const auto sum = rtu_checksum(bytes);
  bytes.push_back(static_cast<char>(sum & 0xFF));
  bytes.push_back(static_cast<char>(sum >> 8));
  return bytes;
}

/// Some request of the kinds that the client and the raw path send.
std::string some_request(FuzzInput& input) {
  const auto kind = input.byte();
  const int unit = kind % 16 == 0 ? 0 : 1 + kind % 16;
  const std::uint8_t count = input.byte() % 126u;
  switch (kind / 16) {
    case 0: return text_of(rtu_frame(unit, 0x03, {0, 2, 0, count}));
    case 1: return text_of(rtu_frame(unit, 0x04, {0, 2, 0, count}));
    case 2: return text_of(rtu_frame(unit, 0x06, {0, 2, 7, count}));
    case 3: return text_of(rtu_frame(unit, 0x10, {0, 2, 0, 1, 2, 7, count}));
    case 4: return text_of(rtu_frame(unit, 0x11, {}));
    case 5: return text_of(rtu_frame(unit, 0x2B, {0x0E, 1, 0}));
    case 6: return text_of(rtu_frame(unit, 0x05, {0, 2, 0xFF, 0}));
    case 7: return {static_cast<char>(unit)};
    default: return text_of(rtu_frame(unit, count, {}));
  }
}

std::string some_reply(FuzzInput& input, const std::string& request) {
  const auto how = input.byte();
  std::string bytes;
  if ((how & 1) != 0) bytes = request.substr(0, 2);
  if ((how & 2) != 0 && bytes.size() == 2) bytes[1] = static_cast<char>(bytes[1] | 0x80);
  if ((how & 4) != 0 && request.size() == 8) bytes.push_back(static_cast<char>(2 * request[5]));
  bytes += input.text(300);
  if ((how & 4) != 0 && request.size() == 8) bytes.resize(3 + 2 * static_cast<unsigned char>(request[5]), 'x');
  if ((how & 8) != 0) bytes = with_checksum(std::move(bytes));
  switch (how >> 5) {
    case 1: return request + bytes;
    case 2: return "\x7F\x01" + bytes;
    case 3: return bytes + bytes;
    case 4: return bytes.substr(0, bytes.size() / 2);
    case 5: return request.substr(0, request.size() - 2 * (how >> 4 & 1));
    default: return bytes;
  }
}

void check(const Reply& reply, const std::string& heard) {
  require(text_of(reply.heard) == heard, "what was heard is kept");
  require((reply.kind == Reply::Kind::silence) == heard.empty(), "silence is silence");
  require(reply.what.empty() == (reply.kind == Reply::Kind::answer), "what is no answer is told in words");
  require(reply.kind == Reply::Kind::answer || reply.data.empty(), "data comes from an answer only");
}

/// What the serial line standard asks of a frame that is taken.
void check_rtu(const std::string& request, const std::string& heard) {
  const auto reply = judge_rtu(request, heard);
  check(reply, heard);
  if (reply.kind != Reply::Kind::answer && reply.kind != Reply::Kind::exception) return;
  require(heard.size() >= 4 && rtu_checksum(heard) == 0, "an answer's checksum");
  require(heard[0] == request[0] && heard[0] != 0, "an answer's address");
  const auto function = static_cast<unsigned char>(request[1]);
  const auto told = static_cast<unsigned char>(heard[1]);
  if (reply.kind == Reply::Kind::exception) {
    require(heard.size() == 5 && (told & 0x7F) == (function & 0x7F), "an exception's form");
    return;
  }
  require(told == function, "an answer's function");
  if (request.size() < 8) return;  // a request that is none itself
  if (function == 0x03 || function == 0x04)
    require(reply.data.size() == 1 + 2 * std::size_t{static_cast<unsigned char>(request[5])} &&
                reply.data[0] + 1u == reply.data.size(),
            "as many registers as asked for");
  if (function == 0x06) require(heard == request, "a single write is repeated");
  if (function == 0x10) require(heard.substr(0, 6) == request.substr(0, 6) && heard.size() == 8, "a write is repeated");
}

}  // namespace
}  // namespace blondel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace blondel;
  FuzzInput input{data, size};
  const auto request = some_request(input);
  const auto heard = some_reply(input, request);
  check_rtu(request, heard);
  exception_name(input.byte());
  return 0;
}
