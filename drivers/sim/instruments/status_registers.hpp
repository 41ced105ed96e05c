#pragma once

#include <cstdint>
#include <deque>
#include <string>

namespace blondel::sim {

/// What an IEEE 488.2 instrument remembers of what went wrong: event status, its enable masks and the error queue.
/// Source: IEEE 488.2 chapter 11; SCPI-1999 volume 2 section 21.8 (error numbers and classes).
class StatusRegisters {
 public:
  struct Entry {
    int code;
    std::string text;
  };

  /// Event bits. Command errors are -1xx, execution errors -2xx, device errors -3xx and positive, query errors -4xx.
  enum Event : std::uint8_t {
    operation_complete = 1,
    query_error = 4,
    device_error = 8,
    execution_error = 16,
    command_error = 32,
    power_on = 128
  };

  /// Enters an error. A full queue keeps its entries and says so in place of the last one (-350). Text and detail
  /// together have at most 255 characters, and what cannot be printed in a string stands as a question mark.
  void report(int code, const std::string& detail = "");
  /// The oldest entry, taken out; {0, "No error"} when there is none.
  Entry next();
  std::size_t count() const { return queue_.size(); }

  void raise(Event event) { events_ = static_cast<std::uint8_t>(events_ | event); }
  /// *ESR?: reading clears.
  std::uint8_t take_events();
  /// *STB?: reading does not clear. Bit 2 error queue, 4 message available, 5 event summary, 6 master summary.
  std::uint8_t status_byte(bool message_available = false) const;
  /// *CLS: empties queue and events, leaves the masks.
  void clear();

  std::uint8_t event_enable = 0;    ///< *ESE
  std::uint8_t service_enable = 0;  ///< *SRE; bit 6 is always 0

  static constexpr std::size_t queue_length = 16;
  static constexpr std::size_t longest_text = 255;

 private:
  std::deque<Entry> queue_;
  std::uint8_t events_ = power_on;
};

/// The standard's words for an error number, e.g. "Undefined header".
std::string error_text(int code);

}  // namespace blondel::sim
