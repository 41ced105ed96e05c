#include "references/series_4000_k/overrun_choice.hpp"

#include <gtest/gtest.h>

#include "references/series_4000_k/pulse_output.hpp"

namespace blondel::series_4000_k {
namespace {

using namespace std::chrono_literals;

TEST(OverrunChoiceTest, AtFourHundredEightyVoltsTenWattHoursAndTwoHundredSixteenAmperes) {
  // 10 Wh in 100 ms closures: 180 kW. sqrt 3 · 480 V · 216 A = 179.58 kW, and 217 A would be above 0.998 of it.
  const auto choice = choose_overrun(SystemType::wye, Voltage{480}, 1.1);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->per_pulse, watt_hours(10));
  EXPECT_EQ(choice->cure, watt_hours(100));
  EXPECT_EQ(choice->ct_primary, Current{216});
  EXPECT_EQ(choice->closure, 100ms);
  EXPECT_NEAR(choice->capacity.si(), 180e3, 1e-6);
  EXPECT_NEAR(choice->load, 1.1 * 179.578 / 180, 1e-4);
}

TEST(OverrunChoiceTest, TheMeterChoosesThatClosureIsOutrunAndTheCureKeepsUp) {
  for (const auto type : system_types)
    for (const double volts : {82.0, 120.0, 240.0, 480.0, 660.0}) {
      const auto choice = choose_overrun(type, Voltage{volts}, 1.1);
      ASSERT_TRUE(choice) << volts;
      const auto maximum = maximum_power(type, Voltage{volts}, choice->ct_primary);
      EXPECT_EQ(selected_closure(choice->per_pulse, maximum), choice->closure);
      EXPECT_TRUE(overruns(choice->per_pulse, choice->closure, maximum * 1.1));
      EXPECT_FALSE(overruns(choice->per_pulse, choice->closure, maximum));
      const auto cured = selected_closure(choice->cure, maximum);
      ASSERT_TRUE(cured);
      EXPECT_FALSE(overruns(choice->cure, *cured, maximum * 1.2));
    }
}

TEST(OverrunChoiceTest, ACurrentWithinTheRatingOutrunsNothing) {
  const auto choice = choose_overrun(SystemType::wye, Voltage{480}, 1.0);
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().fault, Fault::incapable);
}

}  // namespace
}  // namespace blondel::series_4000_k
