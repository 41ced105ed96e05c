#include "drivers/sim/instruments/tcp_listener.hpp"

#include <fmt/format.h>

#include "drivers/transport/tcp_stream.hpp"
#include "references/error.hpp"

namespace blondel::sim {

using boost::asio::ip::tcp;

TcpListener::TcpListener(Clock& clock, std::uint16_t port, Serve serve)
    : clock_{clock}, serve_{std::move(serve)}, acceptor_{clock.io()}, sessions_{clock} {
  try {
    const tcp::endpoint here{boost::asio::ip::address_v4::loopback(), port};
    acceptor_.open(here.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address{true});
    acceptor_.bind(here);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    throw Failure{Fault::unreachable, fmt::format("127.0.0.1:{}", port),
                  fmt::format("cannot listen: {}", error.code().message())};
  }
  sessions_.spawn(accept_all());
}

Task<void> TcpListener::accept_all() {
  for (;;) {
    auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
    sessions_.spawn(serve_(tcp_stream(clock_, std::move(socket))));
  }
}

}  // namespace blondel::sim
