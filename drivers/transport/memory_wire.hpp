#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "drivers/transport/byte_stream.hpp"

namespace blondel {

/// Two ends of an in-memory connection: the same bytes as on a real one, delivered in pieces whose sizes follow from
/// `seed`, so that nobody comes to rely on messages arriving whole. `latency` is how long a byte is under way.
std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> memory_wire(Clock& clock, std::string name,
                                                                                std::uint64_t seed, Order order = {},
                                                                                Duration latency = {});

}  // namespace blondel
