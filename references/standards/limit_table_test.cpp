#include "references/standards/limit_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "references/data_folder.hpp"

namespace blondel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string header = "power_factor, from, below, limit_percent, standard, edition, clause, load, mark, source\n";

const LimitTable& class_05s() {
  static const auto table =
      LimitTable::load((data_folder() / "standards" / "iec_62053_22_2003_0.5S_balanced.csv").string());
  return table;
}

/// The limit in percent, or -1 where there is none.
double limit(const char* power_factor, double ratio, double imax = 1.2) {
  const auto row = class_05s().limit({*parse_power_factor(power_factor, "test"), ratio, imax});
  return row ? in_percent(row->limit) : -1;
}

TEST(LimitTableTest, Class05sReadsAsInTheStandard) {
  EXPECT_DOUBLE_EQ(limit("1", 0.02), 1.0);
  EXPECT_DOUBLE_EQ(limit("1", 0.10), 0.5);
  EXPECT_DOUBLE_EQ(limit("0.5 ind", 0.05), 1.0);
  EXPECT_DOUBLE_EQ(limit("0.5 ind", 1.0), 0.6);
  EXPECT_DOUBLE_EQ(limit("0.8 cap", 0.02), 1.0);
  EXPECT_DOUBLE_EQ(limit("0.8 cap", 1.0), 0.6);
  EXPECT_DOUBLE_EQ(limit("0.25 ind", 0.1), 1.0);
  EXPECT_EQ(class_05s().standard(), "IEC 62053-22 class 0.5S");
  EXPECT_EQ(class_05s().edition(), "2003");
  EXPECT_THAT(class_05s().marks(), ElementsAre("M"));
}

TEST(LimitTableTest, AtABreakpointTheRowOfTheHigherCurrentApplies) {
  EXPECT_DOUBLE_EQ(limit("1", 0.01), 1.0);
  EXPECT_DOUBLE_EQ(limit("1", 0.05), 0.5);
  EXPECT_DOUBLE_EQ(limit("1", 0.05 - 1e-6), 1.0);
  EXPECT_DOUBLE_EQ(limit("0.5 ind", 0.1), 0.6);
  EXPECT_DOUBLE_EQ(limit("0.5 ind", 0.1 - 1e-6), 1.0);
}

TEST(LimitTableTest, TheLastBitOfAQuotientDoesNotChooseTheRow) {
  EXPECT_DOUBLE_EQ(limit("1", 0.05 * (1 - 1e-15)), 0.5);
  EXPECT_DOUBLE_EQ(limit("1", 0.1 + 0.2 - 0.25), 0.5);  // 0.05000000000000004
  EXPECT_DOUBLE_EQ(limit("1", 1.2 * (1 + 1e-15)), 0.5);
}

TEST(LimitTableTest, WhereTheStandardIsSilentThereIsNoLimit) {
  EXPECT_EQ(limit("1", 0.0099), -1);
  EXPECT_EQ(limit("0.5 ind", 0.01), -1);
  EXPECT_EQ(limit("1", 1.21), -1);
  EXPECT_EQ(limit("1", 1.5, 2.0), 0.5);
  EXPECT_EQ(limit("0.9 ind", 1.0), -1);
  EXPECT_EQ(limit("0.8 ind", 1.0), -1);
  EXPECT_FALSE(class_05s().limit({PowerFactor{}, std::nan("")}));
}

struct Broken {
  const char* rows;
  const char* where;
  const char* what;
};

class BrokenLimitTableTest : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenLimitTableTest, IsRefusedWithItsPlace) {
  try {
    LimitTable::parse(header + GetParam().rows, "limits.csv");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::malformed);
    EXPECT_EQ(failure.error.where, GetParam().where) << failure.error.what;
    EXPECT_THAT(failure.error.what, HasSubstr(GetParam().what));
  }
}

INSTANTIATE_TEST_SUITE_P(
    LimitTables, BrokenLimitTableTest,
    ::testing::Values(Broken{"", "limits.csv", "no limit"},
                      Broken{"0.5, 0.1, Imax, 1, s, e, c, balanced, M, x\n", "limits.csv:2:1", "'0.5 ind'"},
                      Broken{"1, 0.1, imax, 1, s, e, c, balanced, M, x\n", "limits.csv:2:9", "'imax'"},
                      Broken{"1, 0, Imax, 1, s, e, c, balanced, M, x\n", "limits.csv:2:4", "above 0"},
                      Broken{"1, 0.1, Imax, 0, s, e, c, balanced, M, x\n", "limits.csv:2:15", "above 0"},
                      Broken{"1, 0.1, Imax, -1, s, e, c, balanced, M, x\n", "limits.csv:2:15", "above 0"},
                      Broken{"1, 0.1, Imax, nan, s, e, c, balanced, M, x\n", "limits.csv:2:15", "number"},
                      Broken{"1, 0.1, 0.1, 1, s, e, c, balanced, M, x\n", "limits.csv:2:9", "ends before"},
                      Broken{"1, 0.1, Imax, 1, s, e, c, balanced, X, x\n", "limits.csv:2:37", "'V*'"},
                      Broken{"1, 0.1, Imax, 1, s, e, c, balanced, M,\n", "limits.csv:2:39", "source"},
                      Broken{"1, 0.1, Imax, 1, s, e, c, uneven, M, x\n", "limits.csv:2:27", "'uneven'"},
                      Broken{"1, 0.1, Imax, 1, s, e, c, balanced\n", "limits.csv:2:27", "8 cells"},
                      Broken{
                          "# gap\n1, 0.1, 0.2, 1, s, e, c, balanced, M, x\n1, 0.3, Imax, 1, s, e, c, balanced, M, x\n",
                          "limits.csv:4:4", "gap"},
                      Broken{"1, 0.1, 0.2, 1, s, e, c, balanced, M, x\n1, 0.15, Imax, 1, s, e, c, balanced, M, x\n",
                             "limits.csv:3:4", "overlaps"},
                      Broken{"1, 0.1, Imax, 1, s, e, c, balanced, M, x\n1, 0.2, Imax, 1, s, e, c, balanced, M, x\n",
                             "limits.csv:3:4", "Imax already"},
                      Broken{"1, 0.1, 0.2, 1, s, e, c, balanced, M, x\n1, 0.2, Imax, 1, t, e, c, balanced, M, x\n",
                             "limits.csv:3:18", "one class"},
                      Broken{"1, 0.1, 0.2, 1, s, e, c, balanced, M, x\n1, 0.2, Imax, 1, s, f, c, balanced, M, x\n",
                             "limits.csv:3:21", "one edition"}));

}  // namespace
}  // namespace blondel
