#include "drivers/sim/instruments/message_framing.hpp"

#include <utility>

namespace blondel::sim {

MessageFraming::Step MessageFraming::keep(char byte) {
  if (thrown_away_) return Step::more;
  if (message_.size() == longest_) return refuse();
  message_ += byte;
  return Step::more;
}

MessageFraming::Step MessageFraming::refuse() {
  thrown_away_ = true;
  message_.clear();
  block_left_ = 0;
  at_ = At::text;
  return Step::too_long;
}

MessageFraming::Step MessageFraming::take_block_length(char byte) {
  block_ = block_ * 10 + static_cast<std::size_t>(byte - '0');
  if (--digits_left_ == 0) {
    at_ = At::text;
    // What could never fit is refused at once, or a wrong length would keep the instrument deaf for hours.
    if (message_.size() + 1 + block_ > longest_) return refuse();
    block_left_ = block_;
  }
  return keep(byte);
}

MessageFraming::Step MessageFraming::take(char byte) {
  if (std::exchange(complete_, false)) message_.clear();
  if (block_left_ > 0) {
    --block_left_;
    return keep(byte);
  }
  if (byte == '\n') {
    at_ = At::text;
    quote_ = 0;
    if (std::exchange(thrown_away_, false)) return Step::more;
    complete_ = true;
    return Step::complete;
  }
  if (thrown_away_) return Step::more;
  const bool figure = byte >= '0' && byte <= '9';
  if (at_ == At::block_length && figure) return take_block_length(byte);
  if (at_ == At::block_sign && figure && byte != '0') {
    at_ = At::block_length;
    digits_left_ = static_cast<std::size_t>(byte - '0');
    block_ = 0;
    return keep(byte);
  }
  if (quote_) {
    if (byte == quote_) quote_ = 0;
    at_ = At::text;
  } else if (byte == '"' || byte == '\'') {
    quote_ = byte;
    at_ = At::text;
  } else if (byte == '#' && at_ == At::parameter) {
    at_ = At::block_sign;
  } else {
    at_ = byte == ' ' || byte == '\t' || byte == ',' ? At::parameter : At::text;
  }
  return keep(byte);
}

}  // namespace blondel::sim
