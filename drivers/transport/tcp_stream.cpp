#include "drivers/transport/tcp_stream.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include <array>

#include "references/error.hpp"

namespace blondel {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

class TcpStream final : public ByteStream {
 public:
  TcpStream(Clock& clock, tcp::socket socket, std::string peer)
      : clock_{clock}, socket_{std::move(socket)}, peer_{std::move(peer)} {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay{true}, ignored);
  }

  Task<void> write(std::string bytes, Time deadline) override {
    const auto outcome = co_await (asio::async_write(socket_, asio::buffer(bytes), as_result) ||
                                   clock_.pause_until(deadline, {}, "sending to " + peer_));
    if (outcome.index() == 1) throw Failure{Fault::timeout, peer_, "could not send before the deadline"};
    if (const auto error = std::get<0>(std::get<0>(outcome))) lost(error);
  }

  Task<std::string> read_some(Time deadline) override {
    std::array<char, 4096> buffer;
    const auto outcome = co_await (socket_.async_read_some(asio::buffer(buffer), as_result) ||
                                   clock_.pause_until(deadline, {}, "reading from " + peer_));
    if (outcome.index() == 1) throw Failure{Fault::timeout, peer_, "no bytes before the deadline"};
    const auto [error, size] = std::get<0>(outcome);
    if (error) lost(error);
    co_return std::string(buffer.data(), size);
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  std::string peer() const override { return peer_; }

 private:
  [[noreturn]] void lost(const boost::system::error_code& error) {
    if (error == asio::error::operation_aborted && socket_.is_open()) throw boost::system::system_error{error};
    throw Failure{Fault::unreachable, peer_, "the connection is lost: " + error.message()};
  }

  Clock& clock_;
  tcp::socket socket_;
  std::string peer_;
};

}  // namespace

std::unique_ptr<ByteStream> tcp_stream(Clock& clock, tcp::socket socket) {
  boost::system::error_code error;
  const auto end = socket.remote_endpoint(error);
  auto peer = error ? std::string{"a closed connection"} : fmt::format("{}:{}", end.address().to_string(), end.port());
  return std::make_unique<TcpStream>(clock, std::move(socket), std::move(peer));
}

Task<std::unique_ptr<ByteStream>> tcp_connect(Clock& clock, std::string host, std::uint16_t port, Time deadline) {
  const auto peer = fmt::format("{}:{}", host, port);
  tcp::resolver resolver{clock.io()};
  tcp::socket socket{clock.io()};
  const auto service = std::to_string(port);
  const auto resolved = co_await (resolver.async_resolve(host, service, as_result) ||
                                  clock.pause_until(deadline, {}, "resolving " + host));
  if (resolved.index() == 1) throw Failure{Fault::unreachable, peer, "the host name was not resolved in time"};
  const auto& [resolve_error, ends] = std::get<0>(resolved);
  if (resolve_error) throw Failure{Fault::unreachable, peer, "the host is unknown: " + resolve_error.message()};
  const auto connected = co_await (asio::async_connect(socket, ends, as_result) ||
                                   clock.pause_until(deadline, {}, "connecting to " + peer));
  if (connected.index() == 1) throw Failure{Fault::unreachable, peer, "nobody answered in time"};
  if (const auto error = std::get<0>(std::get<0>(connected)))
    throw Failure{Fault::unreachable, peer, "cannot connect: " + error.message()};
  co_return std::make_unique<TcpStream>(clock, std::move(socket), peer);
}

}  // namespace blondel
