#include "drivers/sim/bus/line_fault.hpp"

#include <algorithm>
#include <array>

#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

namespace {

constexpr std::array<std::pair<LineFaultKind, const char*>, 8> names{{
    {LineFaultKind::none, "none"},
    {LineFaultKind::drop_request, "drop_request"},
    {LineFaultKind::drop_answer, "drop_answer"},
    {LineFaultKind::truncate, "truncate"},
    {LineFaultKind::corrupt_bit, "corrupt_bit"},
    {LineFaultKind::delay, "delay"},
    {LineFaultKind::other_unit, "other_unit"},
    {LineFaultKind::echo, "echo"},
}};

/// Source: MODBUS over serial line V1.02, 6.2.2: polynomial 0xA001 reflected, initial value 0xFFFF, low byte first.
void replace_checksum(std::string& frame) {
  std::uint16_t sum = 0xFFFF;
  for (std::size_t i = 0; i + 2 < frame.size(); ++i) {
    sum ^= static_cast<std::uint8_t>(frame[i]);
    for (int bit = 0; bit < 8; ++bit) sum = static_cast<std::uint16_t>((sum >> 1) ^ ((sum & 1) ? 0xA001 : 0));
  }
  frame[frame.size() - 2] = static_cast<char>(sum & 0xFF);
  frame[frame.size() - 1] = static_cast<char>(sum >> 8);
}

}  // namespace

std::string name(LineFaultKind kind) {
  return std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.first == kind; })->second;
}

const std::vector<LineFaultKind>& all_line_faults() {
  static const std::vector<LineFaultKind> all = [] {
    std::vector<LineFaultKind> kinds;
    for (const auto& [kind, text] : names) kinds.push_back(kind);
    return kinds;
  }();
  return all;
}

Result<LineFaultKind> line_fault(const std::string& wanted) {
  std::string known;
  for (const auto& [kind, text] : names) {
    if (wanted == text) return kind;
    known += (known.empty() ? "" : ", ") + std::string{text};
  }
  return fail(Fault::malformed, "line fault", "no line fault is called '" + wanted + "'; there are: " + known);
}

std::string damaged(std::string answer, LineFaultKind kind, std::uint64_t seed, std::uint64_t number) {
  const auto bits = keyed_bits({seed, static_cast<std::uint64_t>(Purpose::line_fault), number});
  if (answer.size() < 4) return answer;
  switch (kind) {
    case LineFaultKind::truncate: answer.resize(1 + bits % (answer.size() - 1)); break;
    case LineFaultKind::corrupt_bit: {
      const auto bit = bits % (answer.size() * 8);
      answer[bit / 8] = static_cast<char>(static_cast<std::uint8_t>(answer[bit / 8]) ^ (1u << (bit % 8)));
      break;
    }
    case LineFaultKind::other_unit:
      answer[0] = static_cast<char>(static_cast<std::uint8_t>(answer[0]) % 247 + 1);
      replace_checksum(answer);
      break;
    default: break;
  }
  return answer;
}

}  // namespace blondel::sim
