#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

#include "drivers/transport/byte_stream.hpp"

namespace blondel {

/// Connects to host:port. @throws Failure(unreachable) when nobody answers before the deadline.
Task<std::unique_ptr<ByteStream>> tcp_connect(Clock& clock, std::string host, std::uint16_t port, Time deadline);

/// A connection that was accepted.
std::unique_ptr<ByteStream> tcp_stream(Clock& clock, boost::asio::ip::tcp::socket socket);

}  // namespace blondel
