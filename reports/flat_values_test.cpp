#include "reports/flat_values.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

namespace blondel {
namespace {

std::string shown(const char* json) {
  std::string text;
  for (const auto& v : flat_values(nlohmann::ordered_json::parse(json)))
    text += fmt::format("{}[{}]={}'{}' ", v.quantity, v.index, v.value, v.text);
  return text;
}

TEST(FlatValues, KeepTheOrderAndTellPlacesInLists) {
  EXPECT_EQ(shown(R"({"mean_w":5,"readings_w":[4.5,6]})"), "mean_w[-1]=5'' readings_w[0]=4.5'' readings_w[1]=6'' ");
}

TEST(FlatValues, NameTheWayThroughObjectsAndTheOuterLists) {
  EXPECT_EQ(shown(R"({"phases":[{"v":1},{"v":2}],"m":[[3],[4,5]],"a":{"b":{"c":6}}})"),
            "phases/v[0]=1'' phases/v[1]=2'' m/0[0]=3'' m/1[0]=4'' m/1[1]=5'' a/b/c[-1]=6'' ");
}

TEST(FlatValues, WriteNamesAsJsonPointersDo) {
  EXPECT_EQ(shown(R"({"a/b":{"c~d":1}})"), "a~1b/c~0d[-1]=1'' ");
}

TEST(FlatValues, GiveNaNForWhatIsNoNumberAndSayWhatItWas) {
  EXPECT_EQ(shown(R"({"lost":null,"word":"x","off":true,"none":[],"empty":{}})"),
            "lost[-1]=nan'' word[-1]=nan'x' off[-1]=nan'true' ");
}

TEST(FlatValues, GiveAllDigitsOfWholeNumbersThatADoubleCannotHold) {
  EXPECT_EQ(flat_values({{"n", 9007199254740992}})[0].text, "");
  EXPECT_EQ(flat_values({{"n", 9007199254740993}})[0].text, "9007199254740993");
  EXPECT_EQ(flat_values({{"n", -9007199254740993}})[0].text, "-9007199254740993");
  EXPECT_EQ(flat_values({{"n", 18446744073709551615u}})[0].text, "18446744073709551615");
}

}  // namespace
}  // namespace blondel
