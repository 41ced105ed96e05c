#include "references/nearest_name.hpp"

#include <gtest/gtest.h>

namespace blondel {
namespace {

TEST(NearestNameTest, EditDistanceCountsLetters) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);  // Levenshtein's usual example
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(NearestNameTest, OnlyANearNameIsOffered) {
  EXPECT_EQ(nearest_name("voltag", {"current", "voltage"}), "voltage");
  EXPECT_EQ(nearest_name("frequency", {"current", "voltage"}), std::nullopt);
  EXPECT_EQ(nearest_name("ab", {"cd"}), std::nullopt);
  EXPECT_EQ(nearest_name("x", {}), std::nullopt);
  EXPECT_EQ(hint("curent", {"current"}), "; did you mean 'current'?");
  EXPECT_EQ(hint("nothing", {"current"}), "");
}

}  // namespace
}  // namespace blondel
