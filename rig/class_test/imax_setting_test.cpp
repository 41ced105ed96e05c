#include "rig/class_test/imax_setting.hpp"

#include <gmock/gmock.h>

#include "references/standards/standard_list.hpp"

namespace blondel {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// What is read of a class's `imax`, or the refusal.
std::string read(const std::string& imax, const std::string& full_name, const std::string& connection = "") {
  const auto found = StandardList::ours().find(full_name, std::nullopt, "test");
  const auto step = Settings::parse("imax: " + imax + "\n", "plan.yaml");
  try {
    return fmt::format("{:.6g}", read_imax(step.at("imax"), *found.standard->connection(found.class_name, connection),
                                           found.class_name));
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::malformed);
    return failure.error.where + ": " + failure.error.what;
  }
}

TEST(ImaxSettingTest, AnImaxThatWouldLeavePointsOutIsRefused) {
  const std::string part_22 = "IEC 62053-22 class 0.5S", r46 = "OIML R 46 class C", ansi = "ANSI C12.20 class 0.5";
  EXPECT_EQ(read("1.2 In", part_22), "1.2");
  EXPECT_EQ(read("1 In", part_22), "1");
  EXPECT_THAT(read("0.06 In", part_22),
              AllOf(StartsWith("plan.yaml:1:7: "), HasSubstr("at least 1 In"), HasSubstr("'0.06 In'")));
  EXPECT_THAT(read("0.6 In", part_22), HasSubstr("at least 1 In"));
  // R 46: Imax/Itr at least 24 behind transformers, where In is 20 Itr, and 50 for direct connection, Ib 10 Itr.
  EXPECT_EQ(read("1.2 In", r46), "1.2");
  EXPECT_THAT(read("1.1 In", r46), HasSubstr("at least 1.2 In"));
  EXPECT_THAT(read("4.9 In", r46, "direct"), HasSubstr("at least 5 In"));
  EXPECT_EQ(read("8 In", ansi, "CL20"), "8");
  EXPECT_THAT(read("1.2 In", ansi, "CL20"), HasSubstr("CL20 fixes Imax at 8 TA"));
}

}  // namespace
}  // namespace blondel
