#include "references/series_4000_k/pulse_output.hpp"

#include <gtest/gtest.h>

#include "references/series_4000_k/pulse_choice.hpp"
#include "references/series_4000_k/tolerances.hpp"

namespace blondel::series_4000_k {
namespace {

using std::chrono::milliseconds;
using enum SystemType;

double kilowatts(ActivePower p) {
  return p.si() / 1000;
}

TEST(PulseOutputTest, MaximumPowerIsThatOfTheWorkedExamples) {
  const auto kw = [](SystemType type, double v, double i) {
    return kilowatts(maximum_power(type, Voltage{v}, Current{i}));
  };
  EXPECT_NEAR(kw(one_phase, 120, 100), 12.0, 1e-9);
  EXPECT_NEAR(kw(two_wire_ll, 240, 100), 24.0, 1e-9);
  EXPECT_NEAR(kw(split_phase, 240, 200), 48.0, 1e-9);
  EXPECT_NEAR(kw(wye, 600, 100), 103.92, 0.005);  // printed as 104 kW, the factory value
  EXPECT_NEAR(kw(wye, 480, 200), 166.28, 0.005);
  EXPECT_NEAR(kw(delta, 208, 400), 144.11, 0.005);
  EXPECT_NEAR(kw(wye, 32000, 32000), 1773620, 1);
}

TEST(PulseOutputTest, CapacityIsThatOfEveryCellOfTheTable) {
  const double table[4][6] = {{36, 72, 180, 360, 720, 1800},
                              {360, 720, 1800, 3600, 7200, 18000},
                              {3600, 7200, 18000, 36000, 72000, 180000},
                              {36000, 72000, 180000, 360000, 720000, 1800000}};
  for (std::size_t e = 0; e < 4; ++e)
    for (std::size_t t = 0; t < 6; ++t)
      EXPECT_NEAR(kilowatts(pulse_capacity(pulse_energies[e], pulse_closures[t])), table[e][t], 1e-9 * table[e][t]);
}

struct Row {
  double ct, kilowatts;
  int at_10, at_100, at_1000;  // ms; 0 = rejected
};

TEST(PulseOutputTest, TheClosureIsChosenAsInEveryRowOfTheExamples) {
  const Row rows[] = {{34, 35.33, 500, 500, 500},   {35, 36.37, 250, 500, 500},    {100, 103.92, 100, 500, 500},
                      {173, 179.79, 100, 500, 500}, {174, 180.83, 50, 500, 500},   {1732, 1799.95, 10, 100, 500},
                      {1733, 1800.99, 0, 50, 500},  {17320, 17999.47, 0, 10, 100}, {17321, 18000.51, 0, 0, 50}};
  for (const auto& row : rows) {
    const auto power = maximum_power(wye, Voltage{600}, Current{row.ct});
    EXPECT_NEAR(kilowatts(power), row.kilowatts, 0.0051) << row.ct;
    const auto chosen = [&](double wh) {
      return selected_closure(watt_hours(wh), power).value_or(milliseconds{0}).count();
    };
    EXPECT_EQ(chosen(10), row.at_10) << row.ct;
    EXPECT_EQ(chosen(100), row.at_100) << row.ct;
    EXPECT_EQ(chosen(1000), row.at_1000) << row.ct;
    EXPECT_EQ(chosen(10000), 500) << row.ct;
  }
  EXPECT_TRUE(selected_closure(watt_hours(10000), maximum_power(wye, Voltage{32000}, Current{32000})));
}

TEST(PulseOutputTest, TheRecipeForAnOverrunOverruns) {
  const auto maximum = maximum_power(wye, Voltage{600}, Current{34});
  const auto closure = *selected_closure(watt_hours(10), maximum);
  EXPECT_FALSE(overruns(watt_hours(10), closure, maximum));
  EXPECT_TRUE(overruns(watt_hours(10), closure, maximum * 1.05));
  EXPECT_NEAR(pulse_rate(watt_hours(10), ActivePower{36000}).si(), 1.0, 1e-12);
}

TEST(PulseChoiceTest, NeverIsRejectedNorOverrunsAtTheHeaviestLoad) {
  for (const SystemType type : system_types)
    for (const double volts : {82.0, 120.0, 208.0, 240.0, 480.0, 600.0, 4160.0, 32000.0})
      for (const int shortest : {10, 25, 50, 100, 250, 500}) {
        const auto choice = choose_pulses(type, Voltage{volts}, {.shortest_closure = milliseconds{shortest}});
        ASSERT_TRUE(choice) << volts << " V, " << shortest << " ms: " << choice.error().what;
        const auto maximum = maximum_power(type, Voltage{volts}, choice->ct_primary);
        EXPECT_EQ(selected_closure(choice->per_pulse, maximum), choice->closure);
        EXPECT_GE(choice->closure.count(), shortest);
        EXPECT_FALSE(overruns(choice->per_pulse, choice->closure, maximum * 1.2));
        EXPECT_EQ(choice->ct_primary.si(), std::floor(choice->ct_primary.si()));
        EXPECT_GE(choice->ct_primary.si(), 5);
        EXPECT_LE(choice->ct_primary.si(), 32000);
      }
}

TEST(PulseChoiceTest, TakesTheShortestClosureNearlyFull) {
  const auto choice = choose_pulses(wye, Voltage{480});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->per_pulse, watt_hours(10));
  EXPECT_EQ(choice->closure, milliseconds{10});
  // 1800 kW / (1.2 · 1.02 · √3 · 480 V) = 1768.8 A
  EXPECT_EQ(choice->ct_primary, Current{1768});
  EXPECT_NEAR(choice->rate.si(), 40.8, 0.05);
}

TEST(PulseChoiceTest, SaysSoWhereNothingFits) {
  EXPECT_EQ(choose_pulses(wye, Voltage{480}, {.shortest_closure = milliseconds{600}}).error().fault, Fault::incapable);
  EXPECT_EQ(choose_pulses(wye, Voltage{0}).error().fault, Fault::malformed);
  EXPECT_EQ(choose_pulses(wye, Voltage{480}, {.most_load = -1}).error().fault, Fault::malformed);
}

double tolerance(std::optional<Ratio> r) {
  return r ? in_percent(*r) : -1;
}

TEST(TolerancesTest, AreThoseOfTheDataSheetAtEveryTemperatureOfTheTable) {
  const double table[][3] = {{25, 0.400, 0.800}, {50, 0.775, 1.175}, {70, 1.075, 1.475}, {-30, 1.225, 1.625}};
  for (const auto& [t, upper, lower] : table) {
    EXPECT_NEAR(tolerance(voltage_tolerance(Voltage{277}, Temperature{t})), upper, 1e-12);
    EXPECT_NEAR(tolerance(current_tolerance(0.5, Temperature{t})), upper, 1e-12);
    EXPECT_NEAR(tolerance(current_tolerance(0.02, Temperature{t})), lower, 1e-12);
  }
}

TEST(TolerancesTest, EndWhereTheDataSheetIsSilent) {
  const Temperature room{25};
  EXPECT_NEAR(tolerance(current_tolerance(0.05, room)), 0.4, 1e-12);
  EXPECT_NEAR(tolerance(current_tolerance(0.01, room)), 0.8, 1e-12);
  EXPECT_NEAR(tolerance(current_tolerance(1.0, room)), 0.4, 1e-12);
  EXPECT_EQ(tolerance(current_tolerance(0.0099, room)), -1);
  EXPECT_EQ(tolerance(current_tolerance(1.01, room)), -1);
  EXPECT_EQ(tolerance(voltage_tolerance(Voltage{89.9}, room)), -1);
  EXPECT_NEAR(tolerance(voltage_tolerance(Voltage{90}, room)), 0.4, 1e-12);
  EXPECT_NEAR(tolerance(voltage_tolerance(Voltage{600 / std::numbers::sqrt3}, room)), 0.4, 1e-12);
  EXPECT_EQ(tolerance(voltage_tolerance(Voltage{347}, room)), -1);
  EXPECT_EQ(tolerance(voltage_tolerance(Voltage{277}, Temperature{71})), -1);
  EXPECT_EQ(tolerance(voltage_tolerance(Voltage{277}, Temperature{-31})), -1);
}

}  // namespace
}  // namespace blondel::series_4000_k
