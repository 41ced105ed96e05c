#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "drivers/sim/meter/simulated_meter.hpp"

namespace blondel::sim {

/// A meter for the tests of lines, holding registers that each read their own address times 7 unless written, an answer
/// so long after the request. It takes a request's length from its function, so it needs no clock, and what others say
/// from the gaps between their bytes.
class FakeMeter : public SimulatedMeter {
 public:
  int unit = 1;
  Duration turnaround{8'000'000};
  int baud = 19200;
  int bits = 10;  ///< of a character
  bool silent = false;
  std::map<int, std::uint16_t> written;
  std::set<int> forbidden;  ///< reading one of these is answered by exception 02
  std::vector<StampedByte> received;
  std::vector<std::string> requests;

  static std::uint16_t checksum(const std::string& bytes) {
    unsigned sum = 0xFFFF;
    for (const char c : bytes) {
      sum ^= static_cast<unsigned char>(c);
      for (int i = 0; i < 8; ++i) sum = (sum & 1) != 0 ? (sum >> 1) ^ 0xA001u : sum >> 1;
    }
    return static_cast<std::uint16_t>(sum);
  }
  static std::string with_checksum(std::string bytes) {
    const auto sum = checksum(bytes);
    bytes += static_cast<char>(sum & 0xFF);
    bytes += static_cast<char>(sum >> 8);
    return bytes;
  }

  void receive(std::vector<StampedByte> bytes) override {
    for (const auto& stamped : bytes) {
      received.push_back(stamped);
      const Duration character{1'000'000'000LL * bits / baud};
      if (stamped.at > last_ + character * 7 / 2) frame_.clear();
      last_ = stamped.at;
      frame_ += static_cast<char>(stamped.byte);
      if (frame_.size() < 4 || frame_.size() != length()) continue;
      if (checksum(frame_) == 0) answer(std::exchange(frame_, {}), stamped.at);
    }
  }
  void on_transmit(std::function<void(std::vector<StampedByte>)> listener) override { transmit_ = std::move(listener); }
  Task<std::vector<ContactEdge>> edges(Contact) override { co_return std::vector<ContactEdge>{}; }
  Task<bool> closed(Contact) override { co_return false; }
  void follow(Contact) override {}
  void leave(Contact) override {}
  Task<std::vector<ContactEdge>> followed(Contact) override { co_return std::vector<ContactEdge>{}; }
  Task<std::string> lcd() override { co_return std::string{}; }
  Task<void> keep_up(Duration) override { co_return; }
  std::string death() const override { return {}; }
  std::uint64_t firmware_entries() const override { return 0; }
  std::uint64_t grants() const override { return 0; }

 private:
  unsigned at(std::size_t i) const { return static_cast<unsigned char>(frame_[i]); }
  std::size_t length() const {
    if (at(1) == 0x11) return 4;
    if (at(1) == 0x10) return frame_.size() > 6 ? 9 + at(6) : 9;
    return 8;
  }

  void answer(const std::string& request, Time end) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(request[i]); };
    if (byte(0) != unit) return;
    requests.push_back(request);
    if (silent) return;
    const int address = byte(2) * 256 + byte(3), count = byte(4) * 256 + byte(5);
    std::string reply = request.substr(0, 2);
    if (byte(1) == 3 || byte(1) == 4) {
      reply += static_cast<char>(count * 2);
      for (int a = address; a < address + count; ++a) {
        if (forbidden.count(a) != 0) return send(with_checksum({static_cast<char>(unit), '\x83', '\x02'}), end);
        const auto value = written.count(a) != 0 ? written[a] : static_cast<std::uint16_t>(a * 7);
        reply += static_cast<char>(value >> 8);
        reply += static_cast<char>(value & 0xFF);
      }
    } else if (byte(1) == 6) {
      written[address] = static_cast<std::uint16_t>(count);
      reply = request.substr(0, 6);
    } else if (byte(1) == 0x10) {
      for (int i = 0; i < count; ++i)
        written[address + i] = static_cast<std::uint16_t>(byte(7 + 2 * i) * 256 + byte(8 + 2 * i));
      reply = request.substr(0, 6);
    } else if (byte(1) == 0x11) {
      const std::string text = "Leviton Series 4000K Power Meter Full Data Set";
      reply += static_cast<char>(text.size() + 2);
      reply += "\xF7\xFF" + text;
    } else {
      reply = {static_cast<char>(unit), static_cast<char>(byte(1) | 0x80), '\x01'};
    }
    send(with_checksum(reply), end);
  }

  void send(const std::string& frame, Time end) {
    std::vector<StampedByte> bytes;
    for (std::size_t i = 0; i < frame.size(); ++i)
      bytes.push_back({end + turnaround + Duration{1'000'000'000LL * bits * static_cast<long long>(i + 1) / baud},
                       static_cast<std::uint8_t>(frame[i])});
    if (transmit_) transmit_(bytes);
  }

  std::string frame_;
  Time last_{};
  std::function<void(std::vector<StampedByte>)> transmit_;
};

}  // namespace blondel::sim
