#include "references/metering/connection.hpp"

#include <gtest/gtest.h>

#include "references/data_folder.hpp"
#include "references/register_maps/register_map.hpp"

namespace blondel {
namespace {

TEST(ConnectionTest, AgreesWithTheRegisterMapOfTheSeries4000K) {
  const auto map = RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string());
  for (const SystemType type : system_types) {
    const int number = static_cast<int>(type);
    const Connection wired = connection(type);
    for (std::size_t k = 0; k < 3; ++k) {
      const std::string phase{"abc"[k]};
      EXPECT_EQ(wired.voltage_ln[k], map.at("voltage_" + phase + "n").valid_in(number));
      EXPECT_EQ(wired.current[k], map.at("current_" + phase).valid_in(number));
      EXPECT_EQ(wired.element[k], map.at("real_power_" + phase).valid_in(number));
    }
    EXPECT_EQ(wired.voltage_ll[0], map.at("voltage_ab").valid_in(number));
    EXPECT_EQ(wired.voltage_ll[1], map.at("voltage_bc").valid_in(number));
    EXPECT_EQ(wired.voltage_ll[2], map.at("voltage_ac").valid_in(number));
  }
}

TEST(ConnectionTest, IsReadByNumberOrName) {
  EXPECT_EQ(system_type(40, "here"), SystemType::wye);
  EXPECT_EQ(parse_system_type("split phase", "here"), SystemType::split_phase);
  EXPECT_EQ(parse_system_type("31", "here"), SystemType::delta);
  EXPECT_FALSE(system_type(20, "here"));
  EXPECT_FALSE(parse_system_type("", "here"));
  EXPECT_EQ(connection(SystemType::split_phase).elements(), 2);
}

}  // namespace
}  // namespace blondel
