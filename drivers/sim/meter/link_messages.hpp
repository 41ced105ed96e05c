#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "drivers/sim/meter/simulated_meter.hpp"

namespace blondel::sim {

/// What a message of the meter's process is, or what is wrong with it in words for the technician.
template <class T>
using Decoded = tl::expected<T, std::string>;

struct Hello {
  std::string build;  ///< the name the build gives itself
};
/// The text of ERROR stands in the unexpected branch.
Decoded<Hello> decode_hello(const std::string& message);

std::string encode_welcome(int position, Time power_up, std::uint32_t capacity, std::uint32_t nv_bytes,
                           const std::map<std::string, std::string>& settings);

struct Grant {
  std::uint64_t sequence{};
  Time from, until;
  std::uint32_t samples{};
  bool power_fails = false;
  bool stay_awake = false;  ///< for the bench's own host: to wait for the next message without sleep
  double temperature{};     ///< degrees Celsius
  std::vector<StampedByte> bytes;
};
std::string encode_grant(const Grant& grant);

struct Done {
  struct Edge {
    Time at;
    SimulatedMeter::Contact contact;
    bool closed{};
  };
  Time reached;
  std::uint64_t entries{};
  std::uint32_t samples{}, bytes{};  ///< of the grant that were used
  std::vector<Edge> edges;
  std::vector<StampedByte> sent;
  bool has_lcd = false;
  std::string lcd;
};
/// Checks everything that link.md promises against the grant it answers. The text of ERROR stands in the unexpected
/// branch.
Decoded<Done> decode_done(const std::string& message, const Grant& grant);

std::string encode_stop();

/// The text of an ERROR, if the message is one.
std::optional<std::string> error_text(const std::string& message);

}  // namespace blondel::sim
