#include "drivers/modbus/modbus_client.hpp"

#include <fmt/format.h>
#include <modbus/modbus.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>

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

/// Names as in the MODBUS application protocol specification V1.1b3, section 7.
std::string_view exception_name(int code) {
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

/// Whose turn it is on the line, until it goes out of scope.
class ModbusClient::Turn {
 public:
  explicit Turn(ModbusClient& client) : client_{client} {}
  ~Turn() { client_.pass_turn(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  ModbusClient& client_;
};

ModbusClient::ModbusClient(Clock& clock, std::unique_ptr<ModbusLine> line, Order order, std::string where, int unit)
    : clock_{clock}, line_{std::move(line)}, order_{order}, where_{std::move(where)} {
  // 0 would be a broadcast, which nobody answers and for whose answer the library waits all the same.
  if (unit < 1 || unit > 247)
    throw Failure{Fault::malformed, where_, fmt::format("a unit address is 1 to 247, not {}", unit)};
  worker_ = std::make_unique<Worker>(*line_, unit);
}

ModbusClient::~ModbusClient() = default;

Task<void> ModbusClient::wait_for_turn() {
  if (!std::exchange(taken_, true)) co_return;
  Event turn{clock_, where_ + ": turn on the line", order_};
  queue_.push_back(&turn);
  std::exception_ptr cancelled;
  try {
    co_await turn.wait();  // those before have deadlines
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (cancelled) {
    std::erase(queue_, &turn);
    std::rethrow_exception(cancelled);
  }
}

void ModbusClient::pass_turn() {
  if (queue_.empty()) {
    taken_ = false;
  } else {
    auto* next = queue_.front();
    queue_.pop_front();
    next->set();
  }
}

Task<void> ModbusClient::perform(std::shared_ptr<Call> call, Duration limit) {
  co_await wait_for_turn();
  const Turn turn{*this};
  if (clock_.now() < quiet_until_) {
    std::string why = where_ + ": silence after a failed call";
    co_await clock_.pause_until(quiet_until_, order_, std::move(why));
  }
  // Cancelled at the very instant at which its turn came: nothing more may go out.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error{asio::error::operation_aborted};

  const Time deadline = clock_.now() + limit;
  line_->call_begins(where_ + ": " + call->what, deadline);
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
    if (cancelled && !call->ended) line_->end_call();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (cancelled) {
    quiet_until_ = clock_.now() + limit;  // the answer may still be on its way
    throw boost::system::system_error{asio::error::operation_aborted};
  }
  if (call->result.returned < 0 || call->result.left_over > 0) fail_call(*call, limit, clock_.now() >= deadline);
}

void ModbusClient::fail_call(const Call& call, Duration limit, bool late) {
  const int error = call.result.error;
  const auto frame = character_time(line_->settings()) * longest_frame + frame_silence(line_->settings());
  if (call.result.returned >= 0) {
    quiet_until_ = clock_.now() + frame;
    throw Failure{Fault::protocol, where_,
                  fmt::format("{}: {} bytes behind the answer", call.what, call.result.left_over)};
  }
  if (error > MODBUS_ENOBASE && error < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX) {
    const int code = error - MODBUS_ENOBASE;
    throw Failure{Fault::rejected, where_,
                  fmt::format("{}: exception {:02} ({})", call.what, code, exception_name(code))};
  }
  if (error >= MODBUS_ENOBASE || error == ETIMEDOUT) {
    quiet_until_ = clock_.now() + frame;
    const auto* why = error == ETIMEDOUT     ? "the answer breaks off"
                      : error == EMBBADCRC   ? "the answer's checksum is wrong"
                      : error == EMBBADSLAVE ? "another unit answered"
                      : error == EMBBADDATA  ? "the answer does not fit the request"
                                             : modbus_strerror(error);
    throw Failure{Fault::protocol, where_, fmt::format("{}: {}", call.what, why)};
  }
  if (late) {
    quiet_until_ = clock_.now() + limit;
    throw Failure{Fault::timeout, where_, fmt::format("{}: no answer within {:.3f} s", call.what, in_seconds(limit))};
  }
  throw Failure{Fault::unreachable, where_,
                fmt::format("{}: the line is gone ({})", call.what, modbus_strerror(error))};
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
