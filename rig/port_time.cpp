#include "rig/port_time.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "drivers/modbus/modbus_client.hpp"
#include "rig/run.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// The data sheet does not say how soon a meter answers; up to a second is read as permitted.
constexpr Duration latest_answer = 1s;
/// Most answer within that.
constexpr Duration quick_answer = 50ms;
/// What an adapter may hold back, which the limit for an answer leaves open.
constexpr Duration adapter = 100ms;

/// Request and answer on the wire with the silences around them; one of the two carries the registers.
Duration on_the_wire(const SerialSettings& line, int registers) {
  return character_time(line) * (8 + 9 + 2 * registers) + 3 * frame_silence(line) + 2 * character_time(line);
}

Duration answered(const SerialSettings& line, int registers, Duration delay) {
  return on_the_wire(line, registers) + delay;
}

Duration lost(const SerialSettings& line, int registers) {
  return on_the_wire(line, registers) + latest_answer + adapter + longest_link_delay;
}

}  // namespace

PortTime::PortTime(const BenchFile& bench) {
  std::map<std::string, Port> ports;
  for (const auto& socket : bench.sockets) {
    auto& port = ports[socket.port];
    ++port.meters;
    if (const auto baud = socket.settings.find("baud")) port.line.baud = static_cast<int>(baud->integer());
    if (const auto parity = socket.settings.find("parity"))
      port.line.parity = "NEO"[parity->one_of({"none", "even", "odd"})];
  }
  for (const auto& [name, port] : ports) ports_.push_back(port);
}

Duration PortTime::asking(int requests, int registers, int unanswered) const {
  Duration longest{};
  for (const auto& [meters, line] : ports_) {
    const Duration missed = lost(line, registers);
    const Duration late = meters * requests * answered(line, registers, latest_answer) + (meters > 1 ? 3 : 1) * missed;
    const Duration quick = meters * requests * answered(line, registers, quick_answer) + (meters > 1 ? 3 : 2) * missed;
    longest = std::max(longest, std::max(late, quick) + meters * unanswered * missed);
  }
  return longest;
}

Duration PortTime::slot(int requests, int registers, Duration between) const {
  return std::chrono::ceil<std::chrono::seconds>(asking(requests, registers) + between + Run::settling);
}

Duration PortTime::with_neighbours(Duration own, int requests, int registers) const {
  Duration most{};
  for (const auto& [meters, line] : ports_)
    if (meters > 1)
      most = std::max(most,
                      (meters - 1) * requests * answered(line, registers, latest_answer) + 3 * lost(line, registers));
  return own + std::chrono::ceil<std::chrono::seconds>(most);
}

Duration PortTime::longest_round() const {
  Duration longest{};
  for (const auto& [meters, line] : ports_) longest = std::max(longest, meters * answered(line, 1, latest_answer));
  return longest;
}

Duration PortTime::shortest_round() const {
  Duration longest{};
  for (const auto& [meters, line] : ports_) longest = std::max(longest, meters * on_the_wire(line, 1));
  return longest;
}

int PortTime::fits(Duration round) const {
  Duration slowest{};
  for (const auto& port : ports_) slowest = std::max(slowest, on_the_wire(port.line, 1));
  return static_cast<int>(round / slowest);
}

bool PortTime::shared() const {
  return std::ranges::any_of(ports_, [](const Port& port) { return port.meters > 1; });
}

}  // namespace blondel
