#include "drivers/modbus/modbus_client.hpp"

#include <fmt/format.h>
#include <modbus/modbus.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <cerrno>

#include "drivers/modbus/line_call.hpp"
#include "drivers/modbus/line_turns.hpp"
#include "drivers/modbus/modbus_library.hpp"
#include "references/error.hpp"

namespace blondel {

namespace {
/// The longest RTU frame, in characters.
constexpr int longest_frame = 256;

std::string registers(int address, int count) {
  return count == 1 ? fmt::format("register {}", address + 1)
                    : fmt::format("registers {} to {}", address + 1, address + count);
}

/// Half a character less than request and answer take: clocks of two devices differ a little.
bool came_too_early(const Transcript& call, const SerialSettings& port) {
  std::size_t bytes = 0;
  for (const auto& piece : call.heard) {
    bytes += piece.bytes.size();
    const auto characters = character_time(port) * static_cast<long>(bytes);
    if (piece.at < call.request_over + characters - character_time(port) / 2) return true;
  }
  return false;
}

}  // namespace

struct ModbusClient::Call {
  explicit Call(std::string name) : what{std::move(name)} {}
  std::string what;
  ModbusLibrary::Call job;
  LibraryResult result;
  bool line_gone = false;
  std::vector<std::uint16_t> words;
  std::vector<std::uint8_t> bytes;
};

ModbusClient::ModbusClient(Clock& clock, std::unique_ptr<ModbusLine> line, Order order, std::string where, int unit)
    : clock_{clock}, line_{std::move(line)}, order_{order}, where_{std::move(where)}, unit_{unit} {
  // 0 would be a broadcast, which nobody answers.
  if (unit < 1 || unit > 247)
    throw Failure{Fault::malformed, where_, fmt::format("a unit address is 1 to 247, not {}", unit)};
  library_ = std::make_unique<ModbusLibrary>(unit);
}

ModbusClient::~ModbusClient() = default;

namespace {
/// Nobody else may use the line until this is gone.
struct CallUnderWay {
  LineCall& line;
  ~CallUnderWay() { line.end(); }
};
}  // namespace

Task<void> ModbusClient::perform(Call& call, Duration limit) {
  co_await line_->turns().take(order_);
  const LineTurns::Turn turn{line_->turns()};
  const auto request = library_->request(call.job, call.result);
  if (request.empty())
    throw Failure{Fault::malformed, where_,
                  fmt::format("{}: not asked for: {}", call.what, modbus_strerror(call.result.error))};
  auto& line = line_->call();
  const Time deadline = clock_.now() + limit;
  line.record_into(record_);
  line.begin(request);
  const CallUnderWay under_way{line};
  try {
    bool more = co_await line.heard(deadline);
    while (more) {
      call.result = library_->result(call.job, line.transcript().bytes());
      if (!call.result.wants_more()) break;
      more = co_await line.heard(std::min(deadline, clock_.now() + line_->longest_gap()));
    }
  } catch (const Failure&) {
    call.line_gone = true;
  } catch (const boost::system::system_error&) {
    line_->turns().rest_until(deadline + longest_link_delay);  // the answer may still be on its way
    throw;
  }
  check_call(call, limit, deadline);
}

/// What came to the last call, judged apart from the library.
Reply ModbusClient::judged() const {
  const auto& call = line_->call().transcript();
  auto reply = judge_rtu(call.request, call.bytes());
  if (!call.heard.empty()) reply.after = call.heard.back().at - call.request_over;
  const bool well_formed = reply.kind == Reply::Kind::answer || reply.kind == Reply::Kind::exception;
  if (well_formed && came_too_early(call, line_->settings())) {
    const bool echo = call.bytes() == call.request;
    reply.kind = Reply::Kind::foreign;
    reply.data.clear();
    reply.what = echo ? "an echo of the request came back"
                      : "an answer came before the request was over: it belongs to an earlier one";
  }
  return reply;
}

void ModbusClient::note(const Reply& reply) {
  ++record_->asked;
  const bool spoiled = reply.kind == Reply::Kind::malformed || reply.kind == Reply::Kind::foreign;
  if (reply.kind == Reply::Kind::silence) ++record_->silent;
  if (!spoiled) return;
  ++record_->spoiled;
  // Noise has many names; a line that never falls silent shall not fill the memory.
  if (record_->names.contains(reply.what) || record_->names.size() < 100) ++record_->names[reply.what];
}

/// Clocks of two devices differ a little, so it is a character more than the least.
void ModbusClient::rest_between_frames() {
  const auto& heard = line_->call().transcript().heard;
  if (heard.empty()) return;
  const auto port = line_->settings();
  line_->turns().rest_until(heard.back().at + frame_silence(port) + character_time(port));
}

void ModbusClient::rest_after(const Reply& reply, Time deadline) {
  const auto& call = line_->call().transcript();
  const auto heard = call.bytes();
  const bool own_answer = reply.kind == Reply::Kind::malformed && heard.size() >= 2 && call.request.size() >= 2 &&
                          heard[0] == call.request[0] && (heard[1] & 0x7F) == (call.request[1] & 0x7F);
  const auto frame = character_time(line_->settings()) * longest_frame + frame_silence(line_->settings());
  line_->turns().rest_until(own_answer ? clock_.now() + frame : deadline + longest_link_delay);
}

void ModbusClient::check_call(const Call& call, Duration limit, Time deadline) {
  const auto reply = judged();
  rest_between_frames();
  const bool obeyed = call.result.returned >= 0 && call.result.left_over == 0 && reply.kind == Reply::Kind::answer;
  if (!call.line_gone || reply.kind != Reply::Kind::silence) note(reply);
  if (obeyed) return;
  if (reply.kind == Reply::Kind::malformed || reply.kind == Reply::Kind::foreign) {
    rest_after(reply, deadline);
    throw Failure{Fault::protocol, where_, fmt::format("{}: {}", call.what, reply.what)};
  }
  fail_call(call, limit, deadline);
}

void ModbusClient::fail_call(const Call& call, Duration limit, Time deadline) {
  const int error = call.result.error;
  if (call.result.returned < 0 && error > MODBUS_ENOBASE && error < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX) {
    const int code = error - MODBUS_ENOBASE;
    throw Failure{Fault::rejected, where_,
                  fmt::format("{}: exception {:02} ({})", call.what, code, exception_name(code))};
  }
  line_->turns().rest_until(deadline + longest_link_delay);
  if (call.line_gone) {
    record_->gone = true;
    throw Failure{Fault::unreachable, where_, fmt::format("{}: the line is gone", call.what)};
  }
  if (line_->call().transcript().heard.empty())
    throw Failure{Fault::timeout, where_, fmt::format("{}: no answer within {:.3f} s", call.what, in_seconds(limit))};
  throw Failure{Fault::protocol, where_, fmt::format("{}: {}", call.what, modbus_strerror(error))};
}

Task<Reply> ModbusClient::exchange(ModbusBytes frame, Duration limit) {
  if (frame.empty() || frame.size() > 1024)
    throw Failure{Fault::malformed, where_, fmt::format("a frame has 1 to 1024 bytes, not {}", frame.size())};
  co_await line_->turns().take(order_);
  const LineTurns::Turn turn{line_->turns()};
  auto& line = line_->call();
  const std::string bytes{frame.begin(), frame.end()};
  const Time deadline = clock_.now() + limit;
  // Until the answer is there, whoever comes next must reckon with it: this task may be cancelled.
  line_->turns().rest_until(deadline + longest_link_delay);
  line.record_into(record_);
  line.begin(bytes);
  const CallUnderWay under_way{line};
  const Duration gap = std::max(frame_silence(line_->settings()), line_->longest_gap());
  try {
    bool more = co_await line.heard(deadline);
    while (more) more = co_await line.heard(std::min(deadline, clock_.now() + gap));
  } catch (const Failure&) {
    record_->gone = true;
    throw;
  }
  const auto reply = judged();
  note(reply);
  const bool over = reply.kind == Reply::Kind::answer || reply.kind == Reply::Kind::exception;
  const bool nobody_answers = reply.kind == Reply::Kind::silence && bytes[0] == 0;
  if (over || nobody_answers)
    line_->turns().rest_no_longer();
  else
    rest_after(reply, deadline);
  rest_between_frames();
  co_return reply;
}

Duration ModbusClient::limit_of(int request, int answer, Duration delay) const {
  const auto port = line_->settings();
  // Adapters hold bytes back for up to 16 ms, drivers under load for longer.
  constexpr Duration adapter{100'000'000};
  return delay + adapter + character_time(port) * (request + answer) + 2 * frame_silence(port);
}

Time ModbusClient::rests_until() const {
  return line_->turns().quiet_until();
}

Task<std::vector<std::uint16_t>> ModbusClient::read_holding(int address, int count, Duration limit) {
  Call call{"function 03, " + registers(address, count)};
  call.words.resize(static_cast<std::size_t>(std::clamp(count, 1, MODBUS_MAX_READ_REGISTERS)));
  call.job = [&call, address, count](modbus_t* context) {
    return modbus_read_registers(context, address, count, call.words.data());
  };
  co_await perform(call, limit);
  co_return std::move(call.words);
}

Task<void> ModbusClient::write_single(int address, std::uint16_t value, Duration limit) {
  Call call{"function 06, " + registers(address, 1)};
  call.job = [address, value](modbus_t* context) { return modbus_write_register(context, address, value); };
  co_await perform(call, limit);
}

Task<void> ModbusClient::write_multiple(int address, std::vector<std::uint16_t> values, Duration limit) {
  const auto count = static_cast<int>(values.size());
  Call call{"function 10, " + registers(address, count)};
  call.words = std::move(values);
  call.job = [&call, address, count](modbus_t* context) {
    return modbus_write_registers(context, address, count, call.words.data());
  };
  co_await perform(call, limit);
}

Task<std::vector<std::uint8_t>> ModbusClient::report_id(Duration limit) {
  Call call{"function 11"};
  call.bytes.resize(longest_frame);
  call.job = [&call](modbus_t* context) {
    return modbus_report_slave_id(context, static_cast<int>(call.bytes.size()), call.bytes.data());
  };
  co_await perform(call, limit);
  call.bytes.resize(static_cast<std::size_t>(std::min<int>(call.result.returned, longest_frame)));
  co_return std::move(call.bytes);
}

}  // namespace blondel
