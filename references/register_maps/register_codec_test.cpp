#include "references/register_maps/register_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "references/data_folder.hpp"

namespace blondel {
namespace {

using Words = std::vector<std::uint16_t>;

const RegisterPoint& point(const std::string& name) {
  static const auto map = RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string());
  return map.at(name);
}
double decoded(const std::string& name, const Words& words) {
  return decode(point(name), words);
}

TEST(RegisterCodecTest, TheMostSignificantWordComesFirst) {
  EXPECT_EQ(decoded("real_energy", {0x0001, 0x0002}), 65538);
  EXPECT_EQ(decoded("real_energy", {0xFFFF, 0xFFFF}), 4294967295.0);
  EXPECT_EQ(decoded("real_power_total_f", {0x42C8, 0x0000}), 100.0);  // IEEE 754: 0x42C80000 = 100
  EXPECT_EQ(decoded("scale_factor_w", {0xFFFE}), -2);
  EXPECT_EQ(decoded("system_type", {40}), 40);
}

TEST(RegisterCodecTest, NoValueIsToldOnlyWhereItCanMeanThat) {
  for (const char* name :
       {"real_power_total", "power_factor_a", "voltage_bc", "frequency", "max_system_power", "reserved_25"})
    EXPECT_TRUE(std::isnan(decoded(name, {0x8000}))) << name;
  for (const char* name : {"alert_bitmap", "command", "output_configuration", "firmware_version_os"})
    EXPECT_EQ(decoded(name, {0x8000}), 32768) << name;
  EXPECT_EQ(decoded("scale_factor_i", {0x8000}), -32768);
  EXPECT_EQ(decoded("real_energy", {0x8000, 0x8000}), 2147516416.0);
  EXPECT_TRUE(std::isnan(decoded("real_power_c_f", {0x7FC0, 0x0000})));
}

TEST(RegisterCodecTest, AWrongNumberOfWordsIsOurOwnMistake) {
  EXPECT_THROW(decoded("real_energy", {1}), std::logic_error);
  EXPECT_THROW(decoded("real_power_total", {1, 2}), std::logic_error);
}

TEST(RegisterCodecTest, ScalingGivesTheNearestDouble) {
  const ScaleExponents factory{.current = -2, .voltage = -1, .power = -2, .energy = 1};
  EXPECT_EQ(scaled(point("frequency"), 6001, factory), 60.01);
  EXPECT_EQ(scaled(point("power_factor_total"), 9999, factory), 0.9999);
  EXPECT_EQ(scaled(point("voltage_an"), 2771, factory), 277.1);
  EXPECT_EQ(scaled(point("current_a"), 10001, factory), 100.01);
  EXPECT_EQ(scaled(point("max_system_power"), 10392, factory), 103.92);
  EXPECT_EQ(scaled(point("real_energy"), 7, factory), 70);
  EXPECT_EQ(scaled(point("voltage_an_f"), 277.1, factory), 277.1);
  EXPECT_TRUE(std::isnan(scaled(point("voltage_an"), NAN, factory)));
}

TEST(RegisterCodecTest, EncodesWhatTheManualPrints) {
  EXPECT_EQ(encode(point("command"), 30078), (Words{0x757E}));
  EXPECT_EQ(encode(point("pt_ratio"), 1.00), (Words{100}));
  EXPECT_EQ(encode(point("pt_ratio"), 320.00), (Words{32000}));
  EXPECT_EQ(encode(point("pt_ratio"), 1.13), (Words{113}));
  EXPECT_EQ(encode(point("system_voltage"), 480), (Words{480}));
}

TEST(RegisterCodecTest, RefusesAndNeverClamps) {
  EXPECT_FALSE(encode(point("pt_ratio"), 1.005));
  EXPECT_FALSE(encode(point("pt_ratio"), 0));
  EXPECT_FALSE(encode(point("pt_ratio"), 320.01));
  EXPECT_FALSE(encode(point("system_voltage"), 480.5));
  EXPECT_FALSE(encode(point("system_voltage"), 81));
  EXPECT_FALSE(encode(point("system_voltage"), -480));
  EXPECT_FALSE(encode(point("system_voltage"), NAN));
  EXPECT_FALSE(encode(point("command"), 65536));
  EXPECT_FALSE(encode(point("real_power_total"), 1));
  EXPECT_FALSE(encode(point("log_window"), 1));
  const auto above = encode(point("phase_loss_voltage_threshold"), 100);
  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().fault, Fault::refused);
  EXPECT_EQ(above.error().what, "asked for 100, the most is 99 %");
}

TEST(RegisterCodecTest, RawWritesNeedOnlyFitTheFormat) {
  EXPECT_EQ(encode_raw(point("demand_subintervals"), 7), (Words{7}));
  EXPECT_FALSE(encode_raw(point("demand_subintervals"), 65536));
  EXPECT_FALSE(encode_raw(point("demand_subintervals"), 0.5));
  EXPECT_EQ(encode_raw(point("scale_factor_i"), -4), (Words{0xFFFC}));
  EXPECT_EQ(encode_raw(point("real_energy"), 65538), (Words{1, 2}));
  EXPECT_EQ(encode_raw(point("frequency_f"), 100), (Words{0x42C8, 0}));
}

}  // namespace
}  // namespace blondel
