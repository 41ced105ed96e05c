#include "drivers/modbus/modbus_worker.hpp"

#include <modbus/modbus.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <stdexcept>

#include "drivers/modbus/library_socket.hpp"

namespace blondel {

namespace {
/// The library waits in wall time. The line ends a call at its deadline; this only ends one whose line never does.
constexpr unsigned guard_seconds = 30;
}  // namespace

ModbusWorker::ModbusWorker(ModbusLine& line, int unit)
    : line_{line},
      context_{modbus_new_rtu("line", line.settings().baud, line.settings().parity, 8, line.settings().stop_bits)} {
  if (!context_) throw std::logic_error{"libmodbus: no context"};
  if (modbus_set_slave(context_, unit) != 0) {
    modbus_free(context_);
    throw std::logic_error{"libmodbus: no unit " + std::to_string(unit)};
  }
  modbus_set_error_recovery(context_, MODBUS_ERROR_RECOVERY_NONE);
  modbus_set_response_timeout(context_, guard_seconds, 0);
  const auto gap = std::chrono::duration_cast<std::chrono::microseconds>(line.longest_gap()).count();
  modbus_set_byte_timeout(context_, static_cast<std::uint32_t>(gap / 1'000'000),
                          static_cast<std::uint32_t>(gap % 1'000'000));
  thread_ = std::thread{[this] { work(); }};
}

ModbusWorker::~ModbusWorker() {
  bool busy = false;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    busy = busy_;
  }
  if (busy) line_.socket().end_call();
  changed_.notify_all();
  thread_.join();
  modbus_free(context_);
}

void ModbusWorker::start(Job job, Deliver deliver) {
  {
    const std::lock_guard lock{mutex_};
    if (busy_) throw std::logic_error{"the modbus worker has one job at a time"};
    busy_ = true;
    next_.emplace(std::move(job), std::move(deliver));
  }
  changed_.notify_all();
}

LibraryResult ModbusWorker::call(const Job& job) {
  LibraryResult result;
  modbus_set_socket(context_, line_.socket().descriptor());
  errno = 0;
  result.returned = job(context_);
  result.error = errno;
  if (result.returned >= 0) ::ioctl(line_.socket().descriptor(), FIONREAD, &result.left_over);
  return result;
}

void ModbusWorker::work() {
  // The library writes with write(2): a pair that was shut down must be an error and not the end of the program.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  for (;;) {
    std::pair<Job, Deliver> job;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return next_ || stopping_; });
      if (!next_) return;
      job = std::move(*next_);
      next_.reset();
    }
    const auto result = call(job.first);
    {
      const std::lock_guard lock{mutex_};
      busy_ = false;
    }
    line_.socket().call_ended([deliver = std::move(job.second), result] { deliver(result); });
  }
}

}  // namespace blondel
