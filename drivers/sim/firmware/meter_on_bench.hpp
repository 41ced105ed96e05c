#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstdio>
#include <cstring>
#include <map>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "drivers/sim/firmware/blondel_firmware.h"

namespace blondel::sim {

/// The firmware linked into the test, on a hardware abstraction of its own: ideal converters at exactly 2520 samples a
/// second, and a synthesizer of sine waves at the terminals.
class MeterOnBench {
 public:
  /// Complex rms at the terminals (V at the voltage inputs, V at the CT inputs) by harmonic order; the wave is
  /// sqrt(2) |z| cos(order w t + arg z), and order 0 is a DC value.
  using Wave = std::map<int, std::complex<double>>;
  using Bytes = std::vector<std::uint8_t>;
  struct Edge {
    std::int64_t at_ns;
    bool closed;
  };

  explicit MeterOnBench(std::map<std::string, std::string> settings = {}) : settings_{std::move(settings)} {
    power_up();
  }

  static std::complex<double> polar(double rms, double degrees) {
    return std::polar(rms, degrees * std::numbers::pi / 180);
  }

  double frequency = 50;
  double temperature_c = 25;
  std::array<Wave, 6> waves;
  std::vector<Edge> pulses, alarm;
  std::string lcd;

  /// Balanced three-phase voltage and current (already as CT voltage) at a lag.
  void balance(double voltage, double ct_voltage, double lag_degrees) {
    for (int k = 0; k < 3; ++k) {
      waves[k] = {{1, polar(voltage, -120.0 * k)}};
      waves[3 + k] = {{1, polar(ct_voltage, -120.0 * k - lag_degrees)}};
    }
  }

  /// The supply goes and comes back: the store stays.
  void power_up() {
    samples_ = 0;
    now_ = 0;
    hal_ = {BLONDEL_FIRMWARE_VERSION,
            this,
            clock,
            uart_send,
            contact,
            nv_bytes,
            nv_read,
            nv_write,
            temperature,
            show,
            setting,
            refuse};
    blondel_firmware_v1()->power_up(&hal_);
  }
  void power_fail() { blondel_firmware_v1()->power_fail(); }
  /// The supply goes without a warning that the firmware could have followed, and comes back.
  void cut_power(bool warned = true) {
    if (warned) power_fail();
    power_up();
  }
  /// Runs to the end of the meter's running second, with which its registers are renewed.
  void run_to_end_of_second() {
    const auto left = BLONDEL_SAMPLES_PER_SECOND - samples_ % BLONDEL_SAMPLES_PER_SECOND;
    run(static_cast<double>(left) / BLONDEL_SAMPLES_PER_SECOND);
  }

  const blondel_hal& hal() const { return hal_; }
  Bytes& store() { return nv_; }

  void run(double seconds) {
    prepare();
    for (auto n = std::llround(seconds * BLONDEL_SAMPLES_PER_SECOND); n > 0; --n) sample();
  }

  /// Sends a frame (the CRC is added) at 19200 baud, 8N1, and returns the answer's bytes including its CRC; empty when
  /// there is none within `patience` seconds.
  Bytes ask(Bytes frame, double patience = 0.2) {
    const unsigned crc = crc_of(frame);
    frame.push_back(crc & 0xFF);
    frame.push_back(crc >> 8);
    return send(frame, patience);
  }
  Bytes send(const Bytes& frame, double patience = 0.2) {
    sent_.clear();
    prepare();
    std::int64_t at = now_ + 1'000'000;
    for (const auto byte : frame) {
      at += 520'833;
      while (next_sample() < at) sample();
      now_ = at;
      blondel_firmware_v1()->uart_byte(byte);
    }
    request_end_ns = at;
    for (const auto until = at + std::llround(patience * 1e9); sent_.empty() && next_sample() < until;) sample();
    // Let the line come to rest before anybody sends again.
    const Bytes answer = sent_;
    run(0.15);
    return answer;
  }
  std::int64_t request_end_ns = 0, answer_start_ns = 0, character_ns = 0;

  /// The registers from `first` (number, not address) by function 03.
  std::vector<std::uint16_t> read(int first, int count) {
    const auto answer = ask({1, 3, static_cast<std::uint8_t>((first - 1) >> 8), static_cast<std::uint8_t>(first - 1), 0,
                             static_cast<std::uint8_t>(count)});
    std::vector<std::uint16_t> words;
    if (answer.size() != 5u + 2 * count) {
      ADD_FAILURE() << "register " << first << ": answer of " << answer.size() << " bytes";
      return std::vector<std::uint16_t>(count);
    }
    for (int n = 0; n < count; ++n)
      words.push_back(static_cast<std::uint16_t>(answer[3 + 2 * n] << 8 | answer[4 + 2 * n]));
    return words;
  }
  double real(int number) {
    const auto words = read(number, 2);
    const std::uint32_t raw = static_cast<std::uint32_t>(words[0]) << 16 | words[1];
    float value{};
    std::memcpy(&value, &raw, sizeof value);
    return value;
  }
  std::uint32_t pair(int number) {
    const auto words = read(number, 2);
    return static_cast<std::uint32_t>(words[0]) << 16 | words[1];
  }
  int word(int number) { return read(number, 1)[0]; }
  int exponent(int number) { return static_cast<std::int16_t>(read(number, 1)[0]); }

  /// Function 06. @returns 0 when it was echoed, otherwise the exception's code.
  int write(int number, int value) {
    const Bytes request{1,
                        6,
                        static_cast<std::uint8_t>((number - 1) >> 8),
                        static_cast<std::uint8_t>(number - 1),
                        static_cast<std::uint8_t>(value >> 8),
                        static_cast<std::uint8_t>(value)};
    const auto answer = ask(request);
    if (answer.size() == 5 && answer[1] == 0x86) return answer[2];
    if (answer.size() != 8 || !std::equal(request.begin(), request.end(), answer.begin())) return -1;
    return 0;
  }
  /// Writes and waits until it is in force.
  void configure(int number, int value) {
    ASSERT_EQ(write(number, value), 0) << "register " << number;
    run(2);
  }

  static unsigned crc_of(const Bytes& bytes) {
    // Bit by bit, most significant end of the reversed register last: the textbook form.
    unsigned crc = 0xFFFF;
    for (const auto byte : bytes)
      for (unsigned bit = 0; bit < 8; ++bit) {
        const bool apart = ((crc ^ (byte >> bit)) & 1) != 0;
        crc >>= 1;
        if (apart) crc ^= 0xA001;
      }
    return crc;
  }

  std::int64_t now() const { return now_; }
  /// Form B: closed until the firmware opens it.
  bool alarm_closed() const { return alarm.empty() || alarm.back().closed; }

 private:
  static constexpr std::uint32_t nv_bytes = 4096;

  std::int64_t next_sample() const { return samples_ * 1'000'000'000 / BLONDEL_SAMPLES_PER_SECOND; }

  std::array<std::int32_t, 6> codes_at(double angle) const {
    std::array<std::int32_t, 6> codes{};
    for (int c = 0; c < 6; ++c) {
      double value = 0;
      for (const auto& [order, z] : waves[c])
        value += order == 0 ? z.real() : std::numbers::sqrt2 * std::abs(z) * std::cos(order * angle + std::arg(z));
      const double full = c < 3 ? BLONDEL_FULL_SCALE_VOLTAGE : BLONDEL_FULL_SCALE_CT_VOLTAGE;
      codes[c] = static_cast<std::int32_t>(std::lround(value / full * BLONDEL_FULL_SCALE_COUNTS));
    }
    return codes;
  }

  /// What repeats after at most eight seconds, as a frequency in eighths of a hertz does, is computed once.
  void prepare() {
    if (frequency == known_frequency_ && waves == known_waves_) return;
    known_frequency_ = frequency;
    known_waves_ = waves;
    repeating_.clear();
    if (8 * frequency != std::floor(8 * frequency)) return;
    int seconds = 1;
    while (seconds * frequency != std::floor(seconds * frequency)) seconds *= 2;
    for (int n = 0; n < seconds * BLONDEL_SAMPLES_PER_SECOND; ++n)
      repeating_.push_back(codes_at(2 * std::numbers::pi * frequency * n / BLONDEL_SAMPLES_PER_SECOND));
  }

  void sample() {
    now_ = std::max(now_, next_sample());
    const double angle = 2 * std::numbers::pi * frequency * static_cast<double>(total_) / BLONDEL_SAMPLES_PER_SECOND;
    const auto codes =
        repeating_.empty() ? codes_at(angle) : repeating_[static_cast<std::size_t>(total_) % repeating_.size()];
    ++samples_;
    ++total_;
    blondel_firmware_v1()->sample(codes.data());
  }

  static MeterOnBench& self(void* context) { return *static_cast<MeterOnBench*>(context); }
  static std::int64_t clock(void* c) { return self(c).now_; }
  static void uart_send(void* c, const std::uint8_t* bytes, std::uint32_t count, std::int64_t start,
                        std::int64_t character) {
    EXPECT_GE(start, self(c).now_);
    self(c).sent_.assign(bytes, bytes + count);
    self(c).answer_start_ns = start;
    self(c).character_ns = character;
  }
  static void contact(void* c, std::uint32_t which, std::int32_t closed, std::int64_t at) {
    EXPECT_GE(at, self(c).now_);
    (which == BLONDEL_PULSE ? self(c).pulses : self(c).alarm).push_back({at, closed != 0});
  }
  static void nv_read(void* c, std::uint32_t offset, void* bytes, std::uint32_t count) {
    std::memcpy(bytes, self(c).nv_.data() + offset, count);
  }
  static void nv_write(void* c, std::uint32_t offset, const void* bytes, std::uint32_t count) {
    std::memcpy(self(c).nv_.data() + offset, bytes, count);
  }
  static double temperature(void* c) { return self(c).temperature_c; }
  static void show(void* c, const char* text) { self(c).lcd = text; }
  static const char* setting(void* c, const char* key) {
    const auto found = self(c).settings_.find(key);
    return found == self(c).settings_.end() ? nullptr : found->second.c_str();
  }
  [[noreturn]] static void refuse(void*, const char* why) {
    std::fprintf(stderr, "%s\n", why);
    std::abort();
  }

  std::map<std::string, std::string> settings_;
  blondel_hal hal_{};
  Bytes nv_ = Bytes(nv_bytes, 0xFF);
  std::int64_t samples_ = 0, total_ = 0, now_ = 0;
  Bytes sent_;
  std::array<Wave, 6> known_waves_;
  double known_frequency_ = 0;
  std::vector<std::array<std::int32_t, 6>> repeating_;
};

}  // namespace blondel::sim
