#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/scpi/scpi_numbers.hpp"
#include "drivers/transport/byte_stream.hpp"

namespace blondel {

/// How messages are cut out of the bytes of a connection, and how much is too much.
struct Framing {
  std::string terminator = "\n";   ///< ends every message; a carriage return before it is dropped from answers
  std::size_t longest = 1u << 20;  ///< bytes of one answer; more is refused
  std::string error_query = "SYST:ERR?";
};

/// The controller's end of a SCPI conversation over a byte stream: one message at a time, every one with a limit.
///
/// **A late answer is never taken for the next one's.** A query that was not answered in time, or whose task was
/// cancelled, leaves the client out of step: the answer may still come. Before the next message it then gets back
/// into step by asking for two marks, `*ESE 37;*ESE?` and `*ESE 74;*ESE?` with values that change every time, and
/// throwing away every line up to the first mark that is directly followed by the second one. At most one answer can
/// be outstanding, and one stale line cannot look like both marks in a row, whatever it says. The event status
/// enable register is used because it can be written and read back on every IEEE 488.2 instrument and nothing here
/// evaluates it. This needs an instrument that answers in the order in which it was asked.
///
/// Where that fails within the limit, or a message went out only in part (its rest must not be executed together with
/// what comes next), the connection is closed, and everything from then on is Failure(unreachable).
class ScpiClient {
 public:
  /// @param where  names the instrument in every message, "source/fluke-6105a"
  ScpiClient(std::unique_ptr<ByteStream> wire, Clock& clock, std::string where, Framing framing = {});

  /// Sends a query and returns its answer without the terminator. A client that is out of step gets into step first,
  /// under a limit of its own of the same length.
  /// @throws Failure: timeout, protocol (the answer is too long), unreachable.
  Task<std::string> ask(std::string query, Duration limit);
  /// The same for an answer that must be one number. @throws Failure(protocol) for anything else.
  Task<double> ask_number(std::string query, Duration limit);
  /// The same for an answer that must be one whole number.
  Task<long long> ask_integer(std::string query, Duration limit);
  /// The same for an answer that is a block: `#` n, n digits of length, the bytes; or `#0`, the bytes up to the
  /// terminator (a raw socket has no END message, so such bytes cannot contain it).
  /// Source: IEEE 488.2 sections 8.7.9 and 8.7.10.
  Task<std::string> ask_block(std::string query, Duration limit);
  /// Sends a command that has no answer.
  Task<void> send(std::string command, Duration limit);

  /// Empties the instrument's error queue. @returns its entries as they came, oldest first, without the final 0.
  Task<std::vector<std::string>> errors(Duration limit);
  /// @throws Failure(instrument) with all entries when the error queue is not empty after `what` was done.
  Task<void> expect_no_errors(std::string what, Duration limit);

  bool in_step() const { return in_step_; }
  bool connected() const { return wire_ != nullptr; }
  void close();

 private:
  Task<void> put(std::string message, Time deadline);
  Task<std::string> line(Time deadline);
  Task<std::string> block(Time deadline);
  Task<void> more(Time deadline);
  Task<void> get_into_step(Duration limit);
  Task<void> begin(const std::string& message, Duration limit);
  [[noreturn]] void rethrow(const Failure& failure, const std::string& query, Duration limit);

  std::shared_ptr<ByteStream> wire_;
  Clock& clock_;
  std::string where_;
  Framing framing_;
  std::string received_;
  int mark_ = 0;
  bool in_step_ = true;
  bool half_sent_ = false;
};

}  // namespace blondel
