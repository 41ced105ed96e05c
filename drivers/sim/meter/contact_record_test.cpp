#include "drivers/sim/meter/contact_record.hpp"

#include <gtest/gtest.h>

namespace blondel::sim {
namespace {

Time at(long long seconds) {
  return Time{Duration{seconds * 1'000'000'000}};
}

std::vector<std::uint64_t> numbers(const std::vector<ContactEdge>& edges) {
  std::vector<std::uint64_t> all;
  for (const auto& edge : edges) all.push_back(edge.sequence);
  return all;
}

using Numbers = std::vector<std::uint64_t>;

TEST(ContactRecord, EachOfTwoReadersGetsEveryEdgeOnceAndInItsOwnTime) {
  ContactRecord record{false};
  record.set(at(1), true);
  record.set(at(2), false);
  EXPECT_EQ(numbers(record.take(at(1))), (Numbers{1}));
  record.follow();
  record.set(at(3), true);
  record.set(at(9), false);
  EXPECT_EQ(numbers(record.take_followed(at(3))), (Numbers{2, 3}));
  EXPECT_EQ(numbers(record.take_followed(at(3))), Numbers{});
  EXPECT_EQ(numbers(record.take(at(8))), (Numbers{2, 3}));
  EXPECT_EQ(numbers(record.take(at(9))), (Numbers{4}));
  EXPECT_EQ(numbers(record.take_followed(at(9))), (Numbers{4}));
}

TEST(ContactRecord, ASecondReaderThatHasLeftKeepsNothing) {
  ContactRecord record{false};
  record.follow();
  record.set(at(1), true);
  record.take(at(1));
  record.leave();
  EXPECT_EQ(numbers(record.take_followed(at(1))), Numbers{});
  record.follow();
  record.set(at(2), false);
  EXPECT_EQ(numbers(record.take_followed(at(2))), (Numbers{2}));
}

TEST(ContactRecord, ItsStateDoesNotDependOnWhoHasFetchedWhat) {
  ContactRecord record{true};
  record.follow();
  record.set(at(1), false);
  record.set(at(5), true);
  EXPECT_TRUE(record.closed(at(0)));
  EXPECT_FALSE(record.closed(at(4)));
  record.take(at(1));
  EXPECT_FALSE(record.closed(at(4)));
  record.take_followed(at(1));
  EXPECT_FALSE(record.closed(at(4)));
  EXPECT_TRUE(record.closed(at(5)));
}

}  // namespace
}  // namespace blondel::sim
