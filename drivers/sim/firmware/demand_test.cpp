#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

// On the factory's 100 A and 1 V.
void load(MeterOnBench& m, double kilowatts) {
  m.balance(300, kilowatts / 3 * 1000 / 300 / 100, 0);
}

// 149 and 150 in one request; in force from the end of the running second on.
void set_demand(MeterOnBench& m, int count, int seconds) {
  m.run_to_end_of_second();
  EXPECT_EQ(m.ask({1, 0x10, 0, 0x94, 0, 2, 4, 0, static_cast<std::uint8_t>(count),
                   static_cast<std::uint8_t>(seconds >> 8), static_cast<std::uint8_t>(seconds)})
                .size(),
            8u);
  m.run_to_end_of_second();
}

TEST(FirmwareDemand, AreMeansOfBlocksOfTheThreePowers) {
  MeterOnBench m;
  m.run(1.6);
  m.balance(300, 0.5, 60);
  set_demand(m, 1, 10);
  EXPECT_EQ(m.real(325), 0) << "no interval is complete";
  m.run(10);
  const double apparent = 3 * 300 * 50 / 1000.0;
  EXPECT_NEAR(m.real(325), apparent / 2, 1e-3);
  EXPECT_NEAR(m.real(327), apparent * std::sqrt(0.75), 1e-3);
  EXPECT_NEAR(m.real(329), apparent, 1e-3);
  EXPECT_EQ(m.word(37), std::lround(apparent / 2 * 100)) << "the integer twin, in 0.01 kW";
}

// 3 sub-intervals with means of 60, 30, 90 and 0 kW: 60.0 after three, 40.0 after four.
TEST(FirmwareDemand, RollsOverThePrintedExample) {
  MeterOnBench m;
  m.run(1.6);
  set_demand(m, 3, 300);
  for (const double kilowatts : {60.0, 30.0, 90.0}) {
    load(m, kilowatts);
    m.run(300);
  }
  EXPECT_NEAR(m.real(325), 60, 0.02);
  load(m, 0);
  m.run(300);
  EXPECT_NEAR(m.real(325), 40, 0.02);
  EXPECT_NEAR(m.real(331), 60, 0.02);
}

TEST(FirmwareDemand, MaximumGoesToThePresentByCommandAndNotWithinTenSeconds) {
  MeterOnBench m;
  m.run(1.6);
  set_demand(m, 1, 10);
  load(m, 30);
  m.run(10);
  load(m, 12);
  m.run(10);
  EXPECT_NEAR(m.real(331), 30, 0.01);
  EXPECT_EQ(m.write(129, 21212), 0);
  m.run_to_end_of_second();
  EXPECT_NEAR(m.real(331), 12, 0.01);
  load(m, 6);
  m.run(5);
  EXPECT_EQ(m.write(129, 21212), 0);
  m.run(20);
  EXPECT_NEAR(m.real(325), 6, 0.01);
  EXPECT_NEAR(m.real(331), 12, 0.01) << "5 s after the last one";
  EXPECT_EQ(m.write(129, 21212), 0);
  m.run_to_end_of_second();
  EXPECT_NEAR(m.real(331), 6, 0.01);
}

TEST(FirmwareDemand, AnEarlyCommandCanWaitForItsTime) {
  MeterOnBench m{{{"early_command", "queued"}}};
  m.run(1.6);
  set_demand(m, 1, 0);
  load(m, 30);
  EXPECT_EQ(m.write(129, 21211), 0);
  m.run_to_end_of_second();
  load(m, 12);
  m.run(2);
  EXPECT_EQ(m.write(129, 21211), 0);
  m.run(3);
  EXPECT_GT(m.real(325), 15) << "not yet";
  m.run(5);
  EXPECT_NEAR(m.real(325), 12, 0.3);
}

TEST(FirmwareDemand, ACommandCanWaitForTheFollowingCycle) {
  for (const auto& [cycle, at_once] : {std::pair{"running", true}, {"following", false}}) {
    MeterOnBench m{{{"command_cycle", cycle}}};
    m.run(1.6);
    set_demand(m, 1, 0);
    load(m, 30);
    m.run(5);
    EXPECT_EQ(m.write(129, 21211), 0);
    m.run_to_end_of_second();
    EXPECT_EQ(m.real(325) > 1, at_once) << cycle;
    m.run_to_end_of_second();
    EXPECT_GT(m.real(325), 1) << cycle;
  }
}

TEST(FirmwareDemand, AChangeOfTheIntervalStartsItAfreshUnlessItDoesNot) {
  for (const auto& [restart, expected] : {std::pair{"on_change", 12.0}, {"never", 23.25}}) {
    MeterOnBench m{{{"demand_restart", restart}}};
    m.run(1.6);
    set_demand(m, 1, 30);
    if (std::string{restart} == "never") {
      // What was begun with 900 s ends with the change to 30 s only later; begin at a known place.
      EXPECT_EQ(m.write(129, 21211), 0);
      m.run_to_end_of_second();
    }
    load(m, 30);
    m.run(15);
    EXPECT_EQ(m.write(150, 20), 0);
    m.run_to_end_of_second();
    load(m, 12);
    m.run(4);
    const double early = m.real(325);
    m.run(17);
    const double late = m.real(325);
    if (std::string{restart} == "on_change")
      EXPECT_NEAR(late, expected, 0.1) << "only what came after the change";
    else
      EXPECT_GT(early, 20) << "the 16 s before the change count";
  }
}

TEST(FirmwareDemand, CommandsCloseTimedSubintervalsUnlessTheyAreIgnored) {
  for (const auto& [way, closes] : {std::pair{"closes", true}, {"ignored", false}}) {
    MeterOnBench m{{{"timed_subinterval_command", way}}};
    m.run(1.6);
    load(m, 30);
    m.run(5);
    EXPECT_EQ(m.write(129, 21211), 0);
    m.run_to_end_of_second();
    EXPECT_EQ(m.real(325) > 1, closes) << way;
  }
}

TEST(FirmwareDemand, PresentDemandCanRunAndCanBeBlankBeforeTheFirstInterval) {
  MeterOnBench running{{{"present_demand", "running"}}};
  running.run(1.6);
  set_demand(running, 2, 10);
  load(running, 30);
  running.run(4);
  EXPECT_NEAR(running.real(325), 30, 0.5);
  EXPECT_EQ(running.real(331), 0) << "a maximum is that of complete intervals";

  MeterOnBench blank{{{"demand_before_first", "qnan"}}};
  blank.run(1.6);
  EXPECT_EQ(blank.word(37), 0x8000);
  EXPECT_EQ(blank.pair(325), 0x7FC00000u);
  set_demand(blank, 1, 10);
  load(blank, 30);
  blank.run(10);
  EXPECT_NEAR(blank.real(325), 30, 0.1);
}

TEST(FirmwareDemand, MaximaAreKeptWithoutSupplyAndThePresentIsNot) {
  for (const auto& [kept, apparent] : {std::pair{"no", 0.0}, {"yes", 30.0}}) {
    MeterOnBench m{{{"apparent_demand_kept", kept}}};
    m.run(1.6);
    set_demand(m, 1, 10);
    load(m, 30);
    m.run(10);
    m.cut_power();
    load(m, 0);
    m.run(2);
    EXPECT_EQ(m.real(325), 0);
    EXPECT_NEAR(m.real(329), apparent, 0.01) << kept;
    EXPECT_NEAR(m.real(331), 30, 0.01);
    EXPECT_NEAR(m.real(335), 30, 0.01);
  }
}

TEST(FirmwareDemand, AnEarlyCommandCanBeObeyedAndSpoilTheInterval) {
  MeterOnBench m{{{"early_command", "obeyed"}}};
  m.run(1.6);
  set_demand(m, 1, 0);
  load(m, 30);
  EXPECT_EQ(m.write(129, 21211), 0);
  m.run_to_end_of_second();
  load(m, 12);
  m.run(2);
  EXPECT_EQ(m.write(129, 21211), 0);
  m.run_to_end_of_second();
  EXPECT_NEAR(m.real(325), 12, 0.3) << "of three seconds";
}

}  // namespace
}  // namespace blondel::sim
