#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "drivers/sim/meter/build_file.hpp"

namespace blondel::sim {

/// Whether this machine's kernel can forbid a meter's process all but computing (seccomp filters). Where it cannot,
/// limits of resources are all that holds it.
bool meters_can_be_confined();

/// A meter's process and the bench's end of its link. Nothing the process does can stop the bench: it is foreign code,
/// so each answer is awaited under a guard of wall time, and whatever goes wrong comes out as a text.
class MeterProcess {
 public:
  /// Starts `host` with a build, in a session of its own, the link on descriptor 3 and `memory` on 4. The host loads a
  /// shared object, and becomes a program.
  /// @throws std::system_error when the machine cannot start a process.
  MeterProcess(boost::asio::io_context& io, const std::string& host, const BuildFile& build, int memory);
  /// Ends the process and all that it has started: STOP, then SIGKILL, and waits for it.
  ~MeterProcess();
  MeterProcess(const MeterProcess&) = delete;
  MeterProcess& operator=(const MeterProcess&) = delete;

  /// Sends a message, and calls `answered` with the next one from the process, or with how it ended. An answer does not
  /// come after this object is gone. An empty message is not sent: the process speaks first. A process that has spoken
  /// before it was asked has broken the rules.
  using Answer = tl::expected<std::string, std::string>;
  void exchange(const std::string& message, std::chrono::milliseconds guard, std::function<void(Answer)> answered);

  /// Somebody wants to stop: an answer that is still owed is awaited so much longer, whatever its guard was.
  void shorten_guard(std::chrono::milliseconds guard);

  /// Sends a message that has no answer.
  void tell(const std::string& message);

  int pid() const;

  /// How many there are in this program.
  static int alive();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace blondel::sim
