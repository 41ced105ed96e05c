#pragma once

#include <functional>
#include <memory>
#include <string>

#include "drivers/modbus/link_record.hpp"
#include "drivers/modbus/transcript.hpp"
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
///
/// A raw call takes the same line without the library: raw_begins, heard, raw_ended.
class LibrarySocket {
 public:
  /// `on_request` gets the bytes of each request, on the executive's thread, ordered by `order`, and tells when their
  /// last stop bit will be over, at the earliest.
  LibrarySocket(Clock& clock, Order order, std::function<Time(const std::string&)> on_request);
  ~LibrarySocket();

  int descriptor() const;
  /// Whose call the next one is: bytes that come behind its end are counted there, once a call.
  void record_into(std::shared_ptr<LinkRecord> record);
  void call_begins(const std::string& what, Time deadline);
  /// @returns false when nobody waits for these bytes, which are then lost.
  bool answer(const std::string& bytes);
  void end_call();
  /// Sends bytes as they are. What comes back is kept in the transcript.
  void raw_begins(const std::string& bytes);
  /// Waits for more bytes of a raw call. @returns false at the deadline. @throws Failure(unreachable) when the line has
  /// gone meanwhile.
  Task<bool> heard(Time deadline);
  void raw_ended();
  /// Of the call under way, or of the last one.
  const Transcript& transcript() const;
  /// From here on nobody hears of requests: for an owner on its way down.
  void detach();
  /// Any thread.
  void call_ended(std::function<void()> deliver);

 private:
  struct Pair;
  struct Core;
  Task<void> watch_deadline();
  std::shared_ptr<Core> core_;
  Event deadline_changed_, heard_;
  Background background_;
};

}  // namespace blondel
