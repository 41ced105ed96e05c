#pragma once

#include <string>

#include "drivers/time/clock.hpp"

namespace blondel {

/// A connection that carries bytes both ways. Every call has a deadline in bench time.
///
/// Every implementation passes byte_stream_contract_test.cpp:
/// - bytes arrive once, whole and in order, in pieces of any size;
/// - read_some throws Failure(timeout) at the deadline, not before and not after, and loses nothing;
/// - both ends see Failure(unreachable) once the other is closed and what it sent has been read.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Sends all of `bytes`.
  virtual Task<void> write(std::string bytes, Time deadline) = 0;
  /// At least one byte, as many as are there.
  virtual Task<std::string> read_some(Time deadline) = 0;
  /// Ends the connection in both directions; whoever waits on it is woken with Failure(unreachable).
  virtual void close() = 0;
  /// For messages: "127.0.0.1:6320" or the like.
  virtual std::string peer() const = 0;
};

}  // namespace blondel
