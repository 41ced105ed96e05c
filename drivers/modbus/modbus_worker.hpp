#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "drivers/modbus/modbus_line.hpp"

struct _modbus;

namespace blondel {

/// How a library call ended.
struct LibraryResult {
  int returned = -1;  ///< what the library's function returned
  int error = 0;      ///< errno, when that is -1
  int left_over = 0;  ///< bytes behind an answer that was accepted
};

/// The thread on which libmodbus blocks, and its context. One job at a time.
class ModbusWorker {
 public:
  using Job = std::function<int(_modbus*)>;
  using Deliver = std::function<void(LibraryResult)>;

  /// `line` outlives this. @throws std::logic_error when the library refuses the unit.
  ModbusWorker(ModbusLine& line, int unit);
  /// Ends the call under way, if any, and waits for it.
  ~ModbusWorker();

  /// Executive's thread, after call_begins. `deliver` runs on the executive's thread when the call has ended.
  void start(Job job, Deliver deliver);

 private:
  void work();
  LibraryResult call(const Job& job);

  ModbusLine& line_;
  _modbus* context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::pair<Job, Deliver>> next_;
  bool busy_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace blondel
