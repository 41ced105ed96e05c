#include "references/standards/standard_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace blondel {
namespace {

using ::testing::HasSubstr;

class StandardListTest : public ::testing::Test {
 protected:
  StandardListTest() { std::filesystem::create_directories(folder_); }
  ~StandardListTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& file, const std::string& edition) {
    std::ofstream{folder_ / file}
        << "power_factor, from, below, limit_percent, standard, edition, clause, load, mark, source\n"
           "1, 0.05, Imax, 0.5, IEC 0 class X, "
        << edition << ", t, balanced, V, nowhere\n";
  }

  std::filesystem::path folder_ =
      std::filesystem::path{::testing::TempDir()} / ("blondel_standard_list_test_" + std::to_string(::getpid()));
};

TEST_F(StandardListTest, OursHoldsClass05sForBothKindsOfLoad) {
  const auto list = StandardList::ours();
  ASSERT_EQ(list.entries().size(), 2u);
  EXPECT_EQ(list.entries()[0].name, "IEC 62053-22 class 0.5S");
  EXPECT_EQ(list.entries()[0].edition, "2003");
  EXPECT_EQ(list.entries()[0].load, "balanced");
  EXPECT_EQ(list.entries()[0].rows, 8u);
  EXPECT_EQ(list.entries()[1].load, "single-phase");
  EXPECT_EQ(list.table("IEC 62053-22 class 0.5S", "balanced", std::nullopt, "plan").rows().size(), 8u);
}

TEST_F(StandardListTest, AnUnknownClassIsAnsweredWithThoseThereAre) {
  try {
    StandardList::ours().table("IEC 62053-22 class 0.6S", "balanced", std::nullopt, "plan.yaml:3:5");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.where, "plan.yaml:3:5");
    EXPECT_THAT(failure.error.what, HasSubstr("did you mean 'IEC 62053-22 class 0.5S'"));
  }
}

TEST_F(StandardListTest, AFileALaboratoryAddsIsFound) {
  write("a.csv", "2003");
  EXPECT_EQ(StandardList::scan(folder_).entries().size(), 1u);
  write("b.csv", "2020");
  const auto list = StandardList::scan(folder_);
  EXPECT_EQ(list.table("IEC 0 class X", "balanced", "2020", "plan").edition(), "2020");
  EXPECT_THROW(list.table("IEC 0 class X", "balanced", std::nullopt, "plan"), Failure) << "two editions, none named";
}

TEST_F(StandardListTest, TwoFilesForOneClassAreRefused) {
  write("a.csv", "2003");
  write("b.csv", "2003");
  EXPECT_THROW(StandardList::scan(folder_), Failure);
  EXPECT_THROW(StandardList::scan(folder_ / "absent"), Failure);
}

}  // namespace
}  // namespace blondel
