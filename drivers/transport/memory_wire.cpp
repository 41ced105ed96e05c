#include "drivers/transport/memory_wire.hpp"

#include <fmt/format.h>

#include <deque>
#include <random>

#include "drivers/time/event.hpp"
#include "references/error.hpp"

namespace blondel {

namespace {

/// One direction: what has been sent and not yet been read.
struct Lane {
  Lane(Clock& c, const std::string& wire, std::uint64_t seed, Order order, Duration delay)
      : clock{c}, name{wire}, arrived{c, "bytes on " + wire, order}, sizes{seed}, latency{delay} {}

  struct Piece {
    Time at;
    std::string bytes;
  };

  void put(std::string bytes) {
    const Time at = clock.now() + latency;
    // A third of the messages stay whole; the others break at random places.
    while (!bytes.empty()) {
      const auto size = sizes() % 3 == 0 ? bytes.size() : 1 + sizes() % bytes.size();
      pieces.push_back({at, bytes.substr(0, size)});
      bytes.erase(0, size);
    }
    arrived.set();
  }

  Clock& clock;
  std::string name;
  std::deque<Piece> pieces;
  Event arrived;
  std::minstd_rand sizes;
  Duration latency;
  bool closed = false;
};

class MemoryEnd final : public ByteStream {
 public:
  MemoryEnd(std::string name, std::shared_ptr<Lane> in, std::shared_ptr<Lane> out)
      : name_{std::move(name)}, in_{std::move(in)}, out_{std::move(out)} {}
  ~MemoryEnd() override { close(); }

  Task<void> write(std::string bytes, Time) override {
    if (out_->closed || in_->closed) throw Failure{Fault::unreachable, name_, "the connection is closed"};
    out_->put(std::move(bytes));
    co_return;
  }

  Task<std::string> read_some(Time deadline) override {
    // This end may go while its reader is suspended in it; the lane stays, so from here on only the lane is used.
    const auto lane = in_;
    for (;;) {
      if (!lane->pieces.empty() && lane->pieces.front().at <= lane->clock.now()) {
        auto bytes = std::move(lane->pieces.front().bytes);
        lane->pieces.pop_front();
        co_return bytes;
      }
      if (lane->pieces.empty() && lane->closed)
        throw Failure{Fault::unreachable, lane->name, "the connection was closed by the other end"};
      if (lane->clock.now() >= deadline && deadline != never)
        throw Failure{Fault::timeout, lane->name, "no bytes before the deadline"};
      // Bytes that are still under way have a due time of their own.
      const Time due = lane->pieces.empty() ? deadline : std::min(deadline, lane->pieces.front().at);
      co_await lane->arrived.wait_until(due);
    }
  }

  void close() override {
    for (auto* lane : {in_.get(), out_.get()}) {
      lane->closed = true;
      lane->arrived.set();
    }
  }

  std::string peer() const override { return name_; }

 private:
  std::string name_;
  std::shared_ptr<Lane> in_, out_;
};

}  // namespace

std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> memory_wire(Clock& clock, std::string name,
                                                                                std::uint64_t seed, Order order,
                                                                                Duration latency) {
  const auto there = std::make_shared<Lane>(clock, name, seed * 2 + 1, order, latency);
  const auto back = std::make_shared<Lane>(clock, name, seed * 2 + 2, order, latency);
  return {std::make_unique<MemoryEnd>(name, back, there), std::make_unique<MemoryEnd>(name, there, back)};
}

}  // namespace blondel
