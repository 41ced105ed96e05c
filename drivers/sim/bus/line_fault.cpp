#include "drivers/sim/bus/line_fault.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

namespace {

constexpr std::array<std::pair<LineFaultKind, const char*>, 15> names{{
    {LineFaultKind::none, "none"},
    {LineFaultKind::drop_request, "lost requests"},
    {LineFaultKind::drop_answer, "lost answers"},
    {LineFaultKind::lost_frames, "lost frames"},
    {LineFaultKind::truncate, "truncated"},
    {LineFaultKind::corrupt_bit, "one bit wrong"},
    {LineFaultKind::bit_errors, "bit errors"},
    {LineFaultKind::delay, "delay"},
    {LineFaultKind::other_unit, "answers for another"},
    {LineFaultKind::doubled, "doubled frames"},
    {LineFaultKind::echo, "echo"},
    {LineFaultKind::stuck, "stuck line"},
    {LineFaultKind::disconnect, "disconnect"},
    {LineFaultKind::no_bias, "no idle bias"},
    {LineFaultKind::foreign, "foreign traffic"},
}};

constexpr Duration shortest_delay{50'000'000}, longest_delay{2'000'000'000};

void flip(std::string& bytes, std::uint64_t bit) {
  bytes[bit / 8] = static_cast<char>(static_cast<std::uint8_t>(bytes[bit / 8]) ^ (1u << (bit % 8)));
}

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

bool of_the_line(LineFaultKind kind) {
  switch (kind) {
    case LineFaultKind::echo:
    case LineFaultKind::stuck:
    case LineFaultKind::disconnect:
    case LineFaultKind::no_bias:
    case LineFaultKind::foreign: return true;
    default: return false;
  }
}

Result<LineFault> line_fault(const std::string& text) {
  std::istringstream words{text};
  std::string known, word, unit;
  double number = 0;
  if (text.starts_with("delay ") && words >> word >> number >> unit && words.eof() && (unit == "s" || unit == "ms")) {
    const auto by = seconds(unit == "s" ? number : number / 1e3);
    if (!(number > 0) || by < shortest_delay || by > longest_delay)
      return fail(Fault::malformed, "line fault", "expected a delay of 0.05 s to 2 s, found '" + text + "'");
    return LineFault{.kind = LineFaultKind::delay, .by = by};
  }
  for (const auto& [kind, called] : names) {
    if (kind == LineFaultKind::none) continue;
    if (text == called && kind != LineFaultKind::delay) return LineFault{.kind = kind};
    known += (known.empty() ? "" : ", ") + std::string{called} + (kind == LineFaultKind::delay ? " 0.5 s" : "");
  }
  return fail(Fault::malformed, "line fault", "no line fault is called '" + text + "'; there are: " + known);
}

void LineFaults::set(LineFault fault) {
  faults_.clear();
  add(fault);
}

void LineFaults::add(LineFault fault) {
  if (fault.kind != LineFaultKind::none) faults_.push_back({fault});
}

const LineFault* LineFaults::strikes(LineFaultKind kind, std::uint64_t number) {
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    auto& [fault, struck] = faults_[i];
    if (fault.kind != kind || (fault.times != 0 && struck >= fault.times)) continue;
    const auto drawn = keyed_uniform({seed_, static_cast<std::uint64_t>(Purpose::line_fault), who_, i, number});
    if ((drawn + 1) / 2 >= fault.rate) continue;
    ++struck;
    ++struck_;
    return &fault;
  }
  return nullptr;
}

std::string damaged(std::string answer, LineFaultKind kind, std::uint64_t seed, std::uint64_t number) {
  const auto bits = keyed_bits({seed, static_cast<std::uint64_t>(Purpose::line_fault), number});
  if (answer.size() < 4) return answer;
  switch (kind) {
    case LineFaultKind::truncate: answer.resize(1 + bits % (answer.size() - 1)); break;
    case LineFaultKind::corrupt_bit: flip(answer, bits % (answer.size() * 8)); break;
    case LineFaultKind::bit_errors: {
      const auto count = 1 + bits % 8;
      for (std::uint64_t n = 0; n < count; ++n)
        flip(answer,
             keyed_bits({seed, static_cast<std::uint64_t>(Purpose::line_fault), number, n}) % (answer.size() * 8));
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
