#include "references/series_4000_k/readings.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "references/data_folder.hpp"
#include "references/register_maps/register_map.hpp"

namespace blondel::series_4000_k {
namespace {

/// 277.1 V, 100 A on every line, 60 degrees behind; the sensor of phase B turned round where asked.
PhasorSet balanced(bool reversed_b = false) {
  LoadPoint point{.frequency = Frequency{60}, .phases = {}};
  for (std::size_t k = 0; k < 3; ++k) {
    point.phases[k].voltage = Voltage{277.1};
    point.phases[k].voltage_angle = degrees(-120.0 * static_cast<double>(k));
    point.phases[k].current = Current{100};
    point.phases[k].lag = degrees(reversed_b && k == 1 ? 60 - 180 : 60);
  }
  return phasors(point);
}

std::map<std::string, double> read(const PhasorSet& set, SystemType type) {
  return readings(phasor_metering(set, type), type);
}

TEST(ReadingsTest, EveryReadingIsAPointOfTheMapAndHasAValueWhereTheMapSaysSo) {
  const auto map = RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string());
  for (const SystemType type : system_types)
    for (const auto& [name, value] : read(balanced(), type))
      EXPECT_EQ(!std::isnan(value), map.at(name).valid_in(static_cast<int>(type)))
          << name << " in " << blondel::name(type);
}

TEST(ReadingsTest, AreInTheUnitsOfTheMap) {
  const auto r = read(balanced(), SystemType::wye);
  EXPECT_NEAR(r.at("real_power_total_f"), 3 * 277.1 * 100 * 0.5 / 1000, 1e-9);
  EXPECT_NEAR(r.at("reactive_power_total_f"), 3 * 277.1 * 100 * std::sqrt(0.75) / 1000, 1e-9);
  EXPECT_NEAR(r.at("apparent_power_a_f"), 27.71, 1e-9);
  EXPECT_NEAR(r.at("power_factor_total_f"), 0.5, 1e-12);
  EXPECT_NEAR(r.at("voltage_ab_f"), 277.1 * std::sqrt(3.0), 1e-9);
  EXPECT_NEAR(r.at("current_avg_f"), 100, 1e-9);
  EXPECT_EQ(r.at("frequency_f"), 60);
}

TEST(ReadingsTest, ATurnedSensorChangesNothing) {
  const auto right = read(balanced(), SystemType::wye), turned = read(balanced(true), SystemType::wye);
  for (const auto& [name, value] : right) EXPECT_NEAR(turned.at(name), value, 1e-9) << name;
}

TEST(ReadingsTest, OnlyThePhasesOfADeltaAreBookkeeping) {
  EXPECT_TRUE(bookkeeping("real_power_b_f", SystemType::delta));
  EXPECT_TRUE(bookkeeping("power_factor_c", SystemType::delta));
  EXPECT_FALSE(bookkeeping("real_power_total_f", SystemType::delta));
  EXPECT_FALSE(bookkeeping("current_b_f", SystemType::delta));
  EXPECT_FALSE(bookkeeping("real_power_b_f", SystemType::wye));
}

}  // namespace
}  // namespace blondel::series_4000_k
