#include "references/side_by_side.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace blondel {
namespace {

TEST(SideBySide, MakesEveryOneInItsPlaceWhateverTheirNumber) {
  for (std::size_t count = 0; count < 50; ++count) {
    const auto squares = side_by_side(count, [](std::size_t i) { return i * i; });
    ASSERT_EQ(squares.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(squares[i], i * i);
  }
}

TEST(SideBySide, UsesAnotherThreadAndNoMoreThanOne) {
  const auto on = side_by_side(40, [](std::size_t) { return std::this_thread::get_id(); });
  EXPECT_EQ((std::set<std::thread::id>{on.begin(), on.end()}.size()), 2u);
  EXPECT_EQ(on.front(), std::this_thread::get_id());
}

TEST(SideBySide, ThrowsWhatTheFirstThatThrowsThrew) {
  for (const std::size_t first : {0u, 3u, 9u, 10u, 19u}) {
    try {
      side_by_side(20, [first](std::size_t i) {
        if (i >= first) throw std::runtime_error{std::to_string(i)};
        return i;
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), std::to_string(first));
    }
  }
}

TEST(SideBySide, TakesWhatCanOnlyBeMoved) {
  const auto made = side_by_side(5, [](std::size_t i) { return std::make_unique<std::size_t>(i); });
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(*made[i], i);
}

}  // namespace
}  // namespace blondel
