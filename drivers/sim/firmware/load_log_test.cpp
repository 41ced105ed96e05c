#include "drivers/sim/firmware/meter_on_bench.hpp"

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

}  // namespace
}  // namespace blondel::sim
