#include "drivers/sim/instruments/scpi_switch_sim.hpp"

#include <gmock/gmock.h>

#include "drivers/control_power/control_power.hpp"
#include "drivers/sim/instruments/instruments_on_a_table.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

Task<void> guarded(Task<void> doing, std::optional<Error>& failed) {
  try {
    co_await std::move(doing);
  } catch (const Failure& failure) {
    failed = failure.error;
  }
}
Task<void> open(ControlPower& power, Clock& clock) {
  co_await power.open(clock.now() + 5s);
}
Task<void> look(ControlPower& power, int position, bool& on) {
  on = co_await power.is_on(position);
}

class ScpiSwitchTest : public testing::Test {
 protected:
  ScpiSwitchTest() {
    circuit.clock = &clock;
    table.place("there", [this](std::unique_ptr<ByteStream> wire) { return relays.serve(std::move(wire)); });
  }
  std::unique_ptr<ControlPower> make(const std::string& settings = "{address: there, positions: 4}") {
    return value_or_throw(control_powers().find("scpi-switch", "test"))(Settings::parse(settings, "bench.yaml"), table,
                                                                        {});
  }
  std::optional<Error> run(Task<void> doing) {
    std::optional<Error> failed;
    clock.run(guarded(std::move(doing), failed));
    return failed;
  }

  VirtualClock clock;
  sim::IdealCircuit circuit;
  sim::ScpiSwitchSim relays{clock, circuit, {}, 4};
  sim::Table table{clock};
};

TEST_F(ScpiSwitchTest, OnePositionIsSwitchedAndTheOthersStay) {
  const auto power = make();
  EXPECT_EQ(power->positions(), 4);
  ASSERT_FALSE(run(open(*power, clock)));
  ASSERT_FALSE(run(power->set(3, true)));
  EXPECT_TRUE(circuit.control_power(3, clock.now()));
  EXPECT_FALSE(circuit.control_power(2, clock.now()));
  bool on = false;
  ASSERT_FALSE(run(look(*power, 3, on)));
  EXPECT_TRUE(on);
  ASSERT_FALSE(run(power->set(3, false)));
  ASSERT_FALSE(run(look(*power, 3, on)));
  EXPECT_FALSE(on);
  EXPECT_FALSE(circuit.late);
}

TEST_F(ScpiSwitchTest, APositionThatIsNotThereIsRefused) {
  const auto power = make();
  ASSERT_FALSE(run(open(*power, clock)));
  EXPECT_EQ(run(power->set(5, true))->fault, Fault::incapable);
  EXPECT_EQ(run(power->set(0, true))->fault, Fault::incapable);
  EXPECT_THROW(make("{address: there, positions: 0}"), Failure);
}

TEST_F(ScpiSwitchTest, AUnitWithFewerRelaysThanPositionsIsFoundWhenItIsOpened) {
  const auto power = make("{address: there, positions: 5, timeout: 500 ms}");
  EXPECT_TRUE(run(open(*power, clock)));
}

TEST_F(ScpiSwitchTest, ARelayThatSticksIsFoundByReadingItBack) {
  relays.stick(2);
  const auto power = make();
  ASSERT_FALSE(run(open(*power, clock)));
  EXPECT_EQ(run(power->set(2, true))->fault, Fault::instrument);
}

TEST_F(ScpiSwitchTest, SilenceIsATimeoutAndNotBeforeOpening) {
  const auto power = make();
  EXPECT_EQ(run(power->set(1, true))->fault, Fault::unreachable);
  ASSERT_FALSE(run(open(*power, clock)));
  relays.inject({.silent = true});
  EXPECT_EQ(run(power->set(1, true))->fault, Fault::timeout);
}

}  // namespace
}  // namespace blondel
