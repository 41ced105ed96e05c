#include "drivers/scpi/scpi_client.hpp"

#include <fmt/format.h>

namespace blondel {

namespace {

/// Marks run through 2..255: 0 and 1 are what most states are answered with.
constexpr int lowest_mark = 2, marks = 254;

bool is_mark(const std::string& line, int mark) {
  const auto value = parse_integer(line, {});
  return value && *value == mark;
}

}  // namespace

ScpiClient::ScpiClient(std::unique_ptr<ByteStream> wire, Clock& clock, std::string where, Framing framing)
    : wire_{std::move(wire)}, clock_{clock}, where_{std::move(where)}, framing_{std::move(framing)} {}

void ScpiClient::close() {
  if (wire_) wire_->close();
  wire_.reset();
  received_.clear();
}

void ScpiClient::rethrow(const Failure& failure, const std::string& query, Duration limit) {
  const auto& error = failure.error;
  if (error.fault == Fault::unreachable) close();
  if (error.fault == Fault::timeout)
    throw Failure{Fault::timeout, where_, fmt::format("no answer to '{}' within {:.3g} s", query, in_seconds(limit))};
  throw Failure{error.fault, where_, fmt::format("at '{}': {}", query, error.what)};
}

Task<void> ScpiClient::put(std::string message, Time deadline) {
  half_sent_ = true;
  const auto wire = wire_;
  co_await wire->write(message + framing_.terminator, deadline);
  half_sent_ = false;
}

Task<void> ScpiClient::more(Time deadline) {
  const auto wire = wire_;
  received_ += co_await wire->read_some(deadline);
}

Task<std::string> ScpiClient::line(Time deadline) {
  for (std::size_t seen = 0;;) {
    const auto end = received_.find(framing_.terminator, seen);
    if (end != std::string::npos && end <= framing_.longest) {
      auto text = received_.substr(0, end);
      received_.erase(0, end + framing_.terminator.size());
      while (!text.empty() && text.back() == '\r') text.pop_back();
      co_return text;
    }
    if (received_.size() > framing_.longest) {
      close();
      throw Failure{Fault::protocol, where_,
                    fmt::format("more than {} bytes without an end; the connection is closed", framing_.longest)};
    }
    // A terminator may lie across two pieces.
    seen = received_.size() < framing_.terminator.size() ? 0 : received_.size() - framing_.terminator.size() + 1;
    co_await more(deadline);
  }
}

Task<std::string> ScpiClient::block(Time deadline) {
  while (received_.size() < 2) co_await more(deadline);
  const char count = received_[1];
  if (received_[0] != '#' || count < '0' || count > '9')
    throw Failure{Fault::protocol, where_, "'" + shown(received_) + "' where a block belongs"};
  if (count == '0') {
    const auto text = co_await line(deadline);
    co_return text.substr(2);
  }
  const auto head = static_cast<std::size_t>(2 + (count - '0'));
  while (received_.size() < head) co_await more(deadline);
  std::size_t length = 0;
  for (const char digit : received_.substr(2, head - 2)) {
    if (digit < '0' || digit > '9')
      throw Failure{Fault::protocol, where_, "'" + shown(received_.substr(0, head)) + "' is no head of a block"};
    length = length * 10 + static_cast<std::size_t>(digit - '0');
  }
  if (length > framing_.longest) {
    close();
    throw Failure{Fault::protocol, where_,
                  fmt::format("a block of {} bytes, more than {}; the connection is closed", length, framing_.longest)};
  }
  while (received_.size() < head + length) co_await more(deadline);
  auto bytes = received_.substr(head, length);
  received_.erase(0, head + length);
  const auto rest = co_await line(deadline);
  if (!rest.empty()) throw Failure{Fault::protocol, where_, "'" + shown(rest) + "' after the end of a block"};
  co_return bytes;
}

Task<void> ScpiClient::begin(const std::string& message, Duration limit) {
  if (wire_ && half_sent_) close();
  if (!wire_) throw Failure{Fault::unreachable, where_, "at '" + message + "': the connection is closed"};
  // Bytes that nobody asked for: whatever they are, they are no answer to what comes now.
  if (!received_.empty()) in_step_ = false;
  if (!in_step_) co_await get_into_step(limit);
}

Task<void> ScpiClient::get_into_step(Duration limit) {
  const int first = lowest_mark + mark_ % marks, second = lowest_mark + (mark_ + marks / 2) % marks;
  mark_ += 37;
  const Time deadline = clock_.now() + limit;
  std::string reason;
  try {
    co_await put(fmt::format("*ESE {0};*ESE?", first), deadline);
    co_await put(fmt::format("*ESE {0};*ESE?", second), deadline);
    for (bool after_first = false;;) {
      const auto text = co_await line(deadline);
      if (after_first && is_mark(text, second)) break;
      after_first = is_mark(text, first);
    }
    in_step_ = true;
    co_return;
  } catch (const Failure& failure) {
    reason = failure.error.what;
  }
  close();
  throw Failure{Fault::unreachable, where_,
                fmt::format("an earlier query was not answered in time, and the conversation could not be brought "
                            "back into step within {:.3g} s ({}); the connection is closed",
                            in_seconds(limit), reason)};
}

Task<std::string> ScpiClient::ask(std::string query, Duration limit) {
  co_await begin(query, limit);
  in_step_ = false;
  const Time deadline = clock_.now() + limit;
  try {
    co_await put(query, deadline);
    auto answer = co_await line(deadline);
    in_step_ = true;
    co_return answer;
  } catch (const Failure& failure) {
    rethrow(failure, query, limit);
  }
}

Task<std::string> ScpiClient::ask_block(std::string query, Duration limit) {
  co_await begin(query, limit);
  in_step_ = false;
  const Time deadline = clock_.now() + limit;
  try {
    co_await put(query, deadline);
    auto bytes = co_await block(deadline);
    in_step_ = true;
    co_return bytes;
  } catch (const Failure& failure) {
    rethrow(failure, query, limit);
  }
}

Task<double> ScpiClient::ask_number(std::string query, Duration limit) {
  const auto answer = co_await ask(query, limit);
  const Asked asked{where_, query};
  co_return value_or_throw(parse_number(answer, asked));
}

Task<long long> ScpiClient::ask_integer(std::string query, Duration limit) {
  const auto answer = co_await ask(query, limit);
  const Asked asked{where_, query};
  co_return value_or_throw(parse_integer(answer, asked));
}

Task<void> ScpiClient::send(std::string command, Duration limit) {
  co_await begin(command, limit);
  try {
    co_await put(command, clock_.now() + limit);
  } catch (const Failure& failure) {
    rethrow(failure, command, limit);
  }
}

Task<std::vector<std::string>> ScpiClient::errors(Duration limit) {
  // No queue is this long: an instrument that goes on is not emptying one.
  constexpr int most = 64;
  const Asked asked{where_, framing_.error_query};
  std::vector<std::string> entries;
  for (int n = 0; n < most; ++n) {
    auto entry = co_await ask(framing_.error_query, limit);
    const auto code = value_or_throw(parse_integer(split(entry, ',').front(), asked));
    if (code == 0) co_return entries;
    entries.push_back(std::move(entry));
  }
  throw Failure{Fault::protocol, where_, fmt::format("the error queue was not empty after {} entries", most)};
}

Task<void> ScpiClient::expect_no_errors(std::string what, Duration limit) {
  const auto entries = co_await errors(limit);
  if (entries.empty()) co_return;
  std::string all;
  for (const auto& entry : entries) all += (all.empty() ? "" : "; ") + shown(entry);
  throw Failure{Fault::instrument, where_, what + " left in its error queue: " + all};
}

}  // namespace blondel
