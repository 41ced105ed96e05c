#include "drivers/sim/firmware/meter_on_bench.hpp"

// A log takes 16 hours of samples to fill; the ends of its sub-intervals alone are quick.
extern "C" {
#include "drivers/sim/firmware/series_4000_k/load_log.h"
}

namespace blondel::sim {
namespace {

int exception_of(MeterOnBench& m, int number) {
  const auto answer =
      m.ask({1, 3, static_cast<std::uint8_t>((number - 1) >> 8), static_cast<std::uint8_t>(number - 1), 0, 1});
  return answer.size() == 5 ? answer[2] : 0;
}

TEST(FirmwareLoadLog, IsAbsentOrBlankOrFitted) {
  for (const auto& [fitted, exception, value] :
       {std::tuple{"absent", 2, 0}, {"zero", 0, 0}, {"qnan", 0, 0x8000}, {"working", 0, 0x8000}}) {
    MeterOnBench m{{{"log_registers", fitted}}};
    m.run(1.6);
    for (const int number : {155, 178, 8000, 13759}) EXPECT_EQ(exception_of(m, number), exception) << fitted << number;
    EXPECT_EQ(exception_of(m, 13760), 2) << fitted;
    EXPECT_EQ(exception_of(m, 179), 2) << fitted;
    if (exception == 0) {
      EXPECT_EQ(m.word(8000), value) << fitted;
    }
    const bool working = std::string{fitted} == "working";
    EXPECT_EQ(m.write(169, 3), working ? 0 : 2) << fitted;
    EXPECT_EQ(m.write(129, 16640), working ? 0 : 3) << fitted;
  }
  MeterOnBench longer{{{"log_registers", "working"}, {"log_window_end", "13760"}}};
  longer.run(1.6);
  EXPECT_EQ(longer.word(13760), 0x8000);
  EXPECT_EQ(exception_of(longer, 13761), 2);
}

TEST(FirmwareLoadLog, BeginsWithTheDefaultsOfTheGuide) {
  MeterOnBench m{{{"log_registers", "working"}}};
  m.run(1.6);
  EXPECT_EQ(m.read(169, 10), (std::vector<std::uint16_t>{1, 2, 29, 30, 37, 38, 39, 155, 156, 157}));
  EXPECT_EQ(m.word(158), 0);
  EXPECT_EQ(m.word(159), 0);
  EXPECT_EQ(m.word(155), 0x0101) << "1 January";
  EXPECT_EQ(m.word(156), 0) << "2000, 0 h";
  EXPECT_EQ(m.word(162), 60) << "days at 900 s";
}

TEST(FirmwareLoadLog, KeepsTheClockInEitherPacking) {
  for (const auto& [packing, day, hour, second] :
       {std::tuple{"day_high", 0x1C02, 0x1718, 0x363B}, {"month_high", 0x021C, 0x1817, 0x3B36}}) {
    MeterOnBench m{{{"log_registers", "working"}, {"date_packing", packing}}};
    m.run(1.6);
    EXPECT_EQ(m.write(155, day), 0) << "28 February";
    EXPECT_EQ(m.write(156, hour), 0) << "23 h, 2024";
    EXPECT_EQ(m.write(157, second), 0) << "54 s, 59 min";
    EXPECT_NE(m.word(160) & 32, 0) << "the clock was changed";
    m.run(10);
    const bool day_high = std::string{packing} == "day_high";
    EXPECT_EQ(m.word(155), day_high ? 0x1D02 : 0x021D) << "a leap year";
    EXPECT_EQ(m.word(156), day_high ? 0x0018 : 0x1800);
    EXPECT_EQ(m.write(155, day_high ? 0x2002 : 0x0220), 3) << "there is no 32 February";
  }
}

TEST(FirmwareLoadLog, WritesAnEntryAtEverySubinterval) {
  MeterOnBench m{{{"log_registers", "working"}}};
  m.run(1.6);
  EXPECT_EQ(m.write(169, 26), 0);
  EXPECT_EQ(m.write(170, 100), 3) << "not a register that can be logged";
  m.run_to_end_of_second();
  EXPECT_EQ(m.write(150, 10), 0);
  m.run_to_end_of_second();
  m.balance(300, 0.2, 0);
  for (const double hertz : {50, 55, 60}) {
    m.frequency = hertz;
    m.run(10);
  }
  m.run(2);
  EXPECT_EQ(m.word(163), 3);
  EXPECT_EQ(m.word(8000), 0x8000) << "no page is chosen";
  EXPECT_EQ(m.write(158, 1), 0);
  EXPECT_EQ(m.read(8000, 4), (std::vector<std::uint16_t>{6000, 5500, 5000, 0x8000})) << "newest first";
  // While a page is shown one entry waits and a second is lost.
  m.run(22);
  EXPECT_EQ(m.word(163), 3);
  EXPECT_EQ(m.word(160) & 6, 6);
  EXPECT_EQ(m.write(158, 0), 0);
  EXPECT_EQ(m.word(163), 4);
  EXPECT_EQ(m.write(129, 16640), 0);
  m.run_to_end_of_second();
  EXPECT_EQ(m.word(163), 0);
  EXPECT_NE(m.word(160) & 8, 0);
  EXPECT_EQ(m.write(159, 2), 0) << "halted";
  m.run(21);
  EXPECT_EQ(m.word(163), 0);
}

TEST(FirmwareLoadLog, SettingsSurviveAPowerCutAndTheClockDoesNot) {
  MeterOnBench m{{{"log_registers", "working"}}};
  m.run(1.6);
  EXPECT_EQ(m.write(155, 0x1C02), 0);
  EXPECT_EQ(m.write(169, 26), 0);
  EXPECT_EQ(m.write(159, 1), 0);
  m.run_to_end_of_second();
  m.cut_power();
  m.run(2);
  EXPECT_EQ(m.word(155), 0x0101);
  EXPECT_EQ(m.word(169), 26);
  EXPECT_EQ(m.word(159), 1);
  EXPECT_NE(m.word(160) & 16, 0) << "interrupted";
}

/// Second of the hour in an entry of register 157: seconds in its high byte, minutes in its low one.
int second_of_hour(std::uint16_t entry) {
  return (entry >> 8) + 60 * (entry & 0xFF);
}

void end_subintervals(int how_many) {
  for (int n = 0; n < how_many; ++n) log_second(true);
}

TEST(FirmwareLoadLog, AFullLogWrapsAndKeepsTheNewestEntries) {
  MeterOnBench m{{{"log_registers", "working"}}};
  m.run(2.1);  // no second ends, and the clock stands, while the entries are read
  end_subintervals(5760);
  EXPECT_EQ(m.word(163), 5760);
  EXPECT_EQ(m.word(161), 0);
  EXPECT_EQ(m.word(160) & 1, 1) << "full";
  end_subintervals(1);
  EXPECT_EQ(m.word(163), 1);
  EXPECT_EQ(m.word(161), 1) << "wraps";
  EXPECT_EQ(m.write(158, 10), 0) << "the buffer of register 157";
  const auto newest = m.read(8000, 2), oldest = m.read(13759, 1);
  EXPECT_EQ((second_of_hour(newest[0]) - second_of_hour(newest[1]) + 3600) % 3600, 1);
  EXPECT_EQ((second_of_hour(newest[0]) - second_of_hour(oldest[0]) + 3600) % 3600, 5759 % 3600);
  EXPECT_EQ(m.write(158, 0), 0);
  end_subintervals(2 * 5760);
  EXPECT_EQ(m.word(161) * 5760 + m.word(163), 3 * 5760 + 1) << "entries in all";
}

TEST(FirmwareLoadLog, ASingleShotStopsWhenItIsFullAndCountsWhatItLost) {
  MeterOnBench m{{{"log_registers", "working"}}};
  m.run(1.6);
  EXPECT_EQ(m.write(159, 1), 0);
  m.run_to_end_of_second();
  end_subintervals(5760 + 7);
  EXPECT_EQ(m.word(163), 5760);
  EXPECT_EQ(m.word(161), 7);
  EXPECT_EQ(m.write(158, 10), 0);
  const auto newest = m.read(8000, 1);
  end_subintervals(1);
  EXPECT_EQ(m.read(8000, 1), newest);
}

TEST(FirmwareLoadLog, AnEntryHoldsTheDemandOfTheSubintervalThatItEnds) {
  MeterOnBench m{{{"log_registers", "working"}}};
  m.run(1.6);
  EXPECT_EQ(m.write(150, 10), 0);
  m.run_to_end_of_second();
  m.balance(300, 0.5, 0);  // 45 kW
  m.run(11);
  m.balance(300, 0.1, 0);  // 9 kW
  m.run(10);
  EXPECT_EQ(m.write(158, 5), 0) << "the buffer of register 37";
  EXPECT_EQ(m.read(8000, 1)[0], m.word(37));
}

TEST(FirmwareLoadLog, BeginsAtThePresentEnergyAfterASupplyFailure) {
  MeterOnBench m{{{"log_registers", "working"}}};
  m.balance(346.41, 1.0, 0);
  m.run(100);
  const auto kept = m.pair(1);
  ASSERT_GT(kept, 20u);
  m.cut_power();
  m.run(1.6);
  EXPECT_NEAR(m.pair(164), kept, 1);
}

}  // namespace
}  // namespace blondel::sim
