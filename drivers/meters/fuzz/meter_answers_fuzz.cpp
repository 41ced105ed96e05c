// Any bytes as a meter's answers: through libmodbus, the client's checks and the Series 4000-K driver, a caller gets
// values or a Failure that blames the meter. The input first says what the caller does, then how each request is
// answered: not at all, with raw bytes, or with bytes behind the head that fits the request and a right CRC.

#include <cmath>

#include "drivers/meters/meter.hpp"
#include "drivers/modbus/line_call.hpp"
#include "drivers/modbus/line_turns.hpp"
#include "drivers/time/background.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/transport/surroundings.hpp"
#include "references/error.hpp"
#include "references/fuzz/fuzz_input.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

std::string with_crc(std::string frame) {
  unsigned crc = 0xFFFF;
  for (const char byte : frame) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xA001 : crc >> 1;
  }
  frame.push_back(static_cast<char>(crc & 0xFF));
  frame.push_back(static_cast<char>(crc >> 8));
  return frame;
}

class WildLine final : public ModbusLine {
 public:
  WildLine(Clock& clock, Order order, FuzzInput*& input)
      : clock_{clock},
        input_{input},
        turns_{clock, "wild"},
        call_{clock, order, [this](const std::string& request) { return reply_to(request); }},
        replies_{clock} {}
  ~WildLine() override { call_.detach(); }

  std::string device() const override { return "wild"; }
  SerialSettings settings() const override { return settings_; }
  void configure(SerialSettings settings) override { settings_ = settings; }
  Duration longest_gap() const override { return 500us; }
  LineCall& call() override { return call_; }
  LineTurns& turns() override { return turns_; }

 private:
  /// @returns when the request is over
  Time reply_to(const std::string& request) {
    const auto character = character_time(settings_);
    const Time over = clock_.now() + character * static_cast<int>(request.size());
    const auto bytes = some_reply(request);
    if (!bytes.empty()) replies_.spawn(speak(bytes, over + character * static_cast<int>(bytes.size() + 4)));
    return over;
  }

  Task<void> speak(std::string bytes, Time at) {
    co_await clock_.pause_until(at);
    call_.answer(bytes);
  }

  std::string some_reply(const std::string& request) {
    if (input_->spent() || request.size() < 4) return {};
    const auto how = input_->byte();
    if (how < 0x08) return {};
    if (how < 0x40) return input_->text(1 + how % 56u);
    std::string frame = request.substr(0, 2);
    if (how < 0x60) {
      frame[1] = static_cast<char>(frame[1] | 0x80);
      frame += input_->text(1);
    } else if (frame[1] == 0x03 && request.size() == 8 && how < 0xF0) {
      const int bytes = 2 * static_cast<unsigned char>(request[5]);
      frame.push_back(static_cast<char>(bytes));
      // A word that is repeated, so that a few bytes of the input fill a block.
      const auto words = input_->text(how < 0xA0 ? 2 : static_cast<std::size_t>(bytes));
      for (int n = 0; n < bytes; ++n)
        frame.push_back(words.empty() ? '\0' : words[static_cast<std::size_t>(n) % words.size()]);
    } else {
      frame += input_->text(how % 64u);
    }
    return with_crc(std::move(frame));
  }

  Clock& clock_;
  FuzzInput*& input_;
  SerialSettings settings_;
  LineTurns turns_;
  LineCall call_;
  Background replies_;
};

class WildSurroundings final : public Surroundings {
 public:
  WildSurroundings(Clock& clock, FuzzInput*& input) : clock_{clock}, input_{input} {}
  Clock& clock() override { return clock_; }
  Task<std::unique_ptr<ByteStream>> connect(std::string address, Order, Time) override {
    throw Failure{Fault::unreachable, address, "nothing but a meter's port is here"};
    co_return nullptr;
  }
  std::unique_ptr<ModbusLine> rs485(const std::string&, Order order) override {
    return std::make_unique<WildLine>(clock_, order, input_);
  }
  std::unique_ptr<PulseInput> contact(const std::string& line, Order) override {
    throw Failure{Fault::unreachable, line, "nothing but a meter's port is here"};
  }

 private:
  Clock& clock_;
  FuzzInput*& input_;
};

Task<void> use(Clock& clock, Meter& meter, int what) {
  switch (what % 6) {
    case 0: {
      const auto identity = co_await meter.identify(clock.now() + 5s);
      require(identity.maker == "Leviton" && !identity.firmware.empty(), "who is identified is the meter");
      break;
    }
    case 1: {
      std::vector<std::string> points{"real_energy", "real_power_total", "voltage_ln_avg_f"};
      const auto values = co_await meter.read(std::move(points));
      require(values.size() == 3, "every point that was asked for");
      break;
    }
    case 2: {
      std::vector<std::string> points{"frequency", "ct_primary"};
      const auto values = co_await meter.read(std::move(points));
      require(values.size() == 2 && !std::isinf(values.at("ct_primary")), "every point that was asked for");
      break;
    }
    case 3: {
      std::vector<std::pair<std::string, double>> points{{"ct_primary", 100.0}};
      co_await meter.write(std::move(points));
      break;
    }
    default: {
      std::string command = "clear_energy";
      co_await meter.command(std::move(command));
    }
  }
}

Task<void> converse(Clock& clock, Meter& meter, std::string acts) {
  for (const char act : acts) {
    try {
      co_await use(clock, meter, static_cast<unsigned char>(act));
    } catch (const Failure& failure) {
      const auto fault = failure.error.fault;
      require(fault == Fault::timeout || fault == Fault::protocol || fault == Fault::rejected ||
                  fault == Fault::unreachable,
              "what a meter can be blamed for");
    }
  }
}

/// A meter on its line. Reading its register map costs more than many conversations, so it has a few.
struct World {
  VirtualClock clock;
  FuzzInput* input = nullptr;
  WildSurroundings around{clock, input};
  std::unique_ptr<Meter> meter = value_or_throw(meters().find("series-4000-k", "fuzz"))(
      Settings::parse("port: wild", "fuzz"), around, Order{1, 1});
};

}  // namespace
}  // namespace blondel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace blondel;
  constexpr int conversations = 64;
  static std::unique_ptr<World> world;
  static int held = 0;
  if (held++ % conversations == 0) world = std::make_unique<World>();
  FuzzInput input{data, size};
  world->input = &input;
  const auto acts = input.text(3);
  world->clock.run(converse(world->clock, *world->meter, acts));
  return 0;
}
