// What every ByteStream promises, played over a memory wire in bench time and over TCP on this machine in wall time.

#include "drivers/transport/byte_stream.hpp"

#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>

#include <optional>

#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/time/wall_clock.hpp"
#include "drivers/transport/memory_wire.hpp"
#include "drivers/transport/tcp_stream.hpp"
#include "references/error.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

struct Ends {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<ByteStream> left, right;
};

Ends over_memory() {
  Ends ends{std::make_unique<VirtualClock>(), nullptr, nullptr};
  std::tie(ends.left, ends.right) = memory_wire(*ends.clock, "wire", 11);
  return ends;
}

Task<void> accept_one(Clock& clock, tcp::acceptor& acceptor, std::unique_ptr<ByteStream>& end) {
  auto socket = co_await acceptor.async_accept(boost::asio::use_awaitable);
  end = tcp_stream(clock, std::move(socket));
}

Task<void> connect_to(Clock& clock, std::uint16_t port, std::unique_ptr<ByteStream>& end) {
  end = co_await tcp_connect(clock, "127.0.0.1", port, clock.now() + 5s);
}

Ends over_tcp() {
  Ends ends{std::make_unique<WallClock>(), nullptr, nullptr};
  auto& clock = *ends.clock;
  tcp::acceptor acceptor{clock.io(), tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
  std::vector<Task<void>> both;
  both.push_back(accept_one(clock, acceptor, ends.right));
  both.push_back(connect_to(clock, acceptor.local_endpoint().port(), ends.left));
  clock.run(together(clock, std::move(both)));
  return ends;
}

Task<void> read_exactly(ByteStream& stream, std::size_t size, std::string& bytes, Time deadline) {
  while (bytes.size() < size) bytes += co_await stream.read_some(deadline);
}

Task<void> read_once(ByteStream& stream, Time deadline, std::string& bytes, std::optional<Fault>& fault) {
  try {
    bytes = co_await stream.read_some(deadline);
  } catch (const Failure& failure) {
    fault = failure.error.fault;
  }
}

Task<void> write_once(ByteStream& stream, std::string bytes, Time deadline, std::optional<Fault>& fault) {
  try {
    co_await stream.write(std::move(bytes), deadline);
  } catch (const Failure& failure) {
    fault = failure.error.fault;
  }
}

Task<void> close_it(ByteStream& stream) {
  stream.close();
  co_return;
}

class ByteStreamContract : public testing::TestWithParam<const char*> {
 protected:
  Time soon(Duration d = 5s) const { return clock.now() + d; }

  Ends ends = std::string{GetParam()} == "memory" ? over_memory() : over_tcp();
  Clock& clock = *ends.clock;
  std::string bytes;
  std::optional<Fault> fault;
};

TEST_P(ByteStreamContract, BytesArriveOnceWholeAndInOrder) {
  std::string sent;
  for (int n = 0; n < 200'000; ++n) sent += static_cast<char>(n * 31 % 251);
  std::vector<Task<void>> both;
  both.push_back(write_once(*ends.left, sent, soon(), fault));
  both.push_back(read_exactly(*ends.right, sent.size(), bytes, soon()));
  clock.run(together(clock, std::move(both)));
  EXPECT_TRUE(bytes == sent);
  EXPECT_EQ(fault, std::nullopt);
}

TEST_P(ByteStreamContract, BothDirectionsAreTheirOwn) {
  std::string back;
  std::vector<Task<void>> all;
  all.push_back(write_once(*ends.left, "there", soon(), fault));
  all.push_back(write_once(*ends.right, "and back", soon(), fault));
  all.push_back(read_exactly(*ends.right, 5, bytes, soon()));
  all.push_back(read_exactly(*ends.left, 8, back, soon()));
  clock.run(together(clock, std::move(all)));
  EXPECT_EQ(bytes, "there");
  EXPECT_EQ(back, "and back");
}

TEST_P(ByteStreamContract, AReadEndsAtItsDeadlineAndNotBefore) {
  const Time deadline = soon(30ms);
  clock.run(read_once(*ends.left, deadline, bytes, fault));
  EXPECT_EQ(fault, Fault::timeout);
  EXPECT_GE(clock.now(), deadline);
  if (clock.is_virtual()) {
    EXPECT_EQ(clock.now(), deadline);
  }
}

TEST_P(ByteStreamContract, ATimeoutLosesNothing) {
  clock.run(read_once(*ends.right, soon(20ms), bytes, fault));
  ASSERT_EQ(fault, Fault::timeout);
  fault.reset();
  clock.run(write_once(*ends.left, "late", soon(), fault));
  clock.run(read_exactly(*ends.right, 4, bytes, soon()));
  EXPECT_EQ(bytes, "late");
}

TEST_P(ByteStreamContract, WhatWasSentBeforeClosingIsStillRead) {
  clock.run(write_once(*ends.left, "last words", soon(), fault));
  ends.left->close();
  clock.run(read_exactly(*ends.right, 10, bytes, soon()));
  EXPECT_EQ(bytes, "last words");
  clock.run(read_once(*ends.right, soon(), bytes, fault));
  EXPECT_EQ(fault, Fault::unreachable);
}

TEST_P(ByteStreamContract, AClosedEndIsUnreachableForItself) {
  ends.left->close();
  clock.run(read_once(*ends.left, soon(), bytes, fault));
  EXPECT_EQ(fault, Fault::unreachable);
  fault.reset();
  clock.run(write_once(*ends.left, "x", soon(), fault));
  EXPECT_EQ(fault, Fault::unreachable);
}

TEST_P(ByteStreamContract, AReaderIsWokenWhenItsOwnEndIsClosed) {
  std::vector<Task<void>> both;
  both.push_back(read_once(*ends.left, soon(), bytes, fault));
  both.push_back(close_it(*ends.left));
  clock.run(together(clock, std::move(both)));
  EXPECT_EQ(fault, Fault::unreachable);
}

TEST_P(ByteStreamContract, AnEndThatIsDestroyedIsClosed) {
  ends.left.reset();
  clock.run(read_once(*ends.right, soon(), bytes, fault));
  EXPECT_EQ(fault, Fault::unreachable);
}

INSTANTIATE_TEST_SUITE_P(EveryWire, ByteStreamContract, testing::Values("memory", "tcp"),
                         [](const auto& wire) { return std::string{wire.param}; });

TEST(MemoryWire, TheSameSeedBreaksTheSameBytesInTheSamePlaces) {
  const auto pieces = [](std::uint64_t seed) {
    VirtualClock clock;
    const auto [left, right] = memory_wire(clock, "wire", seed);
    std::vector<std::string> all;
    const auto both = [](ByteStream& l, ByteStream& r, std::vector<std::string>& out) -> Task<void> {
      co_await l.write("a message of some length", never);
      for (std::size_t got = 0; got < 24;) {
        out.push_back(co_await r.read_some(never));
        got += out.back().size();
      }
    };
    clock.run(both(*left, *right, all));
    return all;
  };
  EXPECT_EQ(pieces(4), pieces(4));
  bool differs = false;
  for (std::uint64_t seed = 1; seed < 9; ++seed) differs = differs || pieces(seed) != pieces(seed + 1);
  EXPECT_TRUE(differs);
}

TEST(MemoryWire, BytesAreUnderWayForTheLatencyOfTheWire) {
  VirtualClock clock;
  const auto [left, right] = memory_wire(clock, "wire", 1, {}, 3ms);
  std::string bytes;
  std::optional<Fault> fault;
  clock.run(write_once(*left, "x", never, fault));
  clock.run(read_once(*right, Time{2ms}, bytes, fault));
  EXPECT_EQ(fault, Fault::timeout);
  clock.run(read_once(*right, Time{10ms}, bytes, fault));
  EXPECT_EQ(bytes, "x");
  EXPECT_EQ(clock.now(), Time{3ms});
}

TEST(TcpConnect, NobodyListeningIsUnreachable) {
  WallClock clock;
  std::uint16_t port = 0;
  {
    tcp::acceptor acceptor{clock.io(), tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
    port = acceptor.local_endpoint().port();
  }
  std::unique_ptr<ByteStream> end;
  EXPECT_THROW(clock.run(connect_to(clock, port, end)), Failure);
}

}  // namespace
}  // namespace blondel
