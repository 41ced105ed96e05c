#include "rig/standard_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "references/standards/standard_list.hpp"

namespace blondel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string refusal(const ShowRequest& request) {
  try {
    show_text(request);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::usage);
    return failure.error.what;
  }
  return "none";
}

TEST(StandardTextTest, AStandardIsShownWithLimitsMarksAndWhatIsMissing) {
  const auto text = show_text({.name = "IEC 62053-22"});
  for (const char* part : {"edition 2003", "0.2S", "PF 1, 0.01 In <= I < 0.05 In", "0.4 %", "Table 4", "Table 6",
                           "115 % Un, at most 1 pulse in 600e6/(k*m*Un*Imax) min", "0.03 %/K", "V*/M", "Not covered",
                           "Left open", "not compared with the published standard"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(show_text({.name = "IEC 62053-22", .edition = "2020"}), HasSubstr("0.1S"));
  EXPECT_THAT(show_text({.name = "Series 4000-K"}), HasSubstr("0.4 % + 0.015 % a degree"));
}

TEST(StandardTextTest, AClassIsShownAlone) {
  const auto text = show_text({.name = "IEC 62053-22 class 0.5S"});
  EXPECT_THAT(text, HasSubstr("1.0 %"));
  EXPECT_THAT(text, Not(HasSubstr("900e6"))) << "class 0.2S";
  EXPECT_EQ(text, show_text({.name = "IEC 62053-22", .class_name = "0.5S"}));
  EXPECT_THAT(show_text({.name = "IEC 62053-22 class 0.1S"}), HasSubstr("edition 2020")) << "the only edition of it";
}

TEST(StandardTextTest, NoLineIsWiderThanATerminal) {
  for (const auto& standard : StandardList::ours().standards()) {
    std::istringstream lines{show_text({.name = standard.name(), .edition = standard.edition()})};
    std::string line;
    for (int n = 1; std::getline(lines, line); ++n) {
      if (n == 3) continue;  // the path of the file
      EXPECT_LE(std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; }), 120) << line;
    }
  }
}

TEST(StandardTextTest, JsonCarriesEveryFigureWithItsSource) {
  const auto json = nlohmann::json::parse(show_text({.name = "IEC 62053-21", .edition = "2003", .json = true}));
  const auto& first = json.at("rows").at(0);
  EXPECT_EQ(first.at("section"), "balanced");
  EXPECT_EQ(first.at("currents").at("direct"), "0.05 Ib <= I < 0.1 Ib");
  EXPECT_EQ(first.at("figures").at(1).at("value"), "2.5 %");
  EXPECT_EQ(first.at("figures").at(1).at("mark"), "V");
  EXPECT_THAT(first.at("figures").at(0).at("source").get<std::string>(), HasSubstr("GOST 31819.21-2012"));
  EXPECT_FALSE(json.at("not_covered").empty());
  EXPECT_EQ(nlohmann::json::parse(show_text({.name = "Series 4000-K", .json = true})).at("classes").size(), 3u);
}

TEST(StandardTextTest, WhatThereIsNotIsRefusedWithWhatThereIs) {
  EXPECT_THAT(refusal({.name = "IEC 62053-2"}), HasSubstr("did you mean 'IEC 62053-21'"));
  EXPECT_THAT(refusal({.name = "IEC 62053-22", .edition = "2016"}), HasSubstr("there are: 2003, 2020"));
  EXPECT_THAT(refusal({.name = "IEC 62053-22", .class_name = "0.5"}), HasSubstr("did you mean '0.5S'"));
  EXPECT_THAT(refusal({.name = "IEC 62053-22 class 0.1S", .edition = "2003"}), HasSubstr("no class '0.1S'"));
  EXPECT_THAT(refusal({.name = "Series 4000-K", .class_name = "2"}), HasSubstr("no --class"));
}

}  // namespace
}  // namespace blondel
