#include <fstream>
#include <sstream>

#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

struct Variant {
  std::string key;
  std::vector<std::string> values, refused;
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream row{line};
  for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
  return cells;
}

std::vector<std::string> quoted(const std::string& cell) {
  std::vector<std::string> words;
  std::istringstream parts{cell};
  bool inside = false;
  for (std::string part; std::getline(parts, part, '`'); inside = !inside)
    if (inside) words.push_back(part);
  return words;
}

// The tables of variants.md: `| question | key | values | meaning |`, values as words or as a range "low..high".
std::vector<Variant> documented() {
  std::ifstream file{"drivers/sim/firmware/variants.md"};
  std::vector<Variant> variants;
  for (std::string line; std::getline(file, line);) {
    const auto cells = cells_of(line);
    if (cells.size() != 5 || quoted(cells[2]).size() != 1) continue;
    Variant v{quoted(cells[2]).front(), quoted(cells[3]), {"nonsense", ""}};
    if (const auto dots = cells[3].find(".."); dots != std::string::npos) {
      const int low = std::stoi(cells[3]), high = std::stoi(cells[3].substr(dots + 2));
      v.values = {std::to_string(low), std::to_string(high)};
      v.refused = {std::to_string(low - 1), std::to_string(high + 1), "nonsense"};
    }
    variants.push_back(v);
  }
  return variants;
}

TEST(FirmwareVariants, EveryValueOfTheTableIsTaken) {
  const auto variants = documented();
  ASSERT_GE(variants.size(), 65u);
  for (const auto& v : variants) {
    ASSERT_FALSE(v.values.empty()) << v.key;
    for (const auto& value : v.values) {
      SCOPED_TRACE(v.key + " = " + value);
      MeterOnBench m{{{v.key, value}}};
      m.run(0.5);
    }
  }
}

TEST(FirmwareVariantsDeathTest, WhatIsNotInTheTableIsRefusedByName) {
  for (const auto& v : documented())
    EXPECT_DEATH((MeterOnBench{{{v.key, v.refused.front()}}}), "variant " + v.key + ": '.*' is not one of: .")
        << v.refused.front();
}

TEST(FirmwareVariantsDeathTest, RangesEndWhereTheTableSaysTheyEnd) {
  for (const auto* value : {"0", "248", "12a", "", " "})
    EXPECT_DEATH((MeterOnBench{{{"address", value}}}), "whole numbers from 1 to 247") << value;
  EXPECT_DEATH((MeterOnBench{{{"max_registers", "126"}}}), "whole numbers from 32 to 125");
  EXPECT_DEATH((MeterOnBench{{{"baud", "4801"}}}), "variant baud: '4801' is not one of: 1200, 2400, 4800");
}

}  // namespace
}  // namespace blondel::sim
