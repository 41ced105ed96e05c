#include "references/series_4000_k/register_relations.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "references/data_folder.hpp"

namespace blondel::series_4000_k {
namespace {

std::vector<Contradiction> told(const std::map<std::string, double>& readings, RenewalSlack slack = {}) {
  static const auto map = RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string());
  return contradictions(map, readings, Configuration{}, ScaleExponents{-2, -1, -2, -1}, slack);
}

const double none = std::nan("");

TEST(RegisterRelationsTest, IntegerAndFloatAgreeWithinTheStepOfTheInteger) {
  EXPECT_TRUE(told({{"current_a", 50.01}, {"current_a_f", 50.0121}}).empty());
  EXPECT_EQ(told({{"current_a", 500.1}, {"current_a_f", 50.01}}).size(), 1u);
  EXPECT_EQ(told({{"voltage_an", 277.0}, {"voltage_an_f", 277.3}}).size(), 1u);
  EXPECT_TRUE(told({{"frequency", 60.01}, {"frequency_f", 60.0101}}).empty());
}

TEST(RegisterRelationsTest, ASaturatedIntegerSaysNothing) {
  EXPECT_TRUE(told({{"current_a", 327.67}, {"current_a_f", 350}}).empty());
}

TEST(RegisterRelationsTest, BothOrNeitherHaveAValue) {
  EXPECT_TRUE(told({{"voltage_cn", none}, {"voltage_cn_f", none}}).empty());
  EXPECT_EQ(told({{"voltage_cn", 277}, {"voltage_cn_f", none}}).size(), 1u);
  EXPECT_TRUE(told({{"real_energy_c", 0}, {"real_energy_c_f", none}}).empty());
}

TEST(RegisterRelationsTest, EnergiesMayHaveCountedOnBetweenTwoBlocks) {
  const std::map<std::string, double> readings{{"real_energy", 100.1}, {"real_energy_f", 100.25}};
  EXPECT_EQ(told(readings).size(), 1u);
  EXPECT_TRUE(told(readings, {.kilo_hours = 0.06}).empty());
  EXPECT_EQ(told({{"pulse_counter_1_real", 5}, {"pulse_counter_1_real_f", 7}}).size(), 1u);
}

TEST(RegisterRelationsTest, APresentDemandMayRunOnBetweenTwoBlocksAndIsToldAsADemand) {
  const std::map<std::string, double> readings{{"apparent_power_demand_present", 30.1},
                                               {"apparent_power_demand_present_f", 30.9}};
  const auto apart = told(readings);
  ASSERT_EQ(apart.size(), 1u);
  EXPECT_EQ(apart[0].demand, "apparent_power_demand_present");
  EXPECT_TRUE(told(readings, {.demand = 0.8}).empty());
  EXPECT_EQ(told({{"current_a", 30.1}, {"current_a_f", 30.9}}, {.demand = 0.8}).at(0).demand, "");
}

TEST(RegisterRelationsTest, TheRepeatedEnergyIsTheSame) {
  EXPECT_EQ(told({{"real_energy_f", 5}, {"real_energy_repeat_f", 5.001}}).size(), 1u);
}

TEST(RegisterRelationsTest, PhasesAddUpToTheTotal) {
  std::map<std::string, double> r{
      {"real_power_a_f", 10}, {"real_power_b_f", 11}, {"real_power_c_f", 12}, {"real_power_total_f", 33}};
  EXPECT_TRUE(told(r).empty());
  r["real_power_total_f"] = 11;  // a signed sum of a turned phase
  EXPECT_EQ(told(r).size(), 1u);
}

TEST(RegisterRelationsTest, ARunningPresentDemandMayStandAboveTheMaximumOfWholeIntervals) {
  EXPECT_TRUE(told({{"real_power_demand_present_f", 3}, {"real_power_demand_max_f", 2}}).empty());
}

}  // namespace
}  // namespace blondel::series_4000_k
