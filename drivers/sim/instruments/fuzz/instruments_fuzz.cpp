// Any bytes, in any pieces, from a controller at the other end: the simulated instruments take them, answer in lines
// and never fail. The input's first byte says which instrument it is, or that the parser is looked at by itself.

#include <cmath>

#include "drivers/sim/circuit/three_phase_circuit.hpp"
#include "drivers/sim/instruments/fluke_6105a_sim.hpp"
#include "drivers/sim/instruments/message_framing.hpp"
#include "drivers/sim/instruments/program_message.hpp"
#include "drivers/sim/instruments/scpi_switch_sim.hpp"
#include "drivers/sim/instruments/zera_com5003_sim.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "references/error.hpp"
#include "references/fuzz/fuzz_input.hpp"

namespace blondel::sim {
namespace {

/// A controller that sends its bytes in pieces, closes the connection after the last, and reads what it is sent.
class WildController final : public ByteStream {
 public:
  explicit WildController(FuzzInput& input) : input_{input} {}

  Task<void> write(std::string bytes, Time) override {
    require(!bytes.empty() && bytes.back() == '\n', "an answer is ended");
    co_return;
  }
  Task<std::string> read_some(Time) override {
    if (input_.spent()) throw Failure{Fault::unreachable, "wire", "closed"};
    co_return input_.text(1 + input_.left() % 29);
  }
  void close() override {}
  std::string peer() const override { return "wild"; }

 private:
  FuzzInput& input_;
};

void serve(int which, FuzzInput& input) {
  VirtualClock clock;
  CircuitSettings settings;
  settings.sockets.resize(1);
  ThreePhaseCircuit circuit{clock, settings};
  auto wire = std::make_unique<WildController>(input);
  if (which == 0) {
    Fluke6105aSim source{clock, circuit, Order{0, 20}};
    clock.run(source.serve(std::move(wire)));
  } else if (which == 1) {
    ZeraCom5003Sim reference{clock, circuit, Order{0, 21}};
    clock.run(reference.serve(std::move(wire)));
  } else {
    ScpiSwitchSim relays{clock, circuit, Order{0, 22}, 1};
    clock.run(relays.serve(std::move(wire)));
  }
}

void parse(FuzzInput& input) {
  constexpr std::size_t longest = 200;
  MessageFraming framing{longest};
  std::string message;
  while (!input.spent()) {
    if (framing.take(static_cast<char>(input.byte())) != MessageFraming::Step::complete) continue;
    require(framing.message().size() <= longest, "a message is no longer than it may be");
    for (const auto& unit : parse_message(framing.message())) {
      require((unit.error != 0) || !unit.nodes.empty(), "a unit has a header or an error");
      for (const auto& node : unit.nodes) require(!node.empty(), "a node has a name");
      for (const auto& parameter : unit.parameters)
        require(parameter.kind != Parameter::Kind::number || !std::isnan(parameter.number), "a number is one");
    }
  }
}

}  // namespace
}  // namespace blondel::sim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  blondel::FuzzInput input{data, size};
  const auto kind = input.byte() % 4;
  if (kind == 3)
    blondel::sim::parse(input);
  else
    blondel::sim::serve(kind, input);
  return 0;
}
