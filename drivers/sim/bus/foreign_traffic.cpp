#include "drivers/sim/bus/foreign_traffic.hpp"

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

namespace {

/// Source: MODBUS over serial line V1.02, 6.2.2.
std::string with_checksum(std::string frame) {
  unsigned sum = 0xFFFF;
  for (const char c : frame) {
    sum ^= static_cast<unsigned char>(c);
    for (int n = 0; n < 8; ++n) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xA001u : 0u);
  }
  frame += static_cast<char>(sum & 0xFF);
  frame += static_cast<char>(sum >> 8);
  return frame;
}

constexpr char unit = '\xC8';  // 200
constexpr Duration turnaround{5'000'000};

}  // namespace

ForeignTraffic::ForeignTraffic(Clock& clock, Bus& bus, SerialSettings port, Order order, std::uint64_t seed,
                               Habits habits)
    : clock_{clock},
      bus_{bus},
      order_{order},
      seed_{seed},
      habits_{habits},
      master_{bus.add_master(port, {})},
      device_{bus.add_master(port, {})},
      background_{clock} {
  background_.spawn(poll());
}

ForeignTraffic::~ForeignTraffic() = default;

Task<void> ForeignTraffic::poll() {
  for (;;) {
    const auto bits = keyed_bits({seed_, static_cast<std::uint64_t>(Purpose::line_fault), 2000, polls_});
    const Duration wait =
        habits_.every / 2 +
        Duration{static_cast<Duration::rep>(bits % static_cast<std::uint64_t>(habits_.every.count()))};
    co_await clock_.pause(wait, order_, "somebody else's master");
    ++polls_;
    const auto asked = static_cast<char>(bits >> 32 & 0x7F);
    const auto request = with_checksum({unit, '\x03', '\0', asked, '\0', '\x01'});
    // Announced as long ahead as meters may have been run, so that they hear a collision as it is.
    const Time begin = clock_.now() + Circuit::notice;
    const Time over = habits_.listens_first ? bus_.say(master_, request) : bus_.say_at(master_, request, begin);
    const auto answer =
        with_checksum({unit, '\x03', '\x02', static_cast<char>(bits >> 40), static_cast<char>(bits >> 48)});
    bus_.say_at(device_, answer, over + turnaround);
  }
}

}  // namespace blondel::sim
