#include "drivers/modbus/modbus_client.hpp"

#include <fmt/format.h>
#include <modbus/modbus.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>

#include "drivers/modbus/library_socket.hpp"
#include "drivers/modbus/line_turns.hpp"
#include "drivers/modbus/modbus_worker.hpp"
#include "references/error.hpp"

namespace blondel {

namespace asio = boost::asio;

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
  Call(Clock& clock, std::string name, Order order)
      : what{std::move(name)}, done{clock, "modbus call " + what, order} {}
  std::string what;
  std::function<int(modbus_t*)> job;
  Event done;
  bool ended = false;
  LibraryResult result;
  std::vector<std::uint16_t> words;
  std::vector<std::uint8_t> bytes;
};

struct ModbusClient::Worker : ModbusWorker {
  using ModbusWorker::ModbusWorker;
};

ModbusClient::ModbusClient(Clock& clock, std::unique_ptr<ModbusLine> line, Order order, std::string where, int unit)
    : clock_{clock}, line_{std::move(line)}, order_{order}, where_{std::move(where)}, unit_{unit} {
  // 0 would be a broadcast, which nobody answers and for whose answer the library waits all the same.
  if (unit < 1 || unit > 247)
    throw Failure{Fault::malformed, where_, fmt::format("a unit address is 1 to 247, not {}", unit)};
  worker_ = std::make_unique<Worker>(*line_, unit);
}

ModbusClient::~ModbusClient() = default;

Task<void> ModbusClient::perform(std::shared_ptr<Call> call, Duration limit) {
  co_await line_->turns().take(order_);
  const LineTurns::Turn turn{line_->turns()};
  auto& socket = line_->socket();

  const Time deadline = clock_.now() + limit;
  socket.record_into(record_);
  socket.call_begins(where_ + ": " + call->what, deadline);
  ModbusWorker::Deliver deliver = [call](LibraryResult result) {
    call->result = result;
    call->ended = true;
    call->done.set();
  };
  worker_->start(call->job, std::move(deliver));

  // The line ends the call at its deadline. A cancelled caller ends it at once, but does not leave before the library
  // has returned: nobody else may use the line until then. Its cancellation state stays as it is, for it is the
  // caller's.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  bool cancelled = false;
  while (!call->ended) {
    try {
      co_await call->done.wait();
    } catch (const boost::system::system_error&) {
      cancelled = true;
    }
    if (cancelled && !call->ended) socket.end_call();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (cancelled) {
    line_->turns().rest_until(deadline + longest_link_delay);  // the answer may still be on its way
    throw boost::system::system_error{asio::error::operation_aborted};
  }
  check_call(*call, limit, deadline);
}

/// What came to the last call, judged apart from the library.
Reply ModbusClient::judged() const {
  const auto& call = line_->socket().transcript();
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
  const auto& heard = line_->socket().transcript().heard;
  if (heard.empty()) return;
  const auto port = line_->settings();
  line_->turns().rest_until(heard.back().at + frame_silence(port) + character_time(port));
}

void ModbusClient::rest_after(const Reply& reply, Time deadline) {
  const auto& call = line_->socket().transcript();
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
  const bool line_is_gone = !obeyed && reply.kind == Reply::Kind::silence && clock_.now() < deadline;
  if (!line_is_gone) note(reply);
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
  if (call.result.returned >= 0 || error >= MODBUS_ENOBASE || error == ETIMEDOUT)
    throw Failure{Fault::protocol, where_, fmt::format("{}: {}", call.what, modbus_strerror(error))};
  if (clock_.now() >= deadline)
    throw Failure{Fault::timeout, where_, fmt::format("{}: no answer within {:.3f} s", call.what, in_seconds(limit))};
  record_->gone = true;
  throw Failure{Fault::unreachable, where_,
                fmt::format("{}: the line is gone ({})", call.what, modbus_strerror(error))};
}

Task<Reply> ModbusClient::exchange(ModbusBytes frame, Duration limit) {
  if (frame.empty() || frame.size() > 1024)
    throw Failure{Fault::malformed, where_, fmt::format("a frame has 1 to 1024 bytes, not {}", frame.size())};
  co_await line_->turns().take(order_);
  const LineTurns::Turn turn{line_->turns()};
  auto& socket = line_->socket();
  struct Ending {
    LibrarySocket& socket;
    ~Ending() { socket.raw_ended(); }
  } const ending{socket};
  const std::string bytes{frame.begin(), frame.end()};
  const Time deadline = clock_.now() + limit;
  // Until the answer is there, whoever comes next must reckon with it: this task may be cancelled.
  line_->turns().rest_until(deadline + longest_link_delay);
  socket.record_into(record_);
  socket.raw_begins(bytes);
  const Duration gap = std::max(frame_silence(line_->settings()), line_->longest_gap());
  try {
    bool more = co_await socket.heard(deadline);
    while (more) more = co_await socket.heard(std::min(deadline, clock_.now() + gap));
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
  const auto call = std::make_shared<Call>(clock_, "function 03, " + registers(address, count), order_);
  call->words.resize(static_cast<std::size_t>(std::clamp(count, 1, MODBUS_MAX_READ_REGISTERS)));
  call->job = [raw = call.get(), address, count](modbus_t* context) {
    return modbus_read_registers(context, address, count, raw->words.data());
  };
  co_await perform(call, limit);
  co_return std::move(call->words);
}

Task<void> ModbusClient::write_single(int address, std::uint16_t value, Duration limit) {
  const auto call = std::make_shared<Call>(clock_, "function 06, " + registers(address, 1), order_);
  call->job = [address, value](modbus_t* context) { return modbus_write_register(context, address, value); };
  co_await perform(call, limit);
}

Task<void> ModbusClient::write_multiple(int address, std::vector<std::uint16_t> values, Duration limit) {
  const auto count = static_cast<int>(values.size());
  const auto call = std::make_shared<Call>(clock_, "function 10, " + registers(address, count), order_);
  call->words = std::move(values);
  call->job = [raw = call.get(), address, count](modbus_t* context) {
    return modbus_write_registers(context, address, count, raw->words.data());
  };
  co_await perform(call, limit);
}

Task<std::vector<std::uint8_t>> ModbusClient::report_id(Duration limit) {
  const auto call = std::make_shared<Call>(clock_, "function 11", order_);
  call->bytes.resize(longest_frame);
  call->job = [raw = call.get()](modbus_t* context) {
    return modbus_report_slave_id(context, static_cast<int>(raw->bytes.size()), raw->bytes.data());
  };
  co_await perform(call, limit);
  call->bytes.resize(static_cast<std::size_t>(std::min<int>(call->result.returned, longest_frame)));
  co_return std::move(call->bytes);
}

}  // namespace blondel
