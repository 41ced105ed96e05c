#include "references/standards/data_sheet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "references/data_folder.hpp"
#include "references/error.hpp"

namespace blondel {
namespace {

using ::testing::HasSubstr;

double tolerance(const char* quantity, double value, double ambient) {
  const auto found = DataSheet::series_4000_k().tolerance(quantity, value, Temperature{ambient});
  return found ? in_percent(*found) : -1;
}

TEST(DataSheetTest, TheWorstCasesOfTheOperatingRangeAreThePrintedOnes) {
  struct Row {
    double ambient, upper, lower;
  };
  for (const auto& [ambient, upper, lower] :
       {Row{25, 0.400, 0.800}, Row{50, 0.775, 1.175}, Row{70, 1.075, 1.475}, Row{-30, 1.225, 1.625}}) {
    EXPECT_NEAR(tolerance("voltage", 277, ambient), upper, 1e-12);
    EXPECT_NEAR(tolerance("current", 0.5, ambient), upper, 1e-12);
    EXPECT_NEAR(tolerance("current", 0.02, ambient), lower, 1e-12);
  }
}

TEST(DataSheetTest, WhatIsNotPromisedHasNoTolerance) {
  EXPECT_EQ(tolerance("current", 0.0099, 25), -1);
  EXPECT_EQ(tolerance("current", 1.01, 25), -1);
  EXPECT_EQ(tolerance("voltage", 89, 25), -1);
  EXPECT_EQ(tolerance("voltage", 347, 25), -1);
  EXPECT_EQ(tolerance("voltage", 277, 71), -1);
  EXPECT_EQ(tolerance("frequency", 60, 25), -1);
  EXPECT_NEAR(tolerance("current", 0.05, 25), 0.4, 1e-12) << "the upper range holds where two meet";
}

TEST(DataSheetTest, ItsClassesAreStandardsOfOurs) {
  const auto& sheet = DataSheet::series_4000_k();
  ASSERT_EQ(sheet.classes().size(), 3u);
  EXPECT_EQ(sheet.classes()[0].standard, "IEC 62053-22 class 0.5S");
  EXPECT_EQ(sheet.classes()[2].standard, "IEC 62053-23 class 2");
  EXPECT_EQ(sheet.edition(), "ZL0138-0A");
  EXPECT_TRUE(sheet.statements()[0].from.verified());
}

TEST(DataSheetTest, ASheetThatIsWrongIsRefusedWithItsPlace) {
  std::ifstream ours{data_folder() / "standards" / "data_sheets" / "series_4000_k.yaml"};
  std::stringstream whole;
  whole << ours.rdbuf();
  const auto path =
      std::filesystem::path{::testing::TempDir()} / ("blondel_data_sheet_test_" + std::to_string(::getpid()) + ".yaml");
  struct Broken {
    const char *text, *by, *what;
  };
  for (const auto& broken :
       {Broken{"to: 5 %,", "to: 4 %,", "gap"}, Broken{"to: 5 %,", "to: 6 %,", "overlaps"},
        Broken{"limit: 0.8 %", "limit: 0 %", "above 0"}, Broken{"mark: V,", "mark: W,", "'V*'"},
        Broken{"from: 90 V,", "from: 90 A,", "a voltage"}, Broken{"quantity: current", "quantity: curent", "'current'"},
        Broken{"coldest: -30 degC", "coldest: 30 degC", "between"}, Broken{"edition:", "editon:", "'edition'"}}) {
    auto text = whole.str();
    text.replace(text.find(broken.text), std::string{broken.text}.size(), broken.by);
    std::ofstream{path} << text;
    try {
      DataSheet::load(path.string());
      ADD_FAILURE() << broken.what;
    } catch (const Failure& failure) {
      EXPECT_THAT(failure.error.where, HasSubstr(".yaml:"));
      EXPECT_THAT(failure.error.what, HasSubstr(broken.what));
    }
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace blondel
