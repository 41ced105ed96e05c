#include "references/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numbers>

namespace blondel {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Settings plan(const std::string& text) {
  return Settings::parse(text, "plan.yaml");
}

/// What the Failure of `body` says, or an empty Error.
template <class Body>
Error refusal(Body body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error;
  }
  return Error{};
}

/// The refusal of one scalar read by `read`.
template <class Read>
std::string refused(const std::string& scalar, Read read) {
  return refusal([&] { (plan("k: " + scalar).at("k").*read)(); }).what;
}

TEST(SettingsTest, ReadsScalarsListsAndMapsInFileOrder) {
  const auto s = plan("name: gate\npoints: [1, 2, 3]\nnested:\n  zeta: true\n  alpha: false\n");
  EXPECT_EQ(s.at("name").text(), "gate");
  ASSERT_EQ(s.at("points").items().size(), 3u);
  EXPECT_EQ(s.at("points").items()[2].integer(), 3);
  EXPECT_THAT(s.at("nested").keys(), ElementsAre("zeta", "alpha"));
  EXPECT_TRUE(s.at("nested").at("zeta").boolean());
  EXPECT_TRUE(s.is_map());
  EXPECT_TRUE(s.at("points").is_sequence());
  EXPECT_TRUE(s.at("name").is_scalar());
  EXPECT_FALSE(s.has("nothing"));
  EXPECT_FALSE(s.find("nothing").has_value());
}

TEST(SettingsTest, ReadsEveryQuantityInTheUnitItIsWrittenIn) {
  const auto s = plan(
      "{v: 480 V, mv: 0.333 V, kv: 1 kV, five: 50 mV, i: 5 A, ma: 50mA, f: 60 Hz, deg: -60 deg, mrad: 1 mrad, "
      "r: 10.6 kohm, big: 2.5 Mohm, pc: 0.5 %, ppm: 20 ppm, t: 25 degC, e: 1 kWh}");
  EXPECT_EQ(s.at("v").voltage().si(), 480.0);
  EXPECT_EQ(s.at("mv").voltage().si(), 0.333);
  EXPECT_EQ(s.at("kv").voltage().si(), 1000.0);
  EXPECT_EQ(s.at("five").voltage().si(), 0.05);  // the nearest double, not 50 · 0.001
  EXPECT_EQ(s.at("i").current().si(), 5.0);
  EXPECT_EQ(s.at("ma").current().si(), 0.05);
  EXPECT_EQ(s.at("f").frequency().si(), 60.0);
  EXPECT_DOUBLE_EQ(s.at("deg").angle().si(), -std::numbers::pi / 3);
  EXPECT_EQ(s.at("mrad").angle().si(), 0.001);
  EXPECT_EQ(s.at("r").resistance().si(), 10600.0);
  EXPECT_EQ(s.at("big").resistance().si(), 2.5e6);
  EXPECT_EQ(s.at("pc").ratio().si(), 0.005);
  EXPECT_EQ(s.at("ppm").ratio().si(), 20e-6);
  EXPECT_EQ(s.at("t").temperature().si(), 25.0);
  EXPECT_EQ(s.at("e").energy().si(), 3.6e6);
}

TEST(SettingsTest, QuotesMakeNoDifference) {
  EXPECT_EQ(plan("k: '480 V'").at("k").voltage(), plan("k: \"480 V\"").at("k").voltage());
  EXPECT_EQ(plan("k: \"12\"").at("k").integer(), 12);
}

TEST(SettingsTest, ABareNumberIsNoVoltage) {
  EXPECT_EQ(refused("480", &Settings::voltage), "expected a voltage such as '480 V', found '480'");
}

TEST(SettingsTest, AnotherKindsUnitIsNamed) {
  EXPECT_THAT(refused("480 A", &Settings::voltage),
              AllOf(HasSubstr("'480 V'"), HasSubstr("'480 A'"), HasSubstr("'A' is the unit of a current")));
  EXPECT_THAT(refused("480 volt", &Settings::voltage), HasSubstr("'volt' is none of V, mV, uV, kV"));
}

TEST(SettingsTest, WhatIsNotAFiniteDecimalNumberIsRefused) {
  for (const char* text :
       {".nan V", "nan V", "inf V", "-inf V", ".inf V",          "0x10 V", "1e999 V", "1e-999 V", "1,5 V", "1 000 V",
        "V",      "--5 V", "5  V",  "5 V V",  "1e99999999999 V", "'5 V '", "''",      "~",        "[5 V]", "{a: 5 V}"})
    EXPECT_NE(refused(text, &Settings::voltage), "") << text;
  for (const char* text : {".nan", "nan", ".inf", "0x10", "1e999", "5 V", "'5 '", "' 5'", "''", "1_000"})
    EXPECT_NE(refused(text, &Settings::number), "") << text;
}

TEST(SettingsTest, AWholeNumberIsDecimalAndFits64Bits) {
  EXPECT_EQ(plan("k: -9223372036854775808").at("k").integer(), std::numeric_limits<long long>::min());
  EXPECT_EQ(plan("k: 0").at("k").integer(), 0);
  for (const char* text : {"5.0", "1e3", "010", "9223372036854775808", "0x1F", "five", "''", "-"})
    EXPECT_NE(refused(text, &Settings::integer), "") << text;
}

TEST(SettingsTest, OnlyTrueAndFalseAreTruthValues) {
  for (const char* text : {"yes", "True", "1", "''"}) EXPECT_NE(refused(text, &Settings::boolean), "") << text;
}

TEST(SettingsTest, DurationsAreExactToTheNanosecond) {
  const auto time = [](const std::string& text) { return plan("k: " + text).at("k").duration(); };
  EXPECT_EQ(time("250 ms"), 250ms);
  EXPECT_EQ(time("30 s"), 30s);
  EXPECT_EQ(time("15 min"), 15min);
  EXPECT_EQ(time("2 h"), 2h);
  EXPECT_EQ(time("0 s"), 0ns);
  EXPECT_EQ(time("0.1 s"), 100ms);
  EXPECT_EQ(time("1.000000001 s"), 1'000'000'001ns);
  EXPECT_EQ(time("2.5 min"), 150s);
  EXPECT_EQ(time("1e3 us"), 1ms);
  EXPECT_EQ(time("9223372036.854775807 s"), std::chrono::nanoseconds::max());
  for (const char* text :
       {"9223372036.854775808 s", "1e30 h", "0.5 ns", "1.0000000001 s", "-1 s", "15", "15 V", "1e9999 s"})
    EXPECT_NE(refused(text, &Settings::duration), "") << text;
}

TEST(SettingsTest, AWordOutsideTheListIsAnsweredWithTheList) {
  const auto s = plan("rule: guardd");
  EXPECT_EQ(plan("rule: guarded").at("rule").one_of({"simple acceptance", "guarded"}), 1u);
  EXPECT_EQ(refusal([&] {
              s.at("rule").one_of({"simple acceptance", "guarded"});
            }).what,
            "expected one of 'simple acceptance', 'guarded', found 'guardd'; did you mean 'guarded'?");
}

TEST(SettingsTest, EveryRefusalNamesFileLineAndColumn) {
  const auto e =
      refusal([] { plan("a: 1\nlist:\n  - {voltage: 480}\n").at("list").items()[0].at("voltage").voltage(); });
  EXPECT_EQ(e.where, "plan.yaml:3:15");
  EXPECT_EQ(e.fault, Fault::malformed);
}

TEST(SettingsTest, AMissingKeyIsNamedWithItsMap) {
  const auto e = refusal([] { plan("source:\n  adress: here\n").at("source").at("address"); });
  EXPECT_EQ(e.where, "plan.yaml:2:3");
  EXPECT_THAT(e.what, AllOf(HasSubstr("'address' is missing"), HasSubstr("'adress'")));
}

TEST(SettingsTest, FinishRefusesTheKeysNobodyAskedFor) {
  const auto s = plan("voltage: 480 V\ncurent: 5 A\nlag: 0 deg\nsomething: else\n");
  s.at("voltage");
  s.has("lag");
  s.find("current");
  const auto e = refusal([&] { s.finish(); });
  EXPECT_EQ(e.where, "plan.yaml:2:1");
  EXPECT_THAT(e.what,
              AllOf(HasSubstr("unknown key 'curent'; did you mean 'current'?"), HasSubstr("'something' (line 4)")));
  s.at("curent");
  s.at("something");
  EXPECT_NO_THROW(s.finish());
}

TEST(SettingsTest, ARepeatedKeyIsRefusedAtLoadWhereverItStands) {
  EXPECT_EQ(refusal([] { plan("a: 1\nb: 2\na: 3\n"); }).where, "plan.yaml:3:1");
  EXPECT_THAT(refusal([] { plan("list:\n  - deep: {x: 1, y: 2, x: 3}\n"); }).what,
              HasSubstr("key 'x' stands here for the second time"));
  EXPECT_NE(refusal([] { plan("{'a': 1, \"a\": 2}"); }).what, "");
}

TEST(SettingsTest, WhatPeopleDoNotWriteIsRefused) {
  for (const char* text : {"a: &x 1\nb: *x\n", "a: &x 1\n", "a: 1\n---\nb: 2\n", "a: !!int 1\n", "!mine {a: 1}",
                           "? [a, b]\n: 1\n", "~: 1\n", ": 1\n", "[a] b", "a: [1, 2", "a: 'open", "a: b: c", "\t- x",
                           "}", "", "   \n", "# only words\n", "~"})
    EXPECT_EQ(refusal([&] { plan(text); }).fault, Fault::malformed) << text;
}

TEST(SettingsTest, AFileThatIsNoTextIsRefusedWithItsPlace) {
  EXPECT_EQ(refusal([] { plan("a: 1\nb: \x04 2\n"); }).where, "plan.yaml:2:4");
  EXPECT_NE(refusal([] { plan(std::string{"a: 1\0b", 6}); }).what, "");
  EXPECT_NE(refusal([] { plan("a: \xFF\xFE"); }).what, "");
  EXPECT_NE(refusal([] { plan("a: \xC0\xAF"); }).what, "");
  EXPECT_EQ(plan("a: Gerät 10 Ω\n").at("a").text(), "Gerät 10 Ω");
}

TEST(SettingsTest, DeepAndLongFilesAreRefusedAndDoNotBringUsDown) {
  EXPECT_NE(refusal([] { plan(std::string(100'000, '[')); }).what, "");
  EXPECT_NE(refusal([] { plan(std::string(100'000, '{')); }).what, "");
  EXPECT_THAT(refusal([] { plan(std::string(300, '[') + std::string(300, ']')); }).what, HasSubstr("deep"));
  std::string block;
  for (int depth = 0; depth < 300; ++depth) block += std::string(static_cast<std::size_t>(depth), ' ') + "k:\n";
  EXPECT_THAT(refusal([&] { plan(block); }).what, HasSubstr("deep"));
  EXPECT_NO_THROW(plan(std::string(60, '[') + std::string(60, ']')));
}

TEST(SettingsTest, ReadersOfAMapRefuseScalars) {
  const auto s = plan("a: 5\n");
  EXPECT_EQ(refusal([&] { s.at("a").at("b"); }).what, "expected a map, found '5'");
  EXPECT_EQ(refusal([&] { s.at("a").items(); }).what, "expected a list, found '5'");
  EXPECT_EQ(refusal([&] { s.text(); }).what, "expected a text, found a map");
}

TEST(SettingsTest, AFileThatCannotBeReadIsOneClearFailure) {
  const auto folder =
      std::filesystem::path{::testing::TempDir()} / ("blondel_settings_test_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  EXPECT_THAT(refusal([&] { Settings::load((folder / "absent.yaml").string()); }).what, HasSubstr("no such file"));
  EXPECT_THAT(refusal([&] { Settings::load(folder.string()); }).what, HasSubstr("folder"));
  const auto file = (folder / "plan.yaml").string();
  std::ofstream{file} << "";
  EXPECT_THAT(refusal([&] { Settings::load(file); }).what, HasSubstr("nothing"));
  std::ofstream{file} << std::string(1'100'000, '#');
  EXPECT_THAT(refusal([&] { Settings::load(file); }).what, HasSubstr("1 MiB"));
  std::ofstream{file} << "a: 480 V\n";
  EXPECT_EQ(Settings::load(file).at("a").voltage(), Voltage{480});
  EXPECT_EQ(Settings::load(file).at("a").where(), file + ":1:4");
  std::filesystem::remove_all(folder);
}

TEST(SettingsTest, AWordIsReplacedWhereItStandsAloneAndPlacesStay) {
  const auto s = plan("do:\n  - read: $ct\n  - {a: x.$ct, b: $ct_primary}\n  - \"${ct}_f, ${cts}\"\n");
  const auto with = s.at("do").with_word("ct", "100 A");
  ASSERT_TRUE(with);
  const auto items = with->items();
  EXPECT_EQ(items.at(0).at("read").text(), "100 A");
  EXPECT_EQ(items.at(0).at("read").where(), "plan.yaml:2:11");
  EXPECT_EQ(items.at(1).at("a").text(), "x.100 A");
  EXPECT_EQ(items.at(1).at("b").text(), "$ct_primary");
  EXPECT_EQ(items.at(2).text(), "100 A_f, ${cts}");
  EXPECT_EQ(s.at("do").items().at(0).at("read").text(), "$ct") << "the original stays as it was";
  EXPECT_FALSE(s.with_word("voltage", "480 V")) << "the word stands nowhere";
}

}  // namespace
}  // namespace blondel
