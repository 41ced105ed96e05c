#pragma once

#include <functional>
#include <memory>
#include <string>

#include "drivers/modbus/link_record.hpp"
#include "drivers/modbus/transcript.hpp"
#include "drivers/time/event.hpp"

namespace blondel {

/// One request on a line and what comes back, until whoever asked has heard enough: begin, heard (as often as more is
/// wanted), end. One call at a time. What comes while nobody asks is kept and told to the next call, never taken for
/// its answer.
class LineCall {
 public:
  /// `on_request` gets the bytes of each request and tells when their last stop bit will be over, at the earliest.
  LineCall(Clock& clock, Order order, std::function<Time(const std::string&)> on_request);

  /// Whose call the next one is: bytes that come behind its end are counted there, once a call.
  void record_into(std::shared_ptr<LinkRecord> record);
  /// Sends bytes as they are. @throws std::logic_error during a call.
  void begin(const std::string& request);
  /// Waits for more bytes, which are then in the transcript. @returns false at the deadline.
  /// @throws Failure(unreachable) when the line has gone meanwhile.
  Task<bool> heard(Time deadline);
  void end();
  /// Of the call under way, or of the last one.
  const Transcript& transcript() const { return transcript_; }

  /// For the line: bytes have come. @returns false when nobody waits for them.
  bool answer(const std::string& bytes);
  /// For the line: whether bytes of a request still wait to be sent. A line that has not taken them by the deadline of
  /// their call is gone.
  void sending(bool on) { sending_ = on; }
  /// For the line: it has gone, and whoever waits is told.
  void line_gone();
  /// From here on nobody hears of requests: for an owner on its way down.
  void detach() { on_request_ = nullptr; }

 private:
  void keep_unasked(const std::string& bytes);

  Clock& clock_;
  std::function<Time(const std::string&)> on_request_;
  bool open_ = false, gone_ = false, sending_ = false;
  Transcript transcript_;
  std::string unasked_;
  std::shared_ptr<LinkRecord> record_;  // of the last call
  bool noted_late_ = false;
  Event heard_;
};

}  // namespace blondel
