// Any bytes as a message of the bench: a host refuses it in words or has taken exactly what stands in it.

#include <cstring>
#include <memory>

#include "drivers/sim/meter/host/link_input.h"
#include "references/fuzz/fuzz_input.hpp"

namespace blondel::sim {
namespace {

/// The bytes in memory of just their size, so that a look beyond them is seen.
std::unique_ptr<char[]> exactly(const std::string& message) {
  auto bytes = std::make_unique<char[]>(message.size());
  std::memcpy(bytes.get(), message.data(), message.size());
  return bytes;
}

template <class Head>
std::string with_head(const Head& head, const std::string& rest) {
  std::string message(sizeof head, '\0');
  std::memcpy(message.data(), &head, sizeof head);
  return message + rest;
}

void read_welcome(const std::string& message) {
  static host_settings settings;
  blondel_link_welcome welcome{};
  const auto bytes = exactly(message);
  if (const char* wrong = take_welcome(bytes.get(), message.size(), &welcome, &settings)) {
    require(*wrong != '\0', "what is wrong is said");
    return;
  }
  // The pairs, each with its zeros, are all that there is.
  std::size_t taken = 0;
  for (unsigned n = 0; n < settings.count; ++n)
    taken += std::strlen(settings.pair[n].key) + std::strlen(settings.pair[n].value) + 2;
  require(taken == welcome.settings_bytes, "all settings of a WELCOME are taken");
}

void read_grant(const std::string& message, std::uint32_t capacity) {
  blondel_link_grant grant{};
  const auto bytes = exactly(message);
  if (take_grant(bytes.get(), message.size(), capacity, &grant) != nullptr) return;
  require(grant.samples <= capacity, "a GRANT's samples are in the memory");
  require(message.size() == sizeof grant + std::size_t{grant.rx_count} * sizeof(blondel_link_byte),
          "a GRANT's bytes are in the message");
}

}  // namespace
}  // namespace blondel::sim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace blondel::sim;
  blondel::FuzzInput input{data, size};
  const auto kind = input.byte();
  const std::uint32_t capacity = input.byte();
  if (kind % 4 == 0) {
    read_welcome(input.rest());
  } else if (kind % 4 == 1) {
    read_grant(input.rest(), capacity);
  } else if (kind % 4 == 2) {
    // A head that says its own length, so that what is behind it is reached.
    const auto rest = input.rest();
    blondel_link_welcome head{};
    head.kind = BLONDEL_LINK_WELCOME;
    head.settings_bytes = static_cast<std::uint32_t>(rest.size());
    read_welcome(with_head(head, rest));
  } else {
    blondel_link_grant head{};
    head.kind = BLONDEL_LINK_GRANT;
    head.samples = input.byte();
    const auto rest = input.rest();
    head.rx_count = static_cast<std::uint32_t>(rest.size() / sizeof(blondel_link_byte));
    read_grant(with_head(head, rest), capacity);
  }
  return 0;
}
