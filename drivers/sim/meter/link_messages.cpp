#include "drivers/sim/meter/link_messages.hpp"

#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "drivers/sim/firmware/blondel_firmware.h"
#include "drivers/sim/meter/link.h"

namespace blondel::sim {

namespace {

constexpr std::uint32_t longest_lcd = 255;

std::int64_t nanoseconds(Time t) {
  return t.time_since_epoch().count();
}
Time instant(std::int64_t ns) {
  return Time{Duration{ns}};
}

template <class T>
void append(std::string& message, const T& value) {
  message.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Reads packed structures one after the other.
class Reader {
 public:
  explicit Reader(const std::string& message) : rest_{message} {}
  template <class T>
  bool take(T& value) {
    if (rest_.size() < sizeof value) return false;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

tl::unexpected<std::string> garbage(std::string_view what) {
  return tl::unexpected<std::string>{fmt::format("garbage on the link: {}", what)};
}

}  // namespace

std::optional<std::string> error_text(const std::string& message) {
  std::uint32_t kind{};
  if (!Reader{message}.take(kind) || kind != BLONDEL_LINK_ERROR) return std::nullopt;
  return message.substr(sizeof kind, BLONDEL_LINK_TEXT);
}

Decoded<Hello> decode_hello(const std::string& message) {
  if (const auto text = error_text(message)) return tl::unexpected<std::string>{*text};
  blondel_link_hello hello{};
  Reader reader{message};
  if (!reader.take(hello) || hello.kind != BLONDEL_LINK_HELLO || !reader.rest().empty())
    return garbage("HELLO was expected");
  if (hello.link_version != BLONDEL_LINK_VERSION)
    return tl::unexpected<std::string>{fmt::format("the meter speaks version {} of the link, this bench version {}",
                                                   hello.link_version, BLONDEL_LINK_VERSION)};
  if (hello.firmware_version != BLONDEL_FIRMWARE_VERSION)
    return tl::unexpected<std::string>{
        fmt::format("the build was made for version {} of the hardware abstraction, this bench has {}",
                    hello.firmware_version, BLONDEL_FIRMWARE_VERSION)};
  const auto length = strnlen(hello.name, sizeof hello.name);
  if (length == sizeof hello.name) return garbage("the build's name in HELLO has no end");
  return Hello{std::string{hello.name, length}};
}

std::string encode_welcome(int position, Time power_up, std::uint32_t capacity, std::uint32_t nv_bytes,
                           const std::map<std::string, std::string>& settings) {
  std::string text;
  for (const auto& [key, value] : settings) {
    text.append(key).push_back('\0');
    text.append(value).push_back('\0');
  }
  const blondel_link_welcome welcome{BLONDEL_LINK_WELCOME,
                                     position,
                                     nanoseconds(power_up),
                                     capacity,
                                     nv_bytes,
                                     static_cast<std::uint32_t>(text.size())};
  std::string message;
  append(message, welcome);
  return message + text;
}

std::string encode_grant(const Grant& grant) {
  const std::uint32_t flags = (grant.power_fails ? std::uint32_t{BLONDEL_GRANT_POWER_FAILS} : 0u) |
                              (grant.stay_awake ? std::uint32_t{BLONDEL_GRANT_STAY_AWAKE} : 0u);
  const blondel_link_grant head{BLONDEL_LINK_GRANT,       flags,         grant.sequence,
                                nanoseconds(grant.until), grant.samples, static_cast<std::uint32_t>(grant.bytes.size()),
                                grant.temperature};
  std::string message;
  append(message, head);
  for (const auto& b : grant.bytes) append(message, blondel_link_byte{nanoseconds(b.at), b.byte});
  return message;
}

Decoded<Done> decode_done(const std::string& message, const Grant& grant) {
  if (const auto text = error_text(message)) return tl::unexpected<std::string>{*text};
  blondel_link_done head{};
  Reader reader{message};
  if (!reader.take(head) || head.kind != BLONDEL_LINK_DONE) return garbage("DONE was expected");
  if (head.sequence != grant.sequence) return garbage("DONE answers another grant");
  const auto expected = std::uint64_t{head.edge_count} * sizeof(blondel_link_edge) +
                        std::uint64_t{head.tx_count} * sizeof(blondel_link_byte) + head.lcd_bytes;
  if (reader.rest().size() != expected) return garbage("DONE has not the length it says");
  if ((head.flags & ~std::uint32_t{BLONDEL_DONE_NV_WRITTEN | BLONDEL_DONE_LCD}) != 0)
    return garbage("DONE has flags that mean nothing");
  if (head.lcd_bytes > longest_lcd || (head.lcd_bytes > 0 && (head.flags & BLONDEL_DONE_LCD) == 0))
    return garbage("DONE has a text of the LCD that is too long or not announced");
  if (head.samples > grant.samples || head.rx_count > grant.bytes.size())
    return garbage("DONE used more than it was given");

  Done done{.reached = instant(head.reached_ns),
            .entries = head.entries,
            .samples = head.samples,
            .bytes = head.rx_count,
            .edges = {},
            .sent = {},
            .has_lcd = (head.flags & BLONDEL_DONE_LCD) != 0,
            .lcd = {}};
  if (done.reached < grant.from || done.reached > grant.until)
    return garbage("DONE reached an instant it was not granted");
  if (head.tx_count == 0 && (done.reached != grant.until || head.samples != grant.samples))
    return garbage("DONE stopped short without sending");

  Time last = grant.from;
  for (std::uint32_t n = 0; n < head.edge_count; ++n) {
    blondel_link_edge edge{};
    reader.take(edge);
    const Time at = instant(edge.at_ns);
    if (at < last || at > done.reached) return garbage("an edge lies outside its grant");
    if (edge.contact > 1 || edge.closed > 1) return garbage("an edge of no contact");
    last = at;
    done.edges.push_back(
        {at, edge.contact == 0 ? SimulatedMeter::Contact::pulse : SimulatedMeter::Contact::alarm, edge.closed == 1});
  }
  last = done.reached;
  for (std::uint32_t n = 0; n < head.tx_count; ++n) {
    blondel_link_byte sent{};
    reader.take(sent);
    const Time at = instant(sent.at_ns);
    if (at < last || (n > 0 && at == last) || sent.byte > 255)
      return garbage("a sent byte lies before its grant's end or the byte before it, or is none");
    last = at;
    done.sent.push_back({at, static_cast<std::uint8_t>(sent.byte)});
  }
  done.lcd = std::string{reader.rest()};
  return done;
}

std::string encode_stop() {
  std::string message;
  append(message, std::uint32_t{BLONDEL_LINK_STOP});
  return message;
}

}  // namespace blondel::sim
