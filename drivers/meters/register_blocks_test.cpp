#include "drivers/meters/register_blocks.hpp"

#include <gtest/gtest.h>

namespace blondel {
namespace {

const std::vector<RegisterRange> ranges{{1, 52}, {129, 154}, {257, 346}};

std::vector<BlockRead> reads(std::initializer_list<std::pair<int, int>> numbers_and_words, int longest = 90) {
  std::vector<RegisterPoint> points;
  for (const auto& [number, words] : numbers_and_words) {
    RegisterPoint point;
    point.number = number;
    point.address = number - 1;
    point.words = words;
    points.push_back(point);
  }
  std::vector<const RegisterPoint*> all;
  for (const auto& point : points) all.push_back(&point);
  return block_reads(all, ranges, longest);
}

TEST(RegisterBlocks, OneRangeIsReadInOneRequestFromTheFirstPointToTheLast) {
  EXPECT_EQ(reads({{345, 2}, {257, 2}, {261, 2}}), (std::vector<BlockRead>{{256, 90}}));
  EXPECT_EQ(reads({{3, 1}, {5, 1}}), (std::vector<BlockRead>{{2, 3}}));
}

TEST(RegisterBlocks, NoRequestCrossesAGap) {
  EXPECT_EQ(reads({{51, 2}, {129, 1}, {257, 2}}), (std::vector<BlockRead>{{50, 2}, {128, 1}, {256, 2}}));
}

TEST(RegisterBlocks, NoRequestIsLongerThanTheMeterTakes) {
  EXPECT_EQ(reads({{257, 2}, {309, 2}, {311, 2}, {345, 2}}, 54), (std::vector<BlockRead>{{256, 54}, {310, 36}}));
}

TEST(RegisterBlocks, PointsOutsideAllRangesAreReadAlone) {
  EXPECT_EQ(reads({{155, 1}, {156, 1}}), (std::vector<BlockRead>{{154, 1}, {155, 1}}));
}

TEST(RegisterBlocks, PointAskedForTwiceIsReadOnce) {
  EXPECT_EQ(reads({{3, 1}, {3, 1}}), (std::vector<BlockRead>{{2, 1}}));
}

TEST(RegisterBlocks, NothingIsReadForNothing) {
  EXPECT_TRUE(reads({}).empty());
}

}  // namespace
}  // namespace blondel
