#include "drivers/modbus/line_call.hpp"

#include <stdexcept>
#include <utility>

#include "references/error.hpp"

namespace blondel {

LineCall::LineCall(Clock& clock, Order order, std::function<Time(const std::string&)> on_request)
    : clock_{clock}, on_request_{std::move(on_request)}, heard_{clock, "bytes of a modbus call", order} {}

void LineCall::record_into(std::shared_ptr<LinkRecord> record) {
  record_ = std::move(record);
  noted_late_ = false;
}

void LineCall::begin(const std::string& request) {
  if (std::exchange(open_, true)) throw std::logic_error{"two modbus calls at once on one line"};
  gone_ = false;
  transcript_ = Transcript{};
  transcript_.unasked = std::exchange(unasked_, {});
  transcript_.request = request;
  transcript_.request_over = clock_.now();
  if (on_request_) transcript_.request_over = on_request_(request);
}

Task<bool> LineCall::heard(Time deadline) {
  const bool more = gone_ || co_await heard_.wait_until(deadline);
  if (gone_ || (!more && sending_)) throw Failure{Fault::unreachable, "modbus", "the line is gone"};
  co_return more;
}

void LineCall::end() {
  open_ = false;
}

bool LineCall::answer(const std::string& bytes) {
  if (!open_) {
    keep_unasked(bytes);
    return false;
  }
  transcript_.heard.push_back({clock_.now(), bytes});
  heard_.set();
  return true;
}

void LineCall::line_gone() {
  if (!open_) return;
  gone_ = true;
  heard_.set();
}

void LineCall::keep_unasked(const std::string& bytes) {
  if (record_ && !std::exchange(noted_late_, true)) ++record_->late;
  // A line that never falls silent shall not fill the memory.
  if (unasked_.size() < 4096) unasked_ += bytes;
}

}  // namespace blondel
