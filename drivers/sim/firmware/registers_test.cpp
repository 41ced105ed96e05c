#include <fstream>
#include <sstream>

#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

struct Row {
  int number{}, words{};
  std::string name, format;
  int twin{};
  std::string firmware, types, note;
};

// The map as text, read by nothing that the firmware's table was made with.
std::vector<Row> map_rows() {
  std::ifstream file{"references/register_maps/series_4000_k.csv"};
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells{""};
    bool quoted = false;
    for (const char c : line) {
      if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted)
        cells.emplace_back();
      else
        cells.back() += c;
    }
    if (cells.size() < 17 || !std::isdigit(static_cast<unsigned char>(cells[0].at(0)))) continue;
    rows.push_back({std::stoi(cells[0]), std::stoi(cells[2]), cells[3], cells[6],
                    cells[12].empty() ? 0 : std::stoi(cells[12]), cells[13], cells[14], cells[15]});
  }
  return rows;
}

bool of_siblings(const Row& row) {
  return row.note.find("probably absent in this model") != std::string::npos;
}

TEST(FirmwareRegisters, EveryPointOfTheMapCanBeReadAndNothingElse) {
  const auto rows = map_rows();
  ASSERT_GT(rows.size(), 100u);
  MeterOnBench m;
  m.run(2);
  std::map<int, bool> there;
  for (const auto& row : rows)
    if (!of_siblings(row))
      for (int n = 0; n < row.words; ++n) there[row.number + n] = true;
  for (const auto& row : rows) {
    if (of_siblings(row)) continue;
    EXPECT_EQ(m.read(row.number, row.words).size(), static_cast<std::size_t>(row.words));
  }
  for (const int number : {53, 128, 155, 178, 256, 347, 7000, 7002, 8000}) {
    EXPECT_FALSE(there.count(number));
    const auto answer =
        m.ask({1, 3, static_cast<std::uint8_t>((number - 1) >> 8), static_cast<std::uint8_t>(number - 1), 0, 1});
    ASSERT_EQ(answer.size(), 5u) << number;
    EXPECT_EQ(answer[2], 2) << number;
  }
}

TEST(FirmwareRegisters, WhatATypeDoesNotHaveReadsNoValue) {
  const auto rows = map_rows();
  for (const int type : {10, 11, 12, 31, 40}) {
    MeterOnBench m;
    m.run(2);
    m.configure(130, type);
    m.balance(240, 0.3, 20);
    m.run(2);
    const auto integers = m.read(1, 52);
    const auto floats = m.read(257, 90);
    for (const auto& row : rows) {
      std::istringstream list{row.types};
      bool valid = false;
      for (int each{}; list >> each;) valid = valid || each == type;
      if (row.number <= 52 && row.words == 1) {
        EXPECT_EQ(integers[row.number - 1] != 0x8000, valid) << row.name << " in type " << type;
      } else if (row.number >= 257 && row.number <= 345) {
        const auto raw = static_cast<std::uint32_t>(floats[row.number - 257]) << 16 | floats[row.number - 256];
        EXPECT_EQ(raw != 0x7FC00000u, valid) << row.name << " in type " << type;
      }
    }
  }
}

TEST(FirmwareRegisters, IntegersAreTheFloatsInUnitsOfTheirScaleFactor) {
  MeterOnBench m;
  m.run(2);
  m.balance(277, 0.37, 30);
  m.run(3);
  EXPECT_EQ(m.exponent(138), -2);
  EXPECT_EQ(m.exponent(139), -1);
  EXPECT_EQ(m.exponent(140), -2);
  EXPECT_NEAR(m.word(3) * 0.01, m.real(261), 0.0051);
  EXPECT_NEAR(m.word(7) * 0.1, m.real(269), 0.051);
  EXPECT_NEAR(m.word(9) * 0.01, m.real(273), 0.0051);
  EXPECT_NEAR(m.word(6) * 1e-4, m.real(267), 0.000051);
  EXPECT_EQ(m.word(26), 5000);
  EXPECT_EQ(m.word(135), 10392) << "103.92 kW at the factory's settings";
  EXPECT_EQ(m.pair(305), 0x7FC00000u);
}

TEST(FirmwareRegisters, OldFirmwareLacksPulseCountersAndPhaseEnergies) {
  MeterOnBench m{{{"version", "1018"}}};
  m.run(2);
  EXPECT_EQ(m.word(7001), 1018);
  EXPECT_EQ(m.ask({1, 3, 0, 42, 0, 2})[2], 2);
  EXPECT_EQ(m.ask({1, 3, 1, 80, 0, 2})[2], 2);
  EXPECT_EQ(m.read(1, 42).size(), 42u);
}

TEST(FirmwareRegisters, PhasesOfADeltaCanBeBlank) {
  MeterOnBench m{{{"type_31_phases", "blank"}}};
  m.run(2);
  m.configure(130, 31);
  m.balance(240, 0.3, 20);
  m.run(2);
  EXPECT_EQ(m.word(10), 0x8000);
  EXPECT_EQ(m.pair(275), 0x7FC00000u);
  EXPECT_NE(m.word(22), 0x8000) << "currents stay";
}

TEST(FirmwareRegisters, ShowSettingsAndNoReadingsBeforeTheFirstSecondIsOver) {
  MeterOnBench m{{{"boot_ms", "100"}}};
  m.balance(346.4, 0.5, 0);
  m.run(0.2);
  EXPECT_EQ(m.read(130, 5), (std::vector<std::uint16_t>{40, 100, 1, 100, 600}));
  EXPECT_EQ(m.word(152), 1);
  for (const int number : {3, 19, 25, 26}) EXPECT_EQ(m.word(number), 0x8000) << number;
  EXPECT_EQ(m.pair(1), 0u);
  m.run_to_end_of_second();
  EXPECT_NEAR(m.real(293), 346.4, 0.1);
}

}  // namespace
}  // namespace blondel::sim
