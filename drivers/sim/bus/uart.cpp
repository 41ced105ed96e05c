#include "drivers/sim/bus/uart.hpp"

#include <algorithm>
#include <cmath>

namespace blondel::sim {

namespace {

int bits_of(const SerialSettings& port) {
  return 1 + 8 + (port.parity == 'N' ? 0 : 1) + port.stop_bits;
}

/// So many bit times, which need not be whole.
Duration bits(const SerialSettings& port, double count) {
  return Duration{std::llround(count * 1e9 / port.baud)};
}

bool parity_bit(std::uint8_t byte, char parity) {
  const bool odd = (__builtin_popcount(byte) & 1) != 0;
  return parity == 'E' ? odd : !odd;
}

/// The bits of a character between the start bit and the stop bits.
std::vector<bool> payload(std::uint8_t byte, const SerialSettings& port) {
  std::vector<bool> levels;
  for (int n = 0; n < 8; ++n) levels.push_back((byte >> n & 1) != 0);
  if (port.parity != 'N') levels.push_back(parity_bit(byte, port.parity));
  return levels;
}

bool at_space(const std::vector<Space>& spaces, Time at) {
  const auto next = std::ranges::upper_bound(spaces, at, {}, &Space::from);
  return next != spaces.begin() && at < std::prev(next)->to;
}

}  // namespace

Duration characters(const SerialSettings& port, std::size_t count) {
  return Duration{(1'000'000'000LL * bits_of(port) * static_cast<long long>(count) + port.baud / 2) / port.baud};
}

std::vector<Space> spaces_of(const std::vector<StampedByte>& bytes, const SerialSettings& port) {
  std::vector<Space> spaces;
  for (const auto& stamped : bytes) {
    const Time begin = stamped.at - bits(port, bits_of(port));
    auto levels = payload(stamped.byte, port);
    levels.insert(levels.begin(), false);
    for (std::size_t n = 0; n < levels.size(); ++n) {
      if (levels[n]) continue;
      const Time from = begin + bits(port, static_cast<double>(n));
      const Time to = begin + bits(port, static_cast<double>(n + 1));
      if (!spaces.empty() && spaces.back().to >= from)
        spaces.back().to = to;
      else
        spaces.push_back({from, to});
    }
  }
  return spaces;
}

std::vector<Space> together_on_line(std::vector<Space> spaces) {
  std::ranges::sort(spaces, {}, &Space::from);
  std::vector<Space> merged;
  for (const auto& space : spaces) {
    if (!merged.empty() && space.from <= merged.back().to)
      merged.back().to = std::max(merged.back().to, space.to);
    else
      merged.push_back(space);
  }
  return merged;
}

std::vector<StampedByte> heard_on_line(const std::vector<Space>& spaces, const SerialSettings& port, Time from) {
  std::vector<StampedByte> heard;
  const int data_bits = port.parity == 'N' ? 8 : 9;
  for (;;) {
    const auto edge = std::ranges::lower_bound(spaces, from, {}, &Space::from);
    if (edge == spaces.end()) return heard;
    const auto level = [&](int bit) { return !at_space(spaces, edge->from + bits(port, bit + 0.5)); };
    unsigned byte = 0;
    for (int n = 0; n < 8; ++n) byte |= static_cast<unsigned>(level(1 + n)) << n;
    const auto value = static_cast<std::uint8_t>(byte);
    const bool parity_holds = port.parity == 'N' || level(9) == parity_bit(value, port.parity);
    const bool stopped = level(1 + data_bits);
    heard.push_back({edge->from + bits(port, bits_of(port)), parity_holds && stopped ? value : std::uint8_t{0}});
    // The next start bit may follow half a stop bit later; a line that is still at space has to leave it first.
    from = edge->from + bits(port, data_bits + 1.5);
  }
}

}  // namespace blondel::sim
