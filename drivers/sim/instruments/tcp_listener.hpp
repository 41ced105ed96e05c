#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>

#include "drivers/time/background.hpp"
#include "drivers/transport/byte_stream.hpp"

namespace blondel::sim {

/// Accepts TCP connections from this machine for as long as it lives, and serves each beside the others.
class TcpListener {
 public:
  using Serve = std::function<Task<void>(std::unique_ptr<ByteStream>)>;

  /// Listens on 127.0.0.1. @param port  0 lets the system choose one; see port().
  /// @throws Failure(unreachable) when the port is taken.
  TcpListener(Clock& clock, std::uint16_t port, Serve serve);

  /// The port it listens on.
  std::uint16_t port() const { return port_; }

 private:
  Task<void> accept_all();

  Clock& clock_;
  Serve serve_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  Background sessions_;
};

}  // namespace blondel::sim
