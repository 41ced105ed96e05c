#include "references/data_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "references/error.hpp"

namespace blondel {
namespace {

class DataFolderTest : public ::testing::Test {
 protected:
  ~DataFolderTest() override {
    if (before_.empty())
      unsetenv("BLONDEL_DATA");
    else
      setenv("BLONDEL_DATA", before_.c_str(), 1);
  }
  std::string before_ = std::getenv("BLONDEL_DATA") ? std::getenv("BLONDEL_DATA") : "";
};

TEST_F(DataFolderTest, IsTheOneTheEnvironmentNames) {
  setenv("BLONDEL_DATA", ::testing::TempDir().c_str(), 1);
  EXPECT_EQ(data_folder(), ::testing::TempDir());
}

TEST_F(DataFolderTest, IsThatOfTheBuildOtherwise) {
  unsetenv("BLONDEL_DATA");
  EXPECT_TRUE(std::filesystem::exists(data_folder() / "register_maps" / "series_4000_k.csv"));
  setenv("BLONDEL_DATA", "", 1);
  EXPECT_TRUE(std::filesystem::exists(data_folder() / "standards"));
}

TEST_F(DataFolderTest, RefusesAFolderThatIsNotThere) {
  setenv("BLONDEL_DATA", "/nonexistent/blondel", 1);
  EXPECT_THROW(data_folder(), Failure);
}

}  // namespace
}  // namespace blondel
