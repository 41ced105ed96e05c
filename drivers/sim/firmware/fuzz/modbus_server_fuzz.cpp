// Any bytes with any gaps on the meter's port, the rest of the firmware running along at its 2520 samples a second.
//
// The input is a row of frames: how it is to be sent, its length, its bytes. Beside the firmware stands a listener with
// a reading of its own of the Modbus serial line standard, who knows which frames the meter must answer: those that end
// with silence, have 4 to 256 bytes, the meter's address and a right CRC. It sees that these and no others are
// answered, once, and that an answer is well formed: exceptions 01 to 03 only, echoes as sent, counts that fit.
// Source: MODBUS over serial line V1.02, 2.3 to 2.5; MODBUS application protocol V1.1b3, 6 and 7.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "drivers/sim/firmware/blondel_firmware.h"
#include "references/fuzz/fuzz_input.hpp"

namespace blondel::sim {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t second = 1'000'000'000;
/// What one input may cost: a second's end is dear under the sanitizers.
constexpr std::int64_t longest_run = 3 * BLONDEL_SAMPLES_PER_SECOND;
constexpr std::int64_t boot_samples = BLONDEL_SAMPLES_PER_SECOND / 10;

/// Bit by bit and most significant bit first, on mirrored bytes: another way to the same CRC than the firmware's.
unsigned mirrored(unsigned value, int bits) {
  unsigned turned = 0;
  for (int n = 0; n < bits; ++n) turned |= ((value >> n) & 1u) << (bits - 1 - n);
  return turned;
}
unsigned crc_of(const Bytes& bytes) {
  unsigned crc = 0xFFFF;
  for (const auto byte : bytes) {
    crc ^= mirrored(byte, 8) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000u) != 0 ? ((crc << 1) ^ 0x8005u) & 0xFFFFu : crc << 1;
  }
  return mirrored(crc, 16);
}
bool crc_is_right(const Bytes& frame) {
  return crc_of({frame.begin(), frame.end() - 2}) == (frame[frame.size() - 2] | unsigned{frame.back()} << 8);
}
unsigned word(const Bytes& bytes, std::size_t at) {
  return unsigned{bytes[at]} << 8 | bytes[at + 1];
}

/// The meter's hardware, and who listens on the line.
class Port {
 public:
  explicit Port(FuzzInput& input) {
    const auto kind = input.byte();
    const auto port = input.byte();
    baud_ = std::array{19200, 1200, 9600, 38400}[kind % 4];
    parity_ = (port & 1) != 0;
    settings_ = {{"boot_ms", "100"},
                 {"baud", std::to_string(baud_)},
                 {"parity", parity_ ? "even" : "none"},
                 {"broadcast", (kind & 4) != 0 ? "obeyed" : "ignored"},
                 {"refusal", (kind & 8) != 0 ? "echo" : "exception"},
                 {"device_id_objects", (kind & 16) != 0 ? "1-3" : "0-2"},
                 {"running_system", (kind & 0xE0) == 0xE0 ? "reset" : "operating"},
                 {"gap_answer", std::array{"exception", "zero", "qnan"}[port / 2 % 3]},
                 {"version_text", (port & 16) != 0 ? "short" : "padded"},
                 {"report_id_text", (port & 32) != 0 ? "joined" : "alternatives"},
                 {"bus_writes", (port & 0xC0) == 0xC0 ? "locked" : "open"}};
    hal_ = {BLONDEL_FIRMWARE_VERSION,
            this,
            now_ns,
            uart_send,
            contact,
            store_bytes,
            nv_read,
            nv_write,
            temperature,
            lcd,
            setting_for,
            refuse};
    blondel_firmware_v1()->power_up(&hal_);
    while (samples_ <= boot_samples) sample();
  }

  std::int64_t character() const { return (parity_ ? 11 : 10) * second / baud_; }
  std::int64_t silence() const { return baud_ > 19200 ? 1'750'000 : character() * 7 / 2; }

  /// One byte after the one before, with a gap between the two.
  void send(std::uint8_t byte, std::int64_t gap) {
    line_at_ = std::max(line_at_, now_) + gap + character();
    run_to(line_at_);
    now_ = line_at_;
    const bool heard = now_ >= sending_until_;
    const bool ends_frame = heard && !heard_.empty() && now_ - character() - last_heard_ >= silence();
    if (ends_frame) end_frame();
    blondel_firmware_v1()->uart_byte(byte);
    if (ends_frame) settle();
    if (!heard) return;
    heard_.push_back(byte);
    last_heard_ = now_;
  }

  /// Until the line has been silent for long enough, and what must be answered was; then until the answer is sent.
  void rest(bool to_end_of_answer, std::int64_t time) {
    pass(std::max(last_heard_ + silence(), now_) + second / 500);
    if (!heard_.empty()) end_frame();
    settle();
    if (to_end_of_answer) pass(std::max(sending_until_, now_) + time);
  }

  bool worn_out() const { return samples_ > longest_run; }

 private:
  static constexpr std::uint32_t store_bytes = 8192;

  void pass(std::int64_t until) {
    run_to(until);
    now_ = line_at_ = std::max(now_, until);
  }

  void run_to(std::int64_t at) {
    while (samples_ * second / BLONDEL_SAMPLES_PER_SECOND < at) sample();
  }

  void sample() {
    now_ = std::max(now_, samples_ * second / BLONDEL_SAMPLES_PER_SECOND);
    // A square wave of 45 Hz keeps the metering busy at no cost.
    const std::int32_t high = samples_ / 28 % 2 == 0 ? 3'000'000 : -3'000'000;
    const std::array<std::int32_t, BLONDEL_CHANNELS> codes{high, -high, high, high, -high, high};
    ++samples_;
    blondel_firmware_v1()->sample(codes.data());
  }

  /// The listener's frame is over: it is known whether it must be answered.
  void end_frame() {
    last_frame_ = std::exchange(heard_, {});
    const bool fits = last_frame_.size() >= 4 && last_frame_.size() <= 256;
    expected_ = fits && last_frame_[0] == 1 && crc_is_right(last_frame_);
  }

  /// What was expected of the last frame has happened, and nothing else.
  void settle() {
    require(answers_.size() == (expected_ ? 1u : 0u), "an answer to every frame for this meter, and to no other");
    if (expected_) check(last_frame_, answers_[0]);
    answers_.clear();
    expected_ = false;
  }

  static void check(const Bytes& request, const Bytes& answer) {
    require(answer.size() >= 5 && answer.size() <= 256, "an answer's length");
    require(crc_is_right(answer), "an answer's CRC");
    require(answer[0] == 1, "an answer's address");
    const auto function = request[1];
    if (answer[1] == (function | 0x80)) {
      require(answer.size() == 5 && answer[2] >= 1 && answer[2] <= 3, "exceptions are 01 to 03");
      return;
    }
    require(answer[1] == function, "an answer's function");
    const auto payload = answer.size() - 4;
    switch (function) {
      case 0x03:
      case 0x04:
        require(request.size() == 8 && answer[2] == 2 * word(request, 4), "as many registers as asked for");
        require(payload == 1u + answer[2], "as many bytes as counted");
        break;
      case 0x06:
        require(std::equal(request.begin(), request.end(), answer.begin(), answer.end()), "a single write is echoed");
        break;
      case 0x10:
        require(payload == 4 && std::equal(answer.begin(), answer.begin() + 6, request.begin()), "a write's range");
        break;
      case 0x11:
        require(payload == 1u + answer[2] && answer[3] == 247, "an identity");
        require(answer[4] == 0 || answer[4] == 0xFF, "a run status");
        break;
      case 0x2B: check_objects(answer, payload); break;
      default: require(false, "no other function is served");
    }
  }

  static void check_objects(const Bytes& answer, std::size_t payload) {
    require(payload >= 6 && answer[2] == 0x0E && answer[5] == 0, "device identification, complete");
    std::size_t at = 8;
    for (int left = answer[7]; left > 0; --left) {
      require(at + 2 <= answer.size() - 2, "an object's head");
      at += 2u + answer[at + 1];
    }
    require(at == answer.size() - 2, "objects to the end of the answer");
  }

  static Port& self(void* context) { return *static_cast<Port*>(context); }
  static std::int64_t now_ns(void* c) { return self(c).now_; }
  static void uart_send(void* c, const std::uint8_t* bytes, std::uint32_t count, std::int64_t start,
                        std::int64_t character_ns) {
    require(count >= 1 && start >= self(c).now_, "an answer is not sent in the past");
    require(character_ns == self(c).character(), "an answer's speed");
    require(start >= self(c).last_heard_ + self(c).silence(), "an answer waits for the end of the frame");
    self(c).answers_.emplace_back(bytes, bytes + count);
    self(c).sending_until_ = start + count * character_ns;
  }
  static void contact(void* c, std::uint32_t which, std::int32_t, std::int64_t at) {
    require(which <= BLONDEL_ALARM && at >= self(c).now_, "a contact, not in the past");
  }
  static void nv_read(void* c, std::uint32_t offset, void* bytes, std::uint32_t count) {
    require(offset <= store_bytes && count <= store_bytes - offset, "read within the store");
    std::copy_n(self(c).store_.begin() + offset, count, static_cast<std::uint8_t*>(bytes));
  }
  static void nv_write(void* c, std::uint32_t offset, const void* bytes, std::uint32_t count) {
    require(offset <= store_bytes && count <= store_bytes - offset, "written within the store");
    std::copy_n(static_cast<const std::uint8_t*>(bytes), count, self(c).store_.begin() + offset);
  }
  static double temperature(void*) { return 25; }
  static void lcd(void*, const char*) {}
  static const char* setting_for(void* c, const char* key) {
    const auto found = self(c).settings_.find(key);
    return found == self(c).settings_.end() ? nullptr : found->second.c_str();
  }
  static void refuse(void*, const char* why) { require(false, why); }

  int baud_ = 0;
  bool parity_ = false;
  std::map<std::string, std::string> settings_;
  blondel_hal hal_{};
  Bytes store_ = Bytes(store_bytes, 0xFF);
  std::int64_t samples_ = 0, now_ = 0;

  std::int64_t line_at_ = 0, last_heard_ = 0, sending_until_ = 0;
  Bytes heard_, last_frame_;
  bool expected_ = false;
  std::vector<Bytes> answers_;
};

/// One frame of the input, sent as its first byte says.
void play(Port& port, FuzzInput& input) {
  const auto how = input.byte();
  Bytes frame;
  if ((how & 1) != 0) frame.push_back((how & 2) != 0 ? 0 : 1);
  const auto text = input.text(std::size_t{input.byte()} + (how & 4) * 8u);
  frame.insert(frame.end(), text.begin(), text.end());
  if ((how & 8) != 0) {
    const auto crc = crc_of(frame);
    frame.push_back(crc & 0xFF);
    frame.push_back(crc >> 8);
  }
  // Between characters: nothing, or as much as still belongs to the frame; once in the middle, what ends it.
  const auto gap = (how & 16) != 0 ? port.silence() - port.character() - 100'000 : 0;
  const auto cut = (how & 32) != 0 && !frame.empty() ? input.byte() % frame.size() : frame.size();
  for (std::size_t n = 0; n < frame.size() && !port.worn_out(); ++n)
    port.send(frame[n], n == cut ? port.silence() + 1000 : n == 0 ? 0 : gap);
  // What follows comes at once, into the answer, after it, or a while later.
  const auto pause = how >> 6;
  if (pause != 1) port.rest(pause != 2, pause == 3 ? second / 4 : 0);
}

}  // namespace
}  // namespace blondel::sim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace blondel::sim;
  blondel::FuzzInput input{data, size};
  Port port{input};
  while (!input.spent() && !port.worn_out()) play(port, input);
  port.rest(true, 0);
  return 0;
}
