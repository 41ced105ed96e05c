// Any bytes as a message of a meter's process: the bench takes only what link.md promises, and for everything else it
// has words. The input's first byte says what the rest is: a HELLO, a DONE as it stands, or the variable part of a DONE
// whose head is made to fit, so that the checks behind the head are reached.

#include <cstring>
#include <map>
#include <string>

#include "drivers/sim/meter/link.h"
#include "drivers/sim/meter/link_messages.hpp"
#include "references/fuzz/fuzz_input.hpp"

namespace blondel::sim {
namespace {

Time instant(std::int64_t ns) {
  return Time{Duration{ns}};
}

Grant some_grant(FuzzInput& input) {
  Grant grant;
  grant.sequence = input.byte();
  grant.from = instant(input.number<std::uint32_t>());
  grant.until = grant.from + Duration{input.number<std::uint32_t>()};
  grant.samples = input.byte();
  grant.bytes.resize(input.byte() % 8);
  return grant;
}

/// Everything that the bench relies on once a DONE was taken.
void check(const Done& done, const Grant& grant) {
  require(done.reached >= grant.from && done.reached <= grant.until, "reached lies in the grant");
  require(done.samples <= grant.samples && done.bytes <= grant.bytes.size(), "no more used than given");
  require(!done.sent.empty() || (done.reached == grant.until && done.samples == grant.samples),
          "short only where something was sent");
  Time last = grant.from;
  for (const auto& edge : done.edges) {
    require(edge.at >= last && edge.at <= done.reached, "edges rise within the grant");
    last = edge.at;
  }
  last = done.reached;
  for (const auto& sent : done.sent) {
    require(sent.at >= last, "sent bytes rise after the grant");
    last = sent.at;
  }
}

void read_done(const std::string& message, const Grant& grant) {
  const auto done = decode_done(message, grant);
  if (done)
    check(*done, grant);
  else
    require(!done.error().empty() || message.size() == 4, "what is wrong is said");
}

std::string fitting_done(FuzzInput& input, const Grant& grant) {
  blondel_link_done head{};
  head.kind = BLONDEL_LINK_DONE;
  head.sequence = grant.sequence;
  head.flags = input.byte();
  const auto short_by = input.byte();
  head.reached_ns = grant.until.time_since_epoch().count() - short_by;
  head.samples = grant.samples - std::min<std::uint32_t>(grant.samples, short_by);
  head.rx_count = input.byte() % 9;
  head.edge_count = input.byte() % 8;
  head.tx_count = input.byte() % 8;
  std::string rest;
  Time at = grant.from;
  for (std::uint32_t n = 0; n < head.edge_count; ++n) {
    at += Duration{input.number<std::int16_t>()};
    const auto what = input.byte();
    const blondel_link_edge edge{at.time_since_epoch().count(), static_cast<std::uint16_t>(what % 4),
                                 static_cast<std::uint16_t>(what / 4 % 3)};
    rest.append(reinterpret_cast<const char*>(&edge), sizeof edge);
  }
  at = instant(head.reached_ns);
  for (std::uint32_t n = 0; n < head.tx_count; ++n) {
    at += Duration{input.number<std::int16_t>()};
    const blondel_link_byte byte{at.time_since_epoch().count(), input.number<std::uint16_t>() % 300u};
    rest.append(reinterpret_cast<const char*>(&byte), sizeof byte);
  }
  const auto text = input.rest();
  head.lcd_bytes = static_cast<std::uint32_t>(text.size());
  std::string message(sizeof head, '\0');
  std::memcpy(message.data(), &head, sizeof head);
  return message + rest + text;
}

/// The bench's own messages, taken apart again by their layout.
void check_own(const Grant& grant, const std::string& value) {
  const std::map<std::string, std::string> settings{{"serial", value.substr(0, value.find('\0'))}};
  const auto greeting = encode_welcome(1, grant.from, grant.samples, 8, settings);
  blondel_link_welcome welcome{};
  require(greeting.size() >= sizeof welcome, "a WELCOME's length");
  std::memcpy(&welcome, greeting.data(), sizeof welcome);
  require(greeting.size() == sizeof welcome + welcome.settings_bytes && welcome.capacity == grant.samples,
          "a WELCOME's head");
  require(encode_stop().size() == sizeof(std::uint32_t), "a STOP");

  const auto message = encode_grant(grant);
  blondel_link_grant head{};
  require(message.size() == sizeof head + grant.bytes.size() * sizeof(blondel_link_byte), "a GRANT's length");
  std::memcpy(&head, message.data(), sizeof head);
  require(head.kind == BLONDEL_LINK_GRANT && head.sequence == grant.sequence && head.samples == grant.samples,
          "a GRANT's head");
}

}  // namespace
}  // namespace blondel::sim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace blondel::sim;
  blondel::FuzzInput input{data, size};
  const auto kind = input.byte();
  if (kind % 4 == 0) {
    if (const auto hello = decode_hello(input.rest())) blondel::require(hello->build.size() <= 64, "a name's length");
    return 0;
  }
  const auto grant = some_grant(input);
  const auto rest = input.rest();
  check_own(grant, rest);
  blondel::FuzzInput variable{reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()};
  read_done(kind % 4 == 1 ? rest : fitting_done(variable, grant), grant);
  return 0;
}
