#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/modbus/modbus_line.hpp"
#include "drivers/time/event.hpp"

namespace blondel {

/// A Modbus master for one unit on a line, on libmodbus, whose calls block a worker thread of its own. Calls of several
/// tasks are made one after the other.
///
/// Every call throws Failure, naming the line, the function and the registers:
/// - timeout: no whole answer within `limit` of the request;
/// - protocol: bad checksum, wrong length, another unit, an answer that breaks off, bytes behind the answer;
/// - rejected: a Modbus exception, with its code and name;
/// - unreachable: the line itself is gone.
/// After a timeout the line is left alone for another `limit`, and after an answer that made no sense for the time of
/// the longest frame: Modbus RTU answers carry no number, so a late one could be taken for the next one's.
/// A cancelled call ends at once; no call outlives its task.
class ModbusClient {
 public:
  /// `where` names the meter in messages. @throws Failure(malformed) unless `unit` is 1 to 247.
  ModbusClient(Clock& clock, std::unique_ptr<ModbusLine> line, Order order, std::string where, int unit = 1);
  ~ModbusClient();
  ModbusClient(const ModbusClient&) = delete;
  ModbusClient& operator=(const ModbusClient&) = delete;

  /// Function 03. `address` as on the wire, from 0 (the printed number less one); 1 to 125 registers.
  Task<std::vector<std::uint16_t>> read_holding(int address, int count, Duration limit);
  /// Function 06.
  Task<void> write_single(int address, std::uint16_t value, Duration limit);
  /// Function 10 hex; 1 to 123 registers.
  Task<void> write_multiple(int address, std::vector<std::uint16_t> values, Duration limit);
  /// Function 11 hex: the identity byte, the run status, and the text behind them.
  Task<std::vector<std::uint8_t>> report_id(Duration limit);

  ModbusLine& line() { return *line_; }

 private:
  struct Call;
  struct Worker;
  class Turn;
  Task<void> perform(std::shared_ptr<Call> call, Duration limit);
  Task<void> wait_for_turn();
  void pass_turn();
  [[noreturn]] void fail_call(const Call& call, Duration limit, bool late);

  Clock& clock_;
  std::unique_ptr<ModbusLine> line_;
  Order order_;
  std::string where_;
  Time quiet_until_{};
  bool taken_ = false;
  std::deque<Event*> queue_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace blondel
