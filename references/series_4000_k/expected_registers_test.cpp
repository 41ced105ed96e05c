#include "references/series_4000_k/expected_registers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "references/data_folder.hpp"

namespace blondel::series_4000_k {
namespace {

using enum SystemType;

const RegisterMap& the_map() {
  static const auto map = RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string());
  return map;
}

const ClassTables& the_tables() {
  static const auto tables = ClassTables::class_0_5_s();
  return tables;
}

/// Balanced, every line with the same current and lag: `line_to_neutral` at each line, two legs in opposition.
Quantities load(SystemType type, double line_to_neutral, double current, double lag_degrees, double hertz = 60) {
  const bool legs = type == two_wire_ll || type == split_phase;
  const std::array<double, 3> angle{0, legs ? 180.0 : -120.0, 120};
  LoadPoint point;
  point.frequency = Frequency{hertz};
  for (std::size_t k = 0; k < (type == one_phase ? 1u : legs ? 2u : 3u); ++k)
    point.phases[k] = {Voltage{line_to_neutral}, degrees(angle[k]), Current{current}, degrees(lag_degrees), {}, {}};
  return phasor_metering(phasors(point), type);
}

Circumstances at(SystemType type, double system_voltage, double line_to_neutral, double current, double lag_degrees) {
  Circumstances c{.conditions = {.nominal = load(type, line_to_neutral, current, lag_degrees),
                                 .configuration = {},
                                 .ambient = Temperature{25},
                                 .percent_of = PercentOf::reading,
                                 .tables = the_tables()}};
  c.conditions.configuration.type = type;
  c.conditions.configuration.system_voltage = Voltage{system_voltage};
  c.truth = c.conditions.nominal;
  c.exponents = {-2, -1, -2, -1};
  c.firmware = 1019;
  return c;
}

Circumstances wye_480(double current = 50, double lag_degrees = in_degrees(Angle{std::acos(0.8)})) {
  return at(wye, 480, 480 / std::numbers::sqrt3, current, lag_degrees);
}

Circumstances in_type(SystemType type) {
  switch (type) {
    case one_phase: return at(type, 230, 230, 50, 36.87);
    case two_wire_ll:
    case split_phase: return at(type, 240, 120, 50, 36.87);
    case delta:
    case wye: break;
  }
  return at(type, 480, 480 / std::numbers::sqrt3, 50, 36.87);
}

std::map<std::string, Expectation> expected(const Circumstances& c) {
  return expected_registers(the_map(), c);
}

double half_width(const Expectation& e) {
  return (e.values.at(0).upper - e.values.at(0).lower) / 2;
}

TEST(ExpectedRegistersTest, EveryReadablePointHasAnExpectationAndAReasonInEverySystemType) {
  for (const SystemType type : system_types) {
    const auto all = expected(in_type(type));
    for (const auto& point : the_map().points()) {
      if (!point.readable) continue;
      ASSERT_TRUE(all.contains(point.name)) << point.name;
      EXPECT_FALSE(all.at(point.name).basis.clause.empty()) << point.name;
      EXPECT_NE(all.at(point.name).basis.clause, "nothing is said of this point") << point.name;
    }
  }
}

TEST(ExpectedRegistersTest, NoValueIsDemandedExactlyWhereTheMapSaysThereIsNone) {
  for (const SystemType type : system_types) {
    const auto all = expected(in_type(type));
    for (const auto& name : points_of_model(the_map(), 1019)) {
      const auto& point = the_map().at(name);
      if (point.number >= 129 && point.number <= 154) continue;
      const auto& e = all.at(name);
      const double quiet = std::nan("");
      if (point.valid_in(static_cast<int>(type)))
        EXPECT_FALSE(e.no_value) << name << " in " << blondel::name(type);
      else if (point.format == RegisterFormat::uint32)
        EXPECT_EQ(e.objection(0), "") << name;
      else
        EXPECT_TRUE(e.objection(quiet).empty() && !e.objection(1).empty()) << name << " in " << blondel::name(type);
    }
  }
}

TEST(ExpectedRegistersTest, ThePointsOfTheModelAreThoseOfTheThreeBlocks) {
  const auto points = points_of_model(the_map(), 1019);
  for (const auto& name : points) {
    const int n = the_map().at(name).number;
    EXPECT_TRUE(n <= 52 || (n >= 129 && n <= 154) || (n >= 257 && n <= 346) || n == 7001) << name;
  }
  EXPECT_EQ(points.size(), 44u + 26u + 45u + 1u) << "52 registers hold 44 integers, one of which is told twice";
  const auto old = points_of_model(the_map(), 1018);
  EXPECT_EQ(points.size() - old.size(), 10u);
}

TEST(ExpectedRegistersTest, VoltageAndCurrentHaveTheLimitsOfTheDataSheet) {
  auto c = wye_480();
  const double u = 480 / std::numbers::sqrt3;
  EXPECT_NEAR(half_width(expected(c).at("voltage_an_f")), u * 0.004, 1e-4);
  EXPECT_NEAR(half_width(expected(c).at("voltage_an")), u * 0.004 + 0.05, 1e-9);
  EXPECT_NEAR(half_width(expected(c).at("current_b_f")), 50 * 0.004, 1e-5);
  EXPECT_NEAR(half_width(expected(c).at("current_b")), 50 * 0.004 + 0.005, 1e-9);
  EXPECT_EQ(expected(c).at("current_b").basis.standard, "Series 4000-K data sheet");
  c.conditions.ambient = Temperature{50};
  EXPECT_NEAR(half_width(expected(c).at("voltage_an_f")), u * 0.00775, 1e-4);
  c = wye_480(2);
  EXPECT_NEAR(half_width(expected(c).at("current_b_f")), 2 * 0.008, 1e-5);
  c.conditions.percent_of = PercentOf::full_scale;
  EXPECT_NEAR(half_width(expected(c).at("current_b_f")), 100 * 0.008, 1e-5);
  EXPECT_FALSE(expected(wye_480(0.5)).at("current_b_f").judged());
  EXPECT_FALSE(expected(wye_480(110)).at("current_b_f").judged());
}

TEST(ExpectedRegistersTest, PowersHaveTheLimitsOfTheirClasses) {
  // 480 V, 50 A, PF 0.8 inductive: 33.255 kW, 24.942 kvar, 41.569 kVA.
  const auto all = expected(wye_480());
  const auto& p = all.at("real_power_total_f");
  EXPECT_NEAR(p.values.at(0).value, 33.2554, 1e-4);
  EXPECT_NEAR(half_width(p), 33.2554 * 0.006, 1e-4);  // between PF 1 and 0.5 ind, the limit of 0.5 ind
  EXPECT_EQ(p.basis.standard, "IEC 62053-22 class 0.5S");
  EXPECT_NEAR(all.at("reactive_power_total_f").values.at(0).value, 24.9415, 1e-4);
  EXPECT_NEAR(half_width(all.at("reactive_power_total_f")), 24.9415 * 0.02, 1e-4);
  EXPECT_NEAR(all.at("apparent_power_total_f").values.at(0).value, 41.5692, 1e-4);
  EXPECT_NEAR(half_width(all.at("apparent_power_total_f")), 41.5692 * 0.008, 1e-4);
  EXPECT_NEAR(all.at("power_factor_total_f").values.at(0).value, 0.8, 1e-9);
  EXPECT_NEAR(half_width(all.at("power_factor_total_f")), 0.8 * (0.006 + 0.008), 1e-6);
  EXPECT_NEAR(half_width(all.at("real_power_total")), 33.2554 * 0.006 + 0.005, 1e-4);
  const auto unity = expected(wye_480(50, 0));
  EXPECT_NEAR(half_width(unity.at("real_power_total_f")), 41.5692 * 0.005, 1e-4);
  // At unity power factor the class says nothing of reactive power: what it allows at sin 0.25 stays.
  EXPECT_NEAR(half_width(unity.at("reactive_power_total_f")), 41.5692 * 0.025 * 0.25, 1e-4);
}

TEST(ExpectedRegistersTest, NothingIsSaidWhereTheClassHasNoLimit) {
  EXPECT_TRUE(expected(wye_480(1, 0)).at("real_power_total_f").judged());
  EXPECT_FALSE(expected(wye_480(0.9, 0)).at("real_power_total_f").judged());
  EXPECT_FALSE(expected(wye_480(1, 60)).at("real_power_total_f").judged());
}

TEST(ExpectedRegistersTest, ATurnedSensorChangesNothing) {
  auto c = wye_480();
  LoadPoint turned;
  turned.frequency = Frequency{60};
  for (std::size_t k = 0; k < 3; ++k)
    turned.phases[k] = {Voltage{480 / std::numbers::sqrt3},
                        degrees(-120.0 * static_cast<double>(k)),
                        Current{50},
                        Angle{std::acos(0.8)} - degrees(k == 1 ? 180 : 0),
                        {},
                        {}};
  const auto straight = expected(c);
  c.truth = phasor_metering(phasors(turned), wye);
  for (const auto& [name, e] : expected(c)) {
    // A turned sensor makes the vector sum another one, which is permitted besides.
    if (!e.measured || name.starts_with("apparent_power_total") || name.starts_with("power_factor_total")) continue;
    for (std::size_t i = 0; i < e.values.size(); ++i)
      EXPECT_NEAR(e.values[i].value, straight.at(name).values.at(i).value, 1e-9) << name;
  }
}

TEST(ExpectedRegistersTest, ALargerSensorRatioScalesPowersAndNothingElse) {
  const auto small = expected(wye_480());
  auto c = wye_480(500);
  c.conditions.configuration.ct_primary = Current{1000};
  c.exponents = {-1, -1, -1, 0};
  const auto large = expected(c);
  for (const char* name : {"real_power_total_f", "reactive_power_b_f", "apparent_power_c_f", "current_avg_f"}) {
    EXPECT_NEAR(large.at(name).values.at(0).value / small.at(name).values.at(0).value, 10, 1e-9) << name;
    EXPECT_NEAR(half_width(large.at(name)) / half_width(small.at(name)), 10, 1e-6) << name;
  }
  for (const char* name : {"voltage_ll_avg_f", "power_factor_a_f", "frequency_f"})
    EXPECT_NEAR(large.at(name).values.at(0).lower, small.at(name).values.at(0).lower, 1e-9) << name;
}

TEST(ExpectedRegistersTest, AnAverageOfFewerThanThreePhasesMayBeOfTheValidOnesOrOfThree) {
  const auto all = expected(in_type(split_phase));
  EXPECT_EQ(all.at("voltage_ln_avg_f").objection(120.0), "");
  EXPECT_EQ(all.at("voltage_ln_avg_f").objection(80.0), "");
  EXPECT_NE(all.at("voltage_ln_avg_f").objection(100.0), "");
  EXPECT_EQ(all.at("voltage_ll_avg_f").objection(240.0), "");
  EXPECT_EQ(expected(wye_480()).at("voltage_ln_avg_f").values.size(), 1u);
}

TEST(ExpectedRegistersTest, AnUnbalancedLoadMayBeTotalledInTwoWays) {
  auto c = wye_480();
  LoadPoint one;
  one.frequency = Frequency{60};
  for (std::size_t k = 0; k < 3; ++k)
    one.phases[k] = {Voltage{277},
                     degrees(-120.0 * static_cast<double>(k)),
                     Current{k == 0 ? 80.0 : 40.0},
                     degrees(k == 0 ? 60 : 0),
                     {},
                     {}};
  c.truth = c.conditions.nominal = phasor_metering(phasors(one), wye);
  const auto all = expected(c);
  EXPECT_EQ(all.at("apparent_power_total_f").values.size(), 2u);
  EXPECT_EQ(all.at("apparent_power_total_f").objection(277 * 160 / 1000.0), "");
  // 33.24 kW and 19.19 kvar.
  EXPECT_EQ(all.at("apparent_power_total_f").objection(38.382), "");
  EXPECT_NE(all.at("apparent_power_total_f").objection(47), "");
  EXPECT_TRUE(all.at("real_power_total_f").basis.clause.starts_with("sum of the phases"));
}

TEST(ExpectedRegistersTest, PhasePowersOfADeltaAreFreeAndTheTotalIsNot) {
  const auto all = expected(in_type(delta));
  EXPECT_FALSE(all.at("real_power_a_f").judged());
  EXPECT_FALSE(all.at("real_energy_b").judged());
  EXPECT_TRUE(all.at("real_power_total_f").judged());
  EXPECT_TRUE(all.at("current_a_f").judged());
}

TEST(ExpectedRegistersTest, AnIntegerNearItsEndHasNoVerdict) {
  auto c = wye_480();
  c.exponents.power = -3;  // 33.255 kW would be 33255
  EXPECT_FALSE(expected(c).at("real_power_total").judged());
  EXPECT_TRUE(expected(c).at("real_power_total_f").judged());
  EXPECT_TRUE(expected(c).at("real_power_a").judged());
}

TEST(ExpectedRegistersTest, HarmonicsWidenReactivePowerAndEndTheVerdictsAboveTheFifteenth) {
  auto c = wye_480();
  c.highest_order = 3;
  EXPECT_EQ(expected(c).at("reactive_power_total_f").values.size(), 3u);
  c.history.before = {{"real_energy_f", 1000}, {"reactive_energy_f", 1000}, {"pulse_counter_2_reactive_f", 7}};
  c.history.since.active = c.history.since.reactive = 33.2554;
  EXPECT_TRUE(expected(c).at("real_energy_f").judged());
  EXPECT_FALSE(expected(c).at("reactive_energy_f").judged());
  EXPECT_FALSE(expected(c).at("pulse_counter_2_reactive_f").judged());
  c.highest_order = 17;
  EXPECT_FALSE(expected(c).at("voltage_an_f").judged());
  EXPECT_TRUE(expected(c).at("ct_primary").judged());
}

TEST(ExpectedRegistersTest, EnergiesAreWhatCameSinceTheReadingBefore) {
  auto c = wye_480();
  c.history.before = {{"real_energy_f", 1000}, {"real_energy", 1000}, {"pulse_counter_1_real", 7}};
  c.history.since.active = 33.2554;  // one hour
  const auto all = expected(c);
  const auto& f = all.at("real_energy_f");
  EXPECT_NEAR(f.values.at(0).value, 1033.2554, 1e-9);
  // 0.6 % and one second, and the rounding of a float at a thousand, twice.
  EXPECT_NEAR(half_width(f), 33.2554 * 0.006 + 33.2554 / 3600 + 1033.2554 * std::ldexp(1, -23), 1e-6);
  EXPECT_NEAR(half_width(all.at("real_energy")), half_width(f) + 0.1 - 1033.2554 * std::ldexp(1, -23), 1e-6);
  EXPECT_FALSE(all.at("real_energy_a_f").judged()) << "nobody knows what it read before";
  const auto& pulses = all.at("pulse_counter_1_real");
  EXPECT_NEAR(pulses.values.at(0).value, 7 + 33.2554, 1e-9);
  EXPECT_EQ(pulses.objection(40), "");
  EXPECT_NE(pulses.objection(43), "");
}

TEST(ExpectedRegistersTest, ConfigurationReadsWhatItWasSetTo) {
  auto c = wye_480();
  c.conditions.configuration = {};
  const auto all = expected(c);
  // The factory values of the guide.
  for (const auto& [name, value] : std::map<std::string, double>{{"system_type", 40},
                                                                 {"ct_primary", 100},
                                                                 {"ct_secondary", 1},
                                                                 {"pt_ratio", 1},
                                                                 {"system_voltage", 600},
                                                                 {"display_units", 1},
                                                                 {"phase_loss_voltage_threshold", 10},
                                                                 {"phase_loss_imbalance_threshold", 25},
                                                                 {"pulse_energy", 1000},
                                                                 {"pulse_duration", 500},
                                                                 {"demand_subintervals", 1},
                                                                 {"demand_subinterval_length", 900},
                                                                 {"command", 0},
                                                                 {"reserved_148", 0},
                                                                 {"firmware_version_os", 1019}}) {
    EXPECT_EQ(all.at(name).objection(value), "") << name;
    EXPECT_NE(all.at(name).objection(value + 1), "") << name;
  }
  EXPECT_EQ(all.at("scale_factor_w").objection(-2), "");
  EXPECT_NE(all.at("scale_factor_w").objection(5), "");
  EXPECT_FALSE(all.at("output_configuration").judged());
}

TEST(ExpectedRegistersTest, TheMaximumPowerIsThatOfTheTableRoundedAsTheRegisterRounds) {
  auto c = wye_480();
  const auto of = [&](SystemType type, double volts, double amperes, int exponent) {
    c.conditions.configuration.type = type;
    c.conditions.configuration.system_voltage = Voltage{volts};
    c.conditions.configuration.ct_primary = Current{amperes};
    c.exponents.power = exponent;
    return expected(c).at("max_system_power");
  };
  EXPECT_EQ(of(wye, 600, 100, -2).objection(103.92), "");
  EXPECT_EQ(of(wye, 600, 100, -2).objection(104), "");
  EXPECT_NE(of(wye, 600, 100, -2).objection(103.9), "");
  EXPECT_EQ(of(wye, 600, 100, -1).objection(103.9), "");
  EXPECT_EQ(of(one_phase, 120, 100, -2).objection(12.0), "");
  EXPECT_EQ(of(two_wire_ll, 240, 100, -2).objection(24.0), "");
  EXPECT_EQ(of(split_phase, 240, 200, -2).objection(48.0), "");
  EXPECT_EQ(of(wye, 480, 200, -2).objection(166.28), "");
  EXPECT_EQ(of(delta, 208, 400, -2).objection(144.11), "");
  EXPECT_NE(of(delta, 208, 400, -2).objection(83.2), "");
}

TEST(ExpectedRegistersTest, CountersRollOverAfter32767) {
  auto c = wye_480();
  c.history.before = {{"energy_reset_count", 32767}, {"power_up_count", 12}};
  c.history.resets = 1;
  EXPECT_EQ(expected(c).at("energy_reset_count").objection(0), "");
  EXPECT_EQ(expected(c).at("power_up_count").objection(12), "");
  EXPECT_NE(expected(c).at("power_up_count").objection(13), "");
}

TEST(ExpectedRegistersTest, TheRollingDemandIsThatOfTheWorkedExample) {
  // 3 × 300 s rolling, 60, 30, 90, 0 kW: 60 after three, 40 after four.
  auto c = wye_480();
  c.conditions.configuration.demand_subintervals = 3;
  c.conditions.configuration.demand_subinterval = std::chrono::seconds{300};
  c.history.before = {{"real_power_demand_max_f", 0}};
  std::vector<DemandSubinterval> all;
  for (const double kw : {60.0, 30.0, 90.0}) all.push_back({kw, 0, kw, Seconds{300}});
  c.history.demand = std::vector(all.begin(), all.begin() + 2);
  EXPECT_FALSE(expected(c).at("real_power_demand_present_f").judged());
  c.history.demand = all;
  EXPECT_NEAR(expected(c).at("real_power_demand_present_f").values.at(0).value, 60, 1e-9);
  all.push_back({0, 0, 0, Seconds{300}});
  c.history.demand = all;
  EXPECT_NEAR(expected(c).at("real_power_demand_present_f").values.at(0).value, 40, 1e-9);
  EXPECT_NEAR(expected(c).at("real_power_demand_max_f").values.at(0).value, 60, 1e-9);
  c.conditions.configuration.demand_subinterval = std::chrono::seconds{0};
  EXPECT_NEAR(expected(c).at("real_power_demand_present_f").values.at(0).value, 0, 1e-9) << "149 is ignored";
}

TEST(ExpectedRegistersTest, AGoodLoadHasNoAlertAndALostPhaseHas) {
  EXPECT_EQ(expected(wye_480()).at("alert_bitmap").objection(0), "");
  EXPECT_NE(expected(wye_480()).at("alert_bitmap").objection(0x8000), "");
  auto c = wye_480();
  c.conditions.configuration.system_voltage = Voltage{600};
  EXPECT_NE(expected(c).at("alert_bitmap").objection(0), "");
}

}  // namespace
}  // namespace blondel::series_4000_k
