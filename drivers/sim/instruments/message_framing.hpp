#pragma once

#include <cstddef>
#include <string>

namespace blondel::sim {

/// Finds where a program message ends in a stream of bytes: at a newline that is not one of the bytes of a
/// definite-length block ("#15" and five bytes of any value). An indefinite block ("#0") ends with the message, since
/// a socket has no other END.
///
/// A '#' begins a block only where a parameter begins and outside quotes. A newline ends a message inside quotes too,
/// so that a forgotten quote costs one message and not all that follow.
/// Source: IEEE 488.2 section 7.5 (message terminator) and 7.7.6 (arbitrary block program data).
class MessageFraming {
 public:
  /// @param longest  what a message may hold; see Step::too_long.
  explicit MessageFraming(std::size_t longest) : longest_{longest} {}

  enum class Step {
    more,      ///< the message goes on
    complete,  ///< it stands in message(), without its newline
    too_long,  ///< told once: the message does not fit, or a block in it could not; thrown away up to the next newline
  };
  Step take(char byte);
  /// The complete message, which the next byte forgets.
  const std::string& message() const { return message_; }

 private:
  enum class At { text, parameter, block_sign, block_length };
  Step keep(char byte);
  Step refuse();
  Step take_block_length(char byte);

  std::size_t longest_;
  std::string message_;
  bool complete_ = false;
  bool thrown_away_ = false;
  At at_ = At::text;
  char quote_ = 0;
  std::size_t digits_left_ = 0, block_ = 0, block_left_ = 0;
};

}  // namespace blondel::sim
