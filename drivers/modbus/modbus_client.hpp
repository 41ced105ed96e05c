#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/modbus/link_record.hpp"
#include "drivers/modbus/modbus_line.hpp"
#include "drivers/modbus/reply.hpp"
#include "drivers/time/event.hpp"

namespace blondel {

class ModbusLibrary;

/// How late an answer may be on the way that a link adds to the meter's own delay, and still be met with silence.
inline constexpr Duration longest_link_delay{2'000'000'000};

/// A Modbus master for one unit on a line, on libmodbus, which makes the requests and reads the answers
/// (`ModbusLibrary`). Calls of several tasks, and of several clients on one line, are made one after the other.
///
/// Every call throws Failure, naming the line, the function and the registers:
/// - timeout: no whole answer within `limit` of the request;
/// - protocol: bytes came that are not the answer, named as judge_rtu() does (bad checksum, another unit, an echo, an
///   answer that breaks off or comes twice), or that came before the request was over;
/// - rejected: a Modbus exception, with its code and name;
/// - unreachable: the line itself is gone.
///
/// Modbus RTU answers carry no number, so a late one could be taken for the next request's. Two rules keep it off:
/// bytes that came before request and answer could both have been sent are no answer; and after a call that failed the
/// line is left alone - for the time of the longest frame where it was this answer that came damaged, otherwise until
/// an answer up to longest_link_delay behind the limit has passed. A cancelled call ends at once; no call outlives its
/// task.
///
/// Between an answer and the next request the line rests for a little more than the silence that ends a frame: whoever
/// else listens on it would take the two for one.
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

  /// Past the library: sends a frame as it is, checksum and all (see rtu_frame), and names what comes back until the
  /// line has fallen silent, at most `limit` after the request. Nothing is thrown for what the far end does or does not
  /// do. A request to address 0 is a broadcast: whatever answers it within `limit` is foreign.
  /// @throws Failure(malformed) for a frame of nothing or of more than 1024 bytes; Failure(unreachable).
  Task<Reply> exchange(ModbusBytes frame, Duration limit);

  /// How long a call may take whose answer the meter begins `delay` after the request, at the line's speed.
  /// @param request, answer  lengths of the frames in bytes
  Duration limit_of(int request, int answer, Duration delay) const;
  int unit() const { return unit_; }
  ModbusLine& line() { return *line_; }
  /// What this client met on its line so far.
  const LinkRecord& record() const { return *record_; }
  /// Nothing goes out on the line before this.
  Time rests_until() const;

 private:
  struct Call;
  Task<void> perform(Call& call, Duration limit);
  Reply judged() const;
  void note(const Reply& reply);
  void rest_between_frames();
  void rest_after(const Reply& reply, Time deadline);
  void check_call(const Call& call, Duration limit, Time deadline);
  [[noreturn]] void fail_call(const Call& call, Duration limit, Time deadline);

  Clock& clock_;
  std::unique_ptr<ModbusLine> line_;
  Order order_;
  std::string where_;
  int unit_;
  std::shared_ptr<LinkRecord> record_ = std::make_shared<LinkRecord>();
  std::unique_ptr<ModbusLibrary> library_;
};

}  // namespace blondel
