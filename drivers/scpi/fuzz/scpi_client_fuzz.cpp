// Any bytes, in any pieces, from the instrument at the other end: the client answers its caller with what it promises
// or throws a Failure, and never takes an answer for the next one's.
//
// The input first says what the caller asks, then what the wire gives: pieces as they stand, silence up to the
// deadline, or an honest answer to the marks by which the client gets back into step.

#include <cmath>

#include "drivers/scpi/scpi_client.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "references/fuzz/fuzz_input.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

class WildInstrument final : public ByteStream {
 public:
  WildInstrument(Clock& clock, FuzzInput& input) : clock_{clock}, input_{input} {}

  Task<void> write(std::string bytes, Time deadline) override {
    if (bytes.starts_with("*ESE ")) mark_ = bytes.substr(5, bytes.find(';') - 5);
    const bool stuck = !input_.spent() && mark_.empty() && input_.left() % 61 == 0;
    if (stuck) {
      co_await clock_.pause_until(deadline);
      throw Failure{Fault::timeout, "wire", "nobody takes the bytes"};
    }
  }

  Task<std::string> read_some(Time deadline) override {
    if (input_.spent()) throw Failure{Fault::unreachable, "wire", "closed"};
    const auto what = input_.byte();
    if (what >= 0xF0 && !mark_.empty()) co_return std::exchange(mark_, {}) + "\n";
    if (what >= 0xD0) {
      co_await clock_.pause_until(deadline);
      throw Failure{Fault::timeout, "wire", "silence"};
    }
    if (what >= 0xC0) co_return "\n";
    auto piece = input_.text(1 + what % 32u);
    if (piece.empty()) piece = "0";
    co_return piece;
  }

  void close() override {}
  std::string peer() const override { return "wild"; }

 private:
  Clock& clock_;
  FuzzInput& input_;
  std::string mark_;
};

/// One question of a caller. @returns nothing; what is promised is checked
Task<void> ask(ScpiClient& client, int what) {
  const std::string query = "MEAS?";
  switch (what % 6) {
    case 0: {
      const auto answer = co_await client.ask(query, 1s);
      require(answer.find('\n') == std::string::npos, "an answer is one line");
      static_cast<void>(parse_numbers(answer, {"wild", query}));
      static_cast<void>(parse_string(answer, {"wild", query}));
      require(shown(answer).size() <= 4 * 80 + 8, "what is shown is short");
      break;
    }
    case 1: {
      const auto number = co_await client.ask_number(query, 1s);
      require(std::isfinite(number) && std::abs(number) < 9.9e37, "a number is one");
      break;
    }
    case 2: co_await client.ask_integer(query, 1s); break;
    case 3: co_await client.ask_block(query, 1s); break;
    case 4: co_await client.expect_no_errors(query, 1s); break;
    default: co_await client.send(query, 1s);
  }
  require(client.in_step() && client.connected(), "who was answered is in step");
}

Task<void> converse(Clock& clock, FuzzInput& input) {
  Framing framing{.longest = 96};
  if (input.byte() % 2 == 1) framing.terminator = "\r\n";
  auto questions = input.text(8);
  ScpiClient client{std::make_unique<WildInstrument>(clock, input), clock, "wild", framing};
  for (const char question : questions) {
    try {
      co_await ask(client, static_cast<unsigned char>(question));
    } catch (const Failure& failure) {
      const auto fault = failure.error.fault;
      require(fault == Fault::timeout || fault == Fault::protocol || fault == Fault::unreachable ||
                  fault == Fault::instrument,
              "what an instrument can be blamed for");
      require(failure.error.where == "wild", "the instrument is named");
    }
  }
}

}  // namespace
}  // namespace blondel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  blondel::FuzzInput input{data, size};
  blondel::VirtualClock clock;
  clock.run(blondel::converse(clock, input));
  return 0;
}
