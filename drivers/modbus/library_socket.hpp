#pragma once

#include <functional>
#include <memory>
#include <string>

#include "drivers/time/background.hpp"
#include "drivers/time/event.hpp"

namespace blondel {

/// The socket pair between the Modbus library, which blocks on a worker, and a line on the executive's thread; with the
/// work that virtual time waits for. One call at a time:
///
/// call_begins  - work is held: the library makes its request
/// (request)    - the work ends, the request goes to the line: the library waits, time may pass
/// answer       - work is held: the library reads
/// call_ended   - the work ends, the result is delivered
///
/// At the deadline, or by end_call, the pair is shut down, which ends the library's call at once; the next call gets a
/// new pair, so that nothing late can be taken for its answer.
class LibrarySocket {
 public:
  /// `on_request` gets the bytes of each request, on the executive's thread, ordered by `order`.
  LibrarySocket(Clock& clock, Order order, std::function<void(std::string)> on_request);
  ~LibrarySocket();

  int descriptor() const;
  void call_begins(const std::string& what, Time deadline);
  /// @returns false when nobody waits for these bytes, which are then lost.
  bool answer(const std::string& bytes);
  void end_call();
  /// From here on nobody hears of requests: for an owner on its way down.
  void detach();
  /// Any thread.
  void call_ended(std::function<void()> deliver);

 private:
  struct Pair;
  struct Core;
  Task<void> watch_deadline();
  std::shared_ptr<Core> core_;
  Event deadline_changed_;
  Background background_;
};

}  // namespace blondel
