#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

// Every end of every range, the value before and the value after it.
TEST(FirmwareConfigRules, RangesEndWhereTheMapSaysTheyEnd) {
  const struct {
    int number;
    std::vector<int> taken, refused;
  } rows[] = {{130, {10, 11, 12, 31, 40}, {0, 9, 13, 30, 32, 39, 41, 65535}},
              {131, {5, 32000}, {0, 32001, 65535}},
              {132, {1, 3}, {0, 2, 4}},
              {134, {82, 660}, {0, 81, 661, 32000}},
              {137, {0, 1}, {2, 65535}},
              {142, {1, 99}, {0, 100}},
              {143, {1, 99}, {0, 100}},
              {144, {10, 100, 1000, 10000}, {0, 1, 50, 500, 10001}},
              {149, {1, 6}, {0, 7}},
              {150, {0, 10, 32767}, {1, 5, 9, 32768, 65535}},
              {151, {1, 32767}, {}}};
  for (const auto& row : rows) {
    MeterOnBench m;
    m.run(1.6);
    for (const int value : row.taken) {
      EXPECT_EQ(m.write(row.number, value), 0) << row.number << " := " << value;
      m.run_to_end_of_second();
      EXPECT_EQ(m.word(row.number), row.number == 151 ? 0 : value);
    }
    for (const int value : row.refused) EXPECT_EQ(m.write(row.number, value), 3) << row.number << " := " << value;
    m.run_to_end_of_second();
    EXPECT_EQ(m.word(row.number), row.number == 151 ? 0 : row.taken.back());
  }
}

TEST(FirmwareConfigRules, TheVoltageRangeIsThatOfTheSecondarySide) {
  MeterOnBench m;
  m.run(1.6);
  const struct {
    int ratio, lowest, highest;  // ratio x 100
  } rows[] = {{12000, 9840, 32000}, {4848, 3976, 31996}, {100, 82, 660}, {13, 82, 85}};
  for (const auto& row : rows) {
    EXPECT_EQ(m.write(133, row.ratio), 0);
    EXPECT_EQ(m.write(134, row.lowest), 0) << row.ratio;
    EXPECT_EQ(m.write(134, row.lowest - 1), 3) << row.ratio;
    EXPECT_EQ(m.write(134, row.highest), 0) << row.ratio;
    EXPECT_EQ(m.write(134, row.highest + 1), 3) << row.ratio;
  }
  EXPECT_EQ(m.write(133, 0), 3);
  EXPECT_EQ(m.write(133, 32001), 3);
}

TEST(FirmwareConfigRules, ReadOnlyRegistersAreNotWritten) {
  MeterOnBench m;
  m.run(1.6);
  for (const int number : {1, 52, 135, 136, 138, 141, 145, 146, 147, 148, 152, 153, 154, 257, 7001})
    EXPECT_EQ(m.write(number, 1), 2) << number;
}

TEST(FirmwareConfigRules, ReservedRegistersReadTheirOneValue) {
  MeterOnBench m;
  m.run(1.6);
  for (const int number : {129, 136, 148, 151, 153, 154}) EXPECT_EQ(m.word(number), 0) << number;
  EXPECT_EQ(m.word(25), 0x8000);
  EXPECT_EQ(m.pair(305), 0x7FC00000u);
  EXPECT_EQ(m.word(135), 10392) << "104 kW of the factory, 103.92 exactly";
}

TEST(FirmwareConfigVariants, ARefusalIsAnExceptionOrAnEchoAndNeverAClampedValue) {
  for (const auto& [way, answer] : {std::pair{"exception", 3}, {"echo", 0}}) {
    MeterOnBench m{{{"refusal", way}}};
    m.run(1.6);
    m.configure(131, 1733);
    for (const auto& [number, value] : {std::pair{144, 10},
                                        {134, 661},
                                        {134, 81},
                                        {149, 0},
                                        {149, 7},
                                        {150, 5},
                                        {130, 20},
                                        {131, 32001},
                                        {142, 100},
                                        {129, 1}}) {
      const int before = m.word(number);
      EXPECT_EQ(m.write(number, value), answer) << way << " " << number;
      m.run_to_end_of_second();
      EXPECT_EQ(m.word(number), before) << way << " " << number;
    }
  }
}

TEST(FirmwareConfigVariants, PasswordsGuardTheBusOrNot) {
  for (const auto& [way, answer] : {std::pair{"open", 0}, {"locked", 3}}) {
    MeterOnBench m{{{"bus_writes", way}}};
    m.run(1.6);
    EXPECT_EQ(m.write(137, 0), answer) << way;
    EXPECT_EQ(m.write(129, 30078), answer) << way;
    m.run_to_end_of_second();
    EXPECT_EQ(m.word(147), answer == 0 ? 1 : 0) << way;
  }
}

TEST(FirmwareConfigVariants, TheSmallestCtIsFiveAmperesOrOne) {
  for (const auto& [least, answer] : {std::pair{"5", 3}, {"1", 0}}) {
    MeterOnBench m{{{"ct_minimum", least}}};
    m.run(1.6);
    EXPECT_EQ(m.write(131, 4), answer) << least;
    EXPECT_EQ(m.write(131, 1), answer) << least;
    EXPECT_EQ(m.write(131, 0), 3) << least;
  }
}

TEST(FirmwareConfigVariants, TheCtSecondaryCanBeFixed) {
  MeterOnBench m{{{"ct_secondary_fixed", "yes"}}};
  m.run(1.6);
  EXPECT_EQ(m.write(132, 3), 3);
  EXPECT_EQ(m.write(132, 1), 0);
}

// 4160 V with 35:1 is legal; a ratio of 1 afterwards makes it illegal.
TEST(FirmwareConfigVariants, ARatioThatBreaksTheVoltageIsTakenOrRefused) {
  for (const auto& [way, answer] : {std::pair{"kept", 0}, {"refused", 3}}) {
    MeterOnBench m{{{"pt_breaks_voltage", way}}};
    m.run(1.6);
    EXPECT_EQ(m.ask({1, 0x10, 0, 0x84, 0, 2, 4, 0x0D, 0xAC, 0x10, 0x40}).size(), 8u) << "both at once";
    EXPECT_EQ(m.write(133, 100), answer) << way;
    m.run_to_end_of_second();
    EXPECT_EQ(m.word(134), 4160) << way;
    EXPECT_EQ(m.word(133), answer == 0 ? 100 : 3500) << way;
  }
}

TEST(FirmwareConfigVariants, ASettingIsInForceAfterOneSecondOrTwo) {
  for (const auto& [settle, first] : {std::pair{"1", 12}, {"2", 40}}) {
    MeterOnBench m{{{"settle_s", settle}}};
    m.run_to_end_of_second();
    m.run_to_end_of_second();
    EXPECT_EQ(m.write(130, 12), 0);
    m.run_to_end_of_second();
    EXPECT_EQ(m.word(130), first) << settle;
    m.run_to_end_of_second();
    EXPECT_EQ(m.word(130), 12) << settle;
  }
}

TEST(FirmwareConfigVariants, TheCountOfPowerUpsCanBeWritable) {
  MeterOnBench m{{{"register_152_access", "read_write"}}};
  m.run(1.6);
  EXPECT_EQ(m.write(152, 500), 0);
  EXPECT_EQ(m.write(152, 32768), 3);
  m.run_to_end_of_second();
  EXPECT_EQ(m.word(152), 500);
  m.cut_power(false);
  m.run(1.6);
  EXPECT_EQ(m.word(152), 501);
}

TEST(FirmwareConfigVariants, OutputConfigurationIsZeroHere) {
  for (const int value : {0, 2, 10, 11}) {
    MeterOnBench m{{{"output_configuration", std::to_string(value)}}};
    m.run(1.6);
    EXPECT_EQ(m.word(153), value);
  }
}

// Section by section of the list of what is kept: each is changed, the supply goes, and each is there.
TEST(FirmwareConfigRules, WhatIsNonVolatileSurvivesAndTheRestDoesNot) {
  MeterOnBench m;
  m.run(1.6);
  const std::map<int, int> wanted{{130, 31}, {131, 250}, {132, 3},   {133, 200}, {134, 900}, {137, 0},
                                  {142, 20}, {143, 30},  {144, 100}, {149, 2},   {150, 10}};
  for (const auto& [number, value] : wanted) EXPECT_EQ(m.write(number, value), 0) << number;
  m.run_to_end_of_second();
  m.balance(230, 0.2, 30);
  m.run(45);
  EXPECT_EQ(m.write(129, 30078), 0);
  m.run(45);
  const auto before = m.read(27, 26);
  const int duration = m.word(145), power = m.word(135);
  m.cut_power();
  m.waves = {};
  m.run(2);
  for (const auto& [number, value] : wanted) EXPECT_EQ(m.word(number), value) << number;
  const auto after = m.read(27, 26);
  EXPECT_GT(before[13], 0) << "040, a maximum";
  for (const int number : {40, 41, 42}) EXPECT_EQ(after[number - 27], before[number - 27]) << number;
  for (const int number : {27, 29, 43, 45, 47, 49, 51})
    EXPECT_NEAR(after[number - 26], before[number - 26], 1) << number << ", low words; a second was not over";
  for (const int number : {37, 38, 39}) EXPECT_EQ(after[number - 27], 0) << number << " is not kept";
  EXPECT_EQ(m.word(145), duration);
  EXPECT_EQ(m.word(135), power);
  EXPECT_EQ(m.word(147), 1);
  EXPECT_EQ(m.word(152), 2);
}

}  // namespace
}  // namespace blondel::sim
