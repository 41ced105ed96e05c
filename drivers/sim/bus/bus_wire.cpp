#include "drivers/sim/bus/bus_wire.hpp"

#include <algorithm>

#include "drivers/sim/circuit/circuit.hpp"

namespace blondel::sim {

namespace {
/// So many characters in a row; exact, where the rounded length of one would add up.
Duration characters(const SerialSettings& s, std::size_t count) {
  const int bits = 1 + 8 + (s.parity == 'N' ? 0 : 1) + s.stop_bits;
  return Duration{(1'000'000'000LL * bits * static_cast<long long>(count) + s.baud / 2) / s.baud};
}
}  // namespace

BusWire::BusWire(Clock& clock, SimulatedMeter& meter, SerialSettings meter_port, Order order, std::uint64_t seed,
                 std::function<void(std::string)> on_answer)
    : clock_{clock},
      meter_{meter},
      meter_port_{meter_port},
      master_port_{meter_port},
      seed_{seed},
      on_answer_{std::move(on_answer)},
      changed_{clock, "bytes on an RS-485 line", order},
      background_{clock} {
  meter_.on_transmit([this](const std::vector<StampedByte>& bytes) { transmitted(bytes); });
  background_.spawn(serve());
}

BusWire::~BusWire() {
  meter_.on_transmit([](const std::vector<StampedByte>&) {});
}

void BusWire::send(const std::string& request) {
  if (request.empty()) return;
  ++requests_;
  const Time begin = std::max(clock_.now(), free_at_);
  free_at_ = begin + characters(master_port_, request.size()) + frame_silence(master_port_);
  if (fault_.kind == LineFaultKind::echo) arrives(begin + characters(master_port_, request.size()), request);
  if (fault_.kind == LineFaultKind::drop_request || !(master_port_ == meter_port_)) return;
  for (std::size_t i = 0; i < request.size(); ++i)
    to_meter_.push_back({begin + characters(master_port_, i + 1), static_cast<std::uint8_t>(request[i])});
  feed_meter();
  changed_.set();
}

// A byte is handed to the meter as soon as it may be, and no sooner: the meter may be run up to `notice` ahead.
void BusWire::feed_meter() {
  std::vector<StampedByte> bytes;
  while (!to_meter_.empty() && to_meter_.front().at <= clock_.now() + Circuit::notice) {
    bytes.push_back(to_meter_.front());
    to_meter_.pop_front();
  }
  if (!bytes.empty()) meter_.receive(std::move(bytes));
}

void BusWire::transmitted(const std::vector<StampedByte>& bytes) {
  if (bytes.empty()) return;
  const Time end = bytes.back().at;
  free_at_ = std::max(free_at_, end + frame_silence(meter_port_));
  ++answers_;
  if (fault_.kind == LineFaultKind::drop_answer) return;
  std::string frame;
  for (const auto& stamped : bytes) frame += static_cast<char>(stamped.byte);
  frame = damaged(std::move(frame), fault_.kind, seed_, answers_);
  arrives(fault_.kind == LineFaultKind::delay ? end + fault_.by : end, std::move(frame));
}

void BusWire::arrives(Time at, std::string bytes) {
  const auto after =
      std::upper_bound(to_master_.begin(), to_master_.end(), at, [](Time t, const Arrival& a) { return t < a.at; });
  to_master_.insert(after, Arrival{at, std::move(bytes)});
  changed_.set();
}

Task<void> BusWire::serve() {
  for (;;) {
    Time next = never;
    if (!to_meter_.empty()) next = to_meter_.front().at - Circuit::notice;
    if (!to_master_.empty()) next = std::min(next, to_master_.front().at);
    co_await changed_.wait_until(next);
    feed_meter();
    while (!to_master_.empty() && to_master_.front().at <= clock_.now()) {
      const auto bytes = std::move(to_master_.front().bytes);
      to_master_.pop_front();
      on_answer_(bytes);
    }
  }
}

}  // namespace blondel::sim
