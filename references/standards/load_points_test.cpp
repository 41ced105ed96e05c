#include "references/standards/load_points.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "references/standards/standard_list.hpp"

namespace blondel {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

std::vector<std::string> points(const std::string& full_name, double imax, const std::string& load,
                                const std::string& connection = {}) {
  const auto [standard, class_name] = StandardList::ours().find(full_name, std::nullopt, "test");
  std::vector<std::string> all;
  for (const auto& point : load_points(*standard, class_name, imax, connection))
    if (point.load == load) all.push_back(point.text() + (point.on_request ? " (on request)" : ""));
  return all;
}

TEST(LoadPointsTest, AClassIsVerifiedAtTheEndsOfItsRowsAtInAndAtImax) {
  EXPECT_THAT(points("IEC 62053-22 class 0.5S", 1.2, "balanced"),
              ElementsAre("0.01 In, PF 1", "0.05 In, PF 1", "1 In, PF 1", "1.2 In, PF 1", "0.02 In, PF 0.5 ind",
                          "0.02 In, PF 0.8 cap", "0.1 In, PF 0.5 ind", "1 In, PF 0.5 ind", "1.2 In, PF 0.5 ind",
                          "0.1 In, PF 0.8 cap", "1 In, PF 0.8 cap", "1.2 In, PF 0.8 cap",
                          "0.1 In, PF 0.25 ind (on request)", "1 In, PF 0.25 ind (on request)",
                          "1.2 In, PF 0.25 ind (on request)", "0.1 In, PF 0.5 cap (on request)",
                          "1 In, PF 0.5 cap (on request)", "1.2 In, PF 0.5 cap (on request)"));
}

TEST(LoadPointsTest, UnderSinglePhaseLoadEachElementHasItsTurn) {
  const auto all = points("IEC 62053-22 class 0.5S", 1.2, "single-phase");
  EXPECT_EQ(all.size(), 18u);
  for (const char* one :
       {"0.05 In, PF 1, element 1 alone", "1 In, PF 0.5 ind, element 2 alone", "1.2 In, PF 0.5 ind, element 3 alone"})
    EXPECT_THAT(all, Contains(one));
}

TEST(LoadPointsTest, WhereImaxIsInItStandsOnce) {
  const auto all = points("IEC 62053-22 class 0.5S", 1.0, "balanced");
  EXPECT_EQ(std::ranges::count(all, "1 In, PF 1"), 1);
  EXPECT_THAT(all, Not(Contains("1.2 In, PF 1")));
}

TEST(LoadPointsTest, ARangeUpToInEndsThere) {
  const auto all = points("IEC 62053-21 class 1", 4, "balanced");
  EXPECT_THAT(all, Contains("1 In, PF 0.25 ind (on request)"));
  EXPECT_THAT(all, Not(Contains("4 In, PF 0.25 ind (on request)")));
  EXPECT_THAT(all, Contains("4 In, PF 0.8 cap"));
}

TEST(LoadPointsTest, ReactiveEnergyIsVerifiedInductiveAndCapacitive) {
  const auto all = points("IEC 62053-23 class 2", 1.2, "balanced");
  for (const char* one : {"0.02 In, sin 1 ind", "0.02 In, sin 1 cap", "1 In, sin 0.5 cap", "1.2 In, sin 0.25 ind"})
    EXPECT_THAT(all, Contains(one));
}

TEST(LoadPointsTest, ARangeOfPowerFactorsIsVerifiedAtItsEnds) {
  const auto all = points("OIML R 46 class C", 1.2, "balanced");
  EXPECT_THAT(all, Contains("0.05 In, PF 0.5 ind"));
  EXPECT_THAT(all, Contains("0.05 In, PF 0.8 cap"));
  EXPECT_THAT(all, Contains("0.001 In, PF 1"));
  EXPECT_THAT(points("OIML R 46 class C", 1.2, "single-phase"), ElementsAre());
}

TEST(LoadPointsTest, TestPointsOfACurrentClassAreThePoints) {
  const auto all = points("ANSI C12.20 class 0.5", 1.2, "balanced");  // CL20: 8 times TA whatever the caller says
  for (const char* one : {"1 In, PF 1", "8 In, PF 1", "0.1 In, PF 0.5 ind", "8 In, PF 0.5 ind"})
    EXPECT_THAT(all, Contains(one));
  EXPECT_EQ(points("ANSI C12.20 class 0.5", 1.2, "balanced", "CL320").size(), 13u);
}

TEST(LoadPointsTest, EveryPointHasTheLimitOfItsRow) {
  const auto& ours = StandardList::ours();
  for (const auto& standard : ours.standards())
    for (const auto& class_name : standard.classes())
      for (const auto& connection : standard.connections())
        for (const auto& point : load_points(standard, class_name, 1.2, connection.name)) {
          EXPECT_GT(point.limit.limit.si(), 0) << standard.name() << class_name << point.text();
          EXPECT_EQ(point.on_request, point.limit.on_request);
        }
}

}  // namespace
}  // namespace blondel
