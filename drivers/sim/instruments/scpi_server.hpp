#pragma once

#include <memory>
#include <string>

#include "drivers/sim/instruments/command_table.hpp"
#include "drivers/sim/instruments/message_framing.hpp"
#include "drivers/sim/instruments/status_registers.hpp"
#include "drivers/transport/byte_stream.hpp"

namespace blondel::sim {

/// What can be wrong with how an instrument answers, whatever the instrument.
struct AnswerFaults {
  bool dead = false;     ///< takes bytes and does nothing at all
  bool silent = false;   ///< obeys, and answers nothing
  bool garbage = false;  ///< answers random bytes instead, with a line end
  /// This query's answer comes later by so much, and nothing else of the same session is looked at before. The query
  /// is named by its pattern, e.g. "OUTPut:STATe?".
  std::string slow_query{};
  Duration slow_by{};
  std::uint64_t seed = 1;  ///< of the garbage
};

/// How an instrument spells what every instrument answers.
struct ScpiSpelling {
  std::string identity;                  ///< the answer to *IDN?
  std::string self_test = "0";           ///< *TST?
  bool plus_signs = false;               ///< "+0" instead of "0" from registers, and in front of error number 0
  bool quoted_errors = true;             ///< 0,"No error" or 0,No error
  bool empty_line_when_refused = false;  ///< a query that is not understood is answered with an empty line
};

/// The instrument's end of a SCPI conversation, for simulators: sessions, program messages, the common commands of
/// IEEE 488.2 and the error queue. Any number of sessions share one instrument and its queue; a session executes one
/// message unit after the other, each after its processing time, and does not wait for other sessions.
///
/// Input is taken as it comes: a message longer than 64 KiB is thrown away up to its end and reported as -363. A block
/// is a parameter like others, and what refuses it loses no byte of what follows.
class ScpiServer {
 public:
  ScpiServer(Clock& clock, Order order, ScpiSpelling spelling);

  /// Serves one connection until the other end closes it.
  Task<void> serve(std::unique_ptr<ByteStream> wire);

  void add(Command command) { commands_.add(std::move(command)); }
  /// What *RST does.
  void on_reset(std::function<void()> reset) { reset_ = std::move(reset); }
  /// Called after every program message that was executed, so that settings take effect together.
  void after_message(std::function<void()> done) { after_message_ = std::move(done); }

  StatusRegisters& status() { return status_; }
  AnswerFaults faults;

  static constexpr std::size_t longest_line = 1u << 16;

 private:
  struct Session {
    std::shared_ptr<ByteStream> wire;
    MessageFraming framing{longest_line};
    std::string received;
    std::size_t taken = 0;  ///< of what was received
  };
  Task<bool> next_line(Session& session, std::string& line);
  Task<void> obey(Session& session, std::string message);
  void add_common_commands();
  std::string signed_number(int value) const;
  std::string error_line(const StatusRegisters::Entry& entry) const;
  std::string garbage_line();

  Clock& clock_;
  Order order_;
  ScpiSpelling spelling_;
  CommandTable commands_;
  StatusRegisters status_;
  std::function<void()> reset_, after_message_;
};

}  // namespace blondel::sim
