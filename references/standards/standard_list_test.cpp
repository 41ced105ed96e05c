#include "references/standards/standard_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "references/data_folder.hpp"

namespace blondel {
namespace {

using ::testing::HasSubstr;

class StandardListTest : public ::testing::Test {
 protected:
  StandardListTest() { std::filesystem::create_directories(folder_); }
  ~StandardListTest() override { std::filesystem::remove_all(folder_); }

  /// Our smallest file, under another name.
  void write(const std::string& file, const std::string& edition, const std::string& more = {}) {
    std::ifstream ours{data_folder() / "standards" / "iec_62053_21_2020.yaml"};
    std::ofstream copy{folder_ / file};
    for (std::string line; std::getline(ours, line);) {
      if (line.starts_with("standard:")) line = "standard: IEC 0";
      if (line.starts_with("edition:")) line = "edition: " + edition;
      if (line.starts_with("classes:")) line = "classes: [0.5]" + more;
      copy << line << "\n";
    }
  }

  std::string refusal() const {
    try {
      StandardList::scan(folder_);
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "none";
  }

  std::filesystem::path folder_ =
      std::filesystem::path{::testing::TempDir()} / ("blondel_standard_list_test_" + std::to_string(::getpid()));
};

TEST_F(StandardListTest, OursHoldsEveryClassOfTheStandards) {
  std::string all;
  for (const auto& entry : StandardList::ours().entries()) {
    all += entry.name + " " + entry.edition + "\n";
    EXPECT_GT(entry.figures, 0u);
  }
  for (const char* name : {"IEC 62053-22 class 0.1S 2020", "IEC 62053-22 class 0.2S 2003",
                           "IEC 62053-22 class 0.5S 2020", "IEC 62053-21 class 1 2003", "IEC 62053-21 class 0.5 2020",
                           "IEC 62053-23 class 2 2003", "IEC 62053-24 class 1S 2014", "IEC 62053-24 class 0.5S 2020",
                           "ANSI C12.20 class 0.2 2015", "OIML R 46 class D 2012"})
    EXPECT_THAT(all, HasSubstr(name + std::string{"\n"}));
}

TEST_F(StandardListTest, APlanThatNamesNoEditionIsJudgedByTheDefaultOne) {
  const auto& ours = StandardList::ours();
  const std::string class_05s = "IEC 62053-22 class 0.5S";
  EXPECT_EQ(ours.table(class_05s, "balanced", std::nullopt, "plan").edition(), "2003");
  EXPECT_EQ(ours.table(class_05s, "balanced", "2020", "plan").edition(), "2020");
  EXPECT_EQ(ours.table("IEC 62053-22 class 0.1S", "balanced", std::nullopt, "plan").edition(), "2020")
      << "the only one that has the class";
  EXPECT_THROW(ours.table("IEC 62053-22 class 0.1S", "balanced", "2003", "plan"), Failure);
}

TEST_F(StandardListTest, AnUnknownClassIsAnsweredWithThoseThereAre) {
  try {
    StandardList::ours().table("IEC 62053-22 class 0.6S", "balanced", std::nullopt, "plan.yaml:3:5");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.where, "plan.yaml:3:5");
    EXPECT_THAT(failure.error.what, HasSubstr("did you mean 'IEC 62053-22 class 0.2S'"));
    const auto& what = failure.error.what;
    EXPECT_THAT(what, HasSubstr("there are: IEC 62053-22 class 0.2S:2003, IEC 62053-22 class 0.5S:2003, "));
    EXPECT_LT(what.find("IEC 62053-21 class 2:2003"), what.find("ANSI C12.20 class 0.1:2015")) << "the nearest first";
  }
}

TEST_F(StandardListTest, ALoadWithoutLimitsSaysWhy) {
  try {
    StandardList::ours().table("OIML R 46 class C", "single-phase", std::nullopt, "plan.yaml:3:5");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.error.what, HasSubstr("R 46 limits the shift instead"));
  }
}

TEST_F(StandardListTest, AFileALaboratoryAddsIsFound) {
  write("a.yaml", "2003");
  EXPECT_EQ(StandardList::scan(folder_).entries().size(), 1u);
  write("b.yaml", "2020");
  const auto list = StandardList::scan(folder_);
  EXPECT_EQ(list.table("IEC 0 class 0.5", "balanced", "2020", "plan").edition(), "2020");
  EXPECT_THROW(list.table("IEC 0 class 0.5", "balanced", std::nullopt, "plan"), Failure)
      << "two editions, none named, none the default";
  write("b.yaml", "2020", "\ndefault_edition: yes");
  EXPECT_EQ(StandardList::scan(folder_).table("IEC 0 class 0.5", "balanced", std::nullopt, "plan").edition(), "2020");
}

TEST_F(StandardListTest, TwoFilesForOneEditionAreRefused) {
  write("a.yaml", "2003");
  write("b.yaml", "2003");
  EXPECT_THAT(refusal(), HasSubstr("b.yaml:1:1: IEC 0, edition 2003 stands in"));
  write("a.yaml", "2014", "\ndefault_edition: yes");
  write("b.yaml", "2020", "\ndefault_edition: yes");
  EXPECT_THAT(refusal(), HasSubstr("the default edition of IEC 0 is 2014 already"));
  EXPECT_THROW(StandardList::scan(folder_ / "absent"), Failure);
}

}  // namespace
}  // namespace blondel
