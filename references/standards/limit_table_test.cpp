#include "references/standards/limit_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "references/standards/standard_list.hpp"

namespace blondel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

LimitTable table_of(const std::string& full_name, const std::string& edition, const std::string& load = "balanced") {
  return StandardList::ours().table(full_name, load, edition, "test");
}

const LimitTable& class_05s() {
  static const auto table = table_of("IEC 62053-22 class 0.5S", "2003");
  return table;
}

/// The limit in percent, or -1 where there is none.
double limit(const char* power_factor, double ratio, double imax = 1.2, const LimitTable& table = class_05s()) {
  const auto row = table.limit({*parse_power_factor(power_factor, "test"), ratio, imax});
  return row ? in_percent(row->limit) : -1;
}

double reactive_limit(double sine, double ratio, const LimitTable& table) {
  const auto row = table.limit({PowerFactor{}, ratio, 1.2, sine});
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
  EXPECT_EQ(class_05s().rows().size(), 8u);
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
  EXPECT_EQ(reactive_limit(1, 1, class_05s()), -1) << "a table of active energy";
}

TEST(LimitTableTest, ReactiveEnergyIsLimitedByTheSine) {
  const auto class_2 = table_of("IEC 62053-23 class 2", "2003");
  EXPECT_DOUBLE_EQ(reactive_limit(1, 0.02, class_2), 2.5);
  EXPECT_DOUBLE_EQ(reactive_limit(1, 0.05, class_2), 2.0);
  EXPECT_DOUBLE_EQ(reactive_limit(0.5, 0.05, class_2), 2.5);
  EXPECT_DOUBLE_EQ(reactive_limit(0.5, 0.1, class_2), 2.0);
  EXPECT_DOUBLE_EQ(reactive_limit(0.25, 0.1, class_2), 2.5);
  EXPECT_EQ(reactive_limit(0.5, 0.04, class_2), -1);
  EXPECT_EQ(limit("1", 1.0, 1.2, class_2), -1) << "a power factor says nothing here";
  EXPECT_DOUBLE_EQ(reactive_limit(0.5, 1, table_of("IEC 62053-23 class 3", "2003", "single-phase")), 4.0);
}

TEST(LimitTableTest, ARangeOfPowerFactorsHoldsBetweenItsEnds) {
  const auto class_c = table_of("OIML R 46 class C", "2012");  // In is 20 Itr, Imin 0.2 Itr
  EXPECT_DOUBLE_EQ(limit("1", 0.05, 1.2, class_c), 0.5);
  for (const char* inside : {"0.5 ind", "0.9 ind", "0.95 cap", "0.8 cap"})
    EXPECT_DOUBLE_EQ(limit(inside, 1.0, 1.2, class_c), 0.6) << inside;
  for (const char* outside : {"0.49 ind", "0.79 cap"}) EXPECT_EQ(limit(outside, 1.0, 1.2, class_c), -1) << outside;
  EXPECT_DOUBLE_EQ(limit("0.9 ind", 0.04, 1.2, class_c), 1.0);
}

TEST(LimitTableTest, BelowIminTheLimitGrowsAsTheCurrentFalls) {
  const auto class_b = table_of("OIML R 46 class B", "2012");  // Imin 0.01 In, Ist 0.002 In
  EXPECT_NEAR(limit("1", 0.005, 1.2, class_b), 3.0, 1e-12);
  EXPECT_NEAR(limit("1", 0.002, 1.2, class_b), 7.5, 1e-12);
  EXPECT_DOUBLE_EQ(limit("1", 0.01, 1.2, class_b), 1.5);
  EXPECT_EQ(limit("1", 0.0019, 1.2, class_b), -1);
  const auto grown = class_b.limit({PowerFactor{}, 0.005});
  EXPECT_TRUE(grown->same_row(class_b.rows().front()));
  EXPECT_FALSE(grown->same_row(class_b.rows().back()));
}

TEST(LimitTableTest, ALimitAtTestPointsHoldsNowhereElse) {
  const auto class_05 = table_of("ANSI C12.20 class 0.5", "2015");  // CL20, TA 2.5 A
  EXPECT_DOUBLE_EQ(limit("1", 1.0, 8, class_05), 0.5);
  EXPECT_DOUBLE_EQ(limit("1", 8.0, 8, class_05), 0.5);
  EXPECT_DOUBLE_EQ(limit("1", 0.05, 8, class_05), 1.0);  // 0.125 A, between 0.1 A and 0.15 A
  EXPECT_DOUBLE_EQ(limit("1", 0.06, 8, class_05), 1.0);
  EXPECT_EQ(limit("1", 1.1, 8, class_05), -1);
  EXPECT_DOUBLE_EQ(limit("0.5 ind", 8.0, 8, class_05), 0.6);
}

TEST(LimitTableTest, ARangeMayEndWithItsLastCurrent) {
  const auto class_1 = table_of("IEC 62053-21 class 1", "2003");
  EXPECT_DOUBLE_EQ(limit("0.25 ind", 1.0, 1.2, class_1), 3.5);
  EXPECT_EQ(limit("0.25 ind", 1.01, 1.2, class_1), -1);
  EXPECT_EQ(limit("0.8 cap", 1.0, 1.2, table_of("IEC 62053-21 class 2", "2003")), -1) << "not specified";
}

LimitRow row(double from, std::optional<double> below, double limit_percent, bool with_end = false) {
  LimitRow r;
  r.from = from;
  r.below = below;
  r.limit = percent(limit_percent);
  r.with_end = with_end;
  r.where = fmt::format("limits:{}:1", from);
  return r;
}

struct Broken {
  std::vector<LimitRow> rows;
  const char* where;
  const char* what;
};

TEST(LimitTableTest, BrokenRowsAreRefusedWithTheirPlace) {
  const std::vector<Broken> all{{{}, "limits", "no limit"},
                                {{row(0.1, {}, 0)}, "limits:0.1:1", "above 0"},
                                {{row(0.1, {}, -1)}, "limits:0.1:1", "above 0"},
                                {{row(0, {}, 1)}, "limits:0:1", "above 0"},
                                {{row(0.1, 0.1, 1)}, "limits:0.1:1", "ends before"},
                                {{row(0.1, 0.2, 1), row(0.3, {}, 1)}, "limits:0.3:1", "gap"},
                                {{row(0.1, 0.2, 1), row(0.15, {}, 1)}, "limits:0.15:1", "overlaps"},
                                {{row(0.1, {}, 1), row(0.2, {}, 1)}, "limits:0.2:1", "Imax already"},
                                {{row(0.1, 0.2, 1, true), row(0.2, {}, 1)}, "limits:0.2:1", "overlaps"}};
  for (const auto& broken : all) {
    try {
      LimitTable{broken.rows, "balanced", "limits"};
      ADD_FAILURE() << broken.what;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, Fault::malformed);
      EXPECT_EQ(failure.error.where, broken.where) << failure.error.what;
      EXPECT_THAT(failure.error.what, HasSubstr(broken.what));
    }
  }
  EXPECT_NO_THROW(LimitTable({row(0.1, 0.1, 1, true), row(0.3, {}, 1)}, "balanced", "limits"))
      << "a point leaves a gap";
}

}  // namespace
}  // namespace blondel
