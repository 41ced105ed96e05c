#include "drivers/sim/meter/terminal_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace blondel::sim {

using namespace std::chrono_literals;

namespace {

// The longest frame, and how long its pieces may lie apart: a firmware may hand over an answer in several calls.
constexpr std::size_t longest_answer = 512;
constexpr Duration between_pieces = 100ms;
// 512 characters at 110 baud last 51 s.
constexpr Duration longest_frame = 60s;
constexpr int most_edges_a_second = 1000;

}  // namespace

// One request is what comes without a pause; Modbus over serial line, 2.5.1.1, forbids 1.5 characters within a frame.
bool TerminalWatch::follows(const StampedByte& byte, Time before) const {
  return byte.at - before <= character_ + character_ / 2;  // none so far: nothing follows anything
}

void TerminalWatch::power_up() {
  last_used_.reset();
  frame_begin_.reset();
  asked_ = request_ended_ = answered_ended_ = false;
  answer_bytes_ = 0;
}

std::optional<std::string> TerminalWatch::hears(const std::vector<StampedByte>& bytes) {
  std::optional<std::string> wrong;
  for (const auto& byte : bytes) {
    if (last_arrival_ && byte.at > *last_arrival_)
      character_ = character_ == Duration{} ? byte.at - *last_arrival_ : std::min(character_, byte.at - *last_arrival_);
    // The byte before belongs to the request that was answered, and this one to the byte before.
    const bool same_request = last_arrival_ && last_used_ == last_arrival_ && follows(byte, *last_arrival_);
    if (same_request && frame_begin_ && *frame_begin_ >= *last_used_ && *frame_begin_ < byte.at && !asked_ &&
        !answered_ended_ && !wrong)
      wrong = fmt::format("the build answered before it was asked: its frame began at {:.6f} s, into the request",
                          in_seconds(*frame_begin_));
    last_arrival_ = byte.at;
  }
  return wrong;
}

std::optional<std::string> TerminalWatch::sees(const Done& done, const std::deque<StampedByte>& heard) {
  for (std::size_t n = 0; n < done.bytes; ++n) {
    request_ended_ = request_ended_ || (asked_ && last_used_ && !follows(heard[n], *last_used_));
    asked_ = true;
    last_used_ = heard[n].at;
  }
  if (!done.edges.empty())
    if (auto wrong = switches(done)) return wrong;
  if (done.sent.empty()) return std::nullopt;
  return sends(done, heard);
}

std::optional<std::string> TerminalWatch::sends(const Done& done, const std::deque<StampedByte>& heard) {
  const auto& frame = done.sent;
  const Duration spacing = frame.size() > 1 ? frame[1].at - frame[0].at : Duration{};
  const Time begin = frame.front().at - spacing, end = frame.back().at;
  if (end - done.reached > longest_frame)
    return fmt::format("the build sent a frame that ends {:.0f} s after it was decided on",
                       in_seconds(end - done.reached));
  // The mapping of the meter's clock to bench time moves a little while a frame is under way.
  if (frame_begin_ && begin + spacing / 2 < frame_end_)
    return fmt::format(
        "the build floods its port: at {:.6f} s it begins to send while its own frame is on the line until {:.6f} s",
        in_seconds(begin), in_seconds(frame_end_));
  const bool piece = frame_begin_ && begin - frame_end_ <= between_pieces;
  if (!asked_ && !piece)
    return fmt::format(
        "the build answered before it was asked: it sent {} bytes at {:.6f} s, and nobody had said "
        "anything {}",
        frame.size(), in_seconds(begin), frame_begin_ ? "since its last frame" : "since power-up");
  Time before = last_used_.value_or(done.reached);
  for (std::size_t n = done.bytes; !request_ended_ && n < heard.size() && follows(heard[n], before); ++n) {
    if (begin < heard[n].at)
      return fmt::format("the build answered before it was asked: its frame begins at {:.6f} s, into the request",
                         in_seconds(begin));
    before = heard[n].at;
  }
  answer_bytes_ = (asked_ ? 0 : answer_bytes_) + frame.size();
  if (answer_bytes_ > longest_answer)
    return fmt::format("the build floods its port: it sent {} bytes without being asked again; a frame has at most {}",
                       answer_bytes_, longest_answer);
  asked_ = false;
  answered_ended_ = std::exchange(request_ended_, false);
  frame_begin_ = begin;
  frame_end_ = end;
  return std::nullopt;
}

std::optional<std::string> TerminalWatch::switches(const Done& done) {
  for (const auto& edge : done.edges) {
    const auto contact = static_cast<std::size_t>(edge.contact == SimulatedMeter::Contact::alarm);
    const auto second = edge.at.time_since_epoch() / 1s;
    if (second != second_[contact]) {
      second_[contact] = second;
      edges_[contact] = 0;
    }
    if (++edges_[contact] > most_edges_a_second)
      return fmt::format("the build switches its {} contact more than {} times a second",
                         contact == 1 ? "alarm" : "pulse", most_edges_a_second);
  }
  return std::nullopt;
}

}  // namespace blondel::sim
