#include "references/register_maps/register_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "references/data_folder.hpp"

namespace blondel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string header =
    "register,address,words,name,access,nv,format,unit,scale,min,max,default,integer_or_float_twin,min_firmware,"
    "valid_in_system_types,note,provenance\n";

Error refusal(const std::string& text) {
  try {
    RegisterMap::parse(text, "map.csv");
  } catch (const Failure& failure) {
    return failure.error;
  }
  return Error{};
}

const RegisterMap& series_4000_k() {
  static const auto map = RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string());
  return map;
}

TEST(RegisterMapTest, TheSeries4000KMapLoadsWhole) {
  EXPECT_EQ(series_4000_k().points().size(), 140u);
  const auto& power = series_4000_k().at("real_power_total");
  EXPECT_EQ(power.number, 3);
  EXPECT_EQ(power.address, 2);
  EXPECT_EQ(power.format, RegisterFormat::uint16);
  EXPECT_EQ(power.scale, RegisterScale::power);
  EXPECT_EQ(power.twin, 261);
  EXPECT_EQ(power.unit, "kW");
  EXPECT_FALSE(power.writable);
  const auto& ratio = series_4000_k().at("pt_ratio");
  EXPECT_TRUE(ratio.readable && ratio.writable && ratio.non_volatile);
  EXPECT_EQ(ratio.scale, RegisterScale::fixed);
  EXPECT_EQ(ratio.factor, 0.01);
  EXPECT_EQ(ratio.minimum, 1);
  EXPECT_EQ(ratio.maximum, 32000);
  EXPECT_EQ(ratio.factory_default, 100);
  EXPECT_EQ(series_4000_k().at("pulse_counter_1_real").after_firmware, 1018);
  EXPECT_THAT(series_4000_k().at("voltage_bc").system_types, ElementsAre(31, 40));
  EXPECT_FALSE(series_4000_k().at("voltage_bc").valid_in(12));
  EXPECT_EQ(series_4000_k().at("log_window").words, 5760);
  EXPECT_EQ(series_4000_k().find(7001)->name, "firmware_version_os");
  EXPECT_EQ(series_4000_k().find(2), nullptr);
}

// The slot rule of the manual: points in order, 001 and 002 as two slots, every other 32-bit pair as one; the float of
// slot n stands at 257 + 2n.
TEST(RegisterMapTest, EveryFloatOfTheSeries4000KStandsInTheSlotOfItsInteger) {
  int slot = 0, checked = 0;
  for (const auto& p : series_4000_k().points()) {
    if (p.number > 52) break;
    EXPECT_EQ(p.twin, 257 + 2 * slot) << p.name;
    slot += p.number == 1 ? 2 : 1;
    ++checked;
  }
  EXPECT_EQ(checked, 44);
}

TEST(RegisterMapTest, AnUnknownPointIsAnsweredWithTheNearestName) {
  try {
    series_4000_k().at("voltage_ba");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.error.what, HasSubstr("did you mean 'voltage_"));
    EXPECT_THAT(failure.error.where, HasSubstr("series_4000_k.csv"));
  }
}

TEST(RegisterMapTest, AFileThatIsNotThereIsOneClearFailure) {
  EXPECT_THROW(RegisterMap::load("/nonexistent/map.csv"), Failure);
  EXPECT_THROW(RegisterMap::load("/"), Failure);
}

struct Broken {
  const char* rows;
  const char* where;
  const char* what;
};

class BrokenRegisterMapTest : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenRegisterMapTest, IsRefusedWithItsPlace) {
  const auto e = refusal(header + GetParam().rows);
  EXPECT_EQ(e.fault, Fault::malformed);
  EXPECT_EQ(e.where, GetParam().where) << e.what;
  EXPECT_THAT(e.what, HasSubstr(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(
    RegisterMaps, BrokenRegisterMapTest,
    ::testing::Values(Broken{"", "map.csv", "no point"},
                      Broken{"3,3,1,p,R,N,uint16,kW,W,,,,,,40,,guide\n", "map.csv:2:3", "address 2"},
                      Broken{"3,2,1,p,R,N,uint16,kW,X,,,,,,40,,guide\n", "map.csv:2:23", "found 'X'"},
                      Broken{"3,2,1,p,R,N,uint16,kW,-1,,,,,,40,,guide\n", "map.csv:2:23", "found '-1'"},
                      Broken{"3,2,1,p,R,N,uint8,kW,W,,,,,,40,,guide\n", "map.csv:2:13", "found 'uint8'"},
                      Broken{"3,2,1,p,RX,N,uint16,kW,W,,,,,,40,,guide\n", "map.csv:2:9", "found 'RX'"},
                      Broken{"3,2,1,p,R,N,uint32,kWh,E,,,,,,40,,guide\n", "map.csv:2:5", "do not fit"},
                      Broken{"3,2,1,P,R,N,uint16,kW,W,,,,,,40,,guide\n", "map.csv:2:7", "small letters"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,70000,,,,40,,guide\n", "map.csv:2:26", "cannot hold"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,9,8,,,,40,,guide\n", "map.csv:2:25", "above the maximum"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,1.018,40,,guide\n", "map.csv:2:29", "version"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,,40 4x,,guide\n", "map.csv:2:33", "4x"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,,40,,\n", "map.csv:2:34", "where it comes from"},
                      Broken{"3,2,1,p,R,N,float32,kW,W,,,,,,40,,g\n", "map.csv:2:5", "do not fit"},
                      Broken{"3,2,2,p,R,N,float32,kW,W,,,,,,40,,g\n", "map.csv:2:24", "never scaled"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,,40,,g\n4,3,1,p,R,N,uint16,kW,W,,,,,,40,,g\n", "map.csv:3:7",
                             "line 2"},
                      Broken{"3,2,2,p,R,N,uint32,kW,W,,,,,,40,,g\n4,3,1,q,R,N,uint16,kW,W,,,,,,40,,g\n", "map.csv:3:1",
                             "part of 'p'"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,9,,40,,g\n", "map.csv:2:28", "no point begins at 9"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,4,,40,,g\n4,3,1,q,R,N,uint16,kW,W,,,,3,,40,,g\n",
                             "map.csv:2:28", "both integers"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,4,,40,,g\n4,3,2,q,R,N,float32,kW,none,,,,,,40,,g\n",
                             "map.csv:2:28", "as its twin"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,,40,\"open,g\n", "map.csv:2:33", "never closed"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,,40,\"shut\" x,g\n", "map.csv:2:39", "closing quote"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,,40,in \"side\",g\n", "map.csv:2:36", "double it"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,,40,,g,more\n", "map.csv:2:36", "18 cells"},
                      Broken{"\n", "map.csv:2:1", "1 cells"},
                      Broken{"3,2,1,p,R,N,uint16,kW,W,,,,,,40,,g\ntrailing", "map.csv:3:1", "1 cells"}));

TEST(RegisterMapTest, AnotherHeaderIsRefused) {
  EXPECT_THAT(refusal("register,adress\n").what, HasSubstr("expected the column 'address'"));
  EXPECT_THAT(refusal("register").what, HasSubstr("'address'"));
  EXPECT_THAT(refusal("").what, HasSubstr("nothing"));
}

TEST(RegisterMapTest, QuotesAndCarriageReturnsFollowRfc4180) {
  const auto map = RegisterMap::parse(
      header.substr(0, header.size() - 1) + "\r\n3,2,1,p,R,N,uint16,kW,W,,,,,,40,\"says \"\"no\"\", twice\",guide\r\n",
      "map.csv");
  EXPECT_EQ(map.at("p").note, "says \"no\", twice");
}

}  // namespace
}  // namespace blondel
