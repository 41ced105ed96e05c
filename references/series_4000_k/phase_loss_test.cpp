#include "references/series_4000_k/phase_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace blondel::series_4000_k {
namespace {

using alert::bit;
using enum SystemType;

AlertConditions wye_480(std::array<double, 3> volts, double current = 50, double lag_degrees = 0, double hertz = 60) {
  LoadPoint point;
  point.frequency = Frequency{hertz};
  for (std::size_t k = 0; k < 3; ++k)
    point.phases[k] = {
        Voltage{volts[k]}, degrees(-120.0 * static_cast<double>(k)), Current{current}, degrees(lag_degrees), {}, {}};
  AlertConditions at;
  at.configuration.system_voltage = Voltage{480};
  at.truth = phasor_metering(phasors(point), wye);
  return at;
}

/// A delta by its three voltages between lines: A at the origin, B on the axis, C where the lengths say.
AlertConditions delta_480(double ab, double bc, double ca) {
  const double x = (ab * ab + ca * ca - bc * bc) / (2 * ab);
  PhasorSet set;
  set.frequency = Frequency{60};
  set.voltage = {Spectrum{{1, 0}}, Spectrum{{1, ab}}, Spectrum{{1, {x, std::sqrt(ca * ca - x * x)}}}};
  for (auto& current : set.current) current = Spectrum{{1, 50}};
  AlertConditions at;
  at.configuration.type = delta;
  at.configuration.system_voltage = Voltage{480};
  at.truth = phasor_metering(set, delta);
  return at;
}

struct Row {
  double volts;
  SystemType type;
  double drop_percent;
  double limit_ll, nominal_ln, limit_ln;  // 0: no such test
};

TEST(PhaseLossTest, LimitsAreThoseOfEveryRowOfTheTable) {
  for (const Row& row : {Row{480, wye, 10, 432, 277.1, 249.4}, Row{600, wye, 10, 540, 346.4, 311.8},
                         Row{208, wye, 10, 187.2, 120.1, 108.1}, Row{480, delta, 10, 432, 0, 0},
                         Row{240, split_phase, 10, 216, 120, 108}, Row{240, two_wire_ll, 10, 216, 0, 0},
                         Row{120, one_phase, 10, 0, 120, 108}, Row{480, wye, 25, 360, 277.1, 207.8}}) {
    const auto limits = phase_loss_limits(row.type, Voltage{row.volts}, percent(row.drop_percent));
    const auto value = [](const std::optional<Voltage>& v) { return v ? v->si() : 0; };
    EXPECT_NEAR(value(limits.limit_ll), row.limit_ll, 0.05) << row.volts << ' ' << name(row.type);
    EXPECT_NEAR(value(limits.nominal_ln), row.nominal_ln, 0.05) << row.volts << ' ' << name(row.type);
    EXPECT_NEAR(value(limits.limit_ln), row.limit_ln, 0.06) << row.volts << ' ' << name(row.type);
    EXPECT_EQ(limits.nominal_ll.has_value(), row.limit_ll > 0);
  }
}

TEST(PhaseLossTest, AGoodWyeMustShowNothing) {
  const auto expected = expected_alerts(wye_480({277, 277, 277}));
  EXPECT_EQ(expected.must_be_clear, 0xFFFF);
  EXPECT_EQ(expected.must_be_set, 0);
  EXPECT_TRUE(expected.at_least_one_of.empty());
  EXPECT_EQ(expected.objection(0), "");
  EXPECT_EQ(expected.objection(0x0100), "set though they must be clear: bit 8");
  EXPECT_EQ(alarm_contact_closed(true, expected), false);
  EXPECT_EQ(alarm_contact_closed(false, expected), true);
}

TEST(PhaseLossTest, ALowPhaseOfAWyeMustSetItsBitAndLeavesTheOthersFree) {
  auto at = wye_480({240, 277, 277});
  at.configuration.imbalance = percent(99);
  const auto expected = expected_alerts(at);
  EXPECT_EQ(expected.must_be_set, bit(8));
  EXPECT_EQ(alarm_contact_closed(true, expected), true);
  EXPECT_EQ(expected.objection(0), "not set though they must be: bit 8");
  EXPECT_EQ(expected.objection(bit(8)), "");
  // AB and AC are 447.8 V: above 432 V with all doubt, so B and C have no excuse.
  EXPECT_EQ(expected.must_be_clear & alert::phase_loss_bits, bit(9) | bit(10));
}

TEST(PhaseLossTest, ADeadPhaseOfAWyeTakesItsLineVoltagesAlong) {
  const auto expected = expected_alerts(wye_480({0, 277, 277}));
  EXPECT_EQ(expected.must_be_set, bit(8) | bit(alert::frequency));
  EXPECT_EQ(expected.must_be_clear & alert::phase_loss_bits, 0);
  EXPECT_EQ(expected.objection(bit(8) | bit(6)), "");
  EXPECT_EQ(expected.objection(bit(6) | alert::phase_loss_bits), "");
}

TEST(PhaseLossTest, BetweenTheLimitsOfTheMetersErrorNothingIsDemanded) {
  auto at = wye_480({249.4, 277, 277});
  at.configuration.imbalance = percent(99);
  const auto expected = expected_alerts(at);
  EXPECT_EQ((expected.must_be_set | expected.must_be_clear) & bit(8), 0);
  EXPECT_EQ(alarm_contact_closed(true, expected), std::nullopt);
}

TEST(PhaseLossTest, ALowLineVoltageOfADeltaSetsOneOfItsEnds) {
  auto at = delta_480(420, 480, 480);
  at.configuration.imbalance = percent(99);
  const auto expected = expected_alerts(at);
  EXPECT_EQ(expected.must_be_set, 0);
  EXPECT_EQ(expected.at_least_one_of, std::vector<std::uint16_t>{bit(8) | bit(9)});
  EXPECT_EQ(expected.must_be_clear & alert::phase_loss_bits, bit(10));
  EXPECT_EQ(expected.objection(0), "none set of bits 8, 9");
  EXPECT_EQ(expected.objection(bit(9)), "");
  EXPECT_EQ(alarm_contact_closed(true, expected), true);
}

TEST(PhaseLossTest, AfterALossAVoltageMustBeTwoPercentAboveTheLimitToClear) {
  auto at = wye_480({253, 277, 277});
  at.configuration.imbalance = percent(99);
  EXPECT_TRUE(expected_alerts(at).must_be_clear & bit(8));
  at.lost_before = true;
  EXPECT_FALSE(expected_alerts(at).must_be_clear & bit(8));
}

TEST(PhaseLossTest, ALegOfASplitPhaseMayBeComparedWithHalfTheVoltageOrWithThatOfAWye) {
  LoadPoint point;
  point.frequency = Frequency{60};
  const auto alerts = [&](double a, double b, double drop_percent) {
    point.phases[0] = {Voltage{a}, degrees(0), Current{50}, degrees(0), {}, {}};
    point.phases[1] = {Voltage{b}, degrees(180), Current{50}, degrees(0), {}, {}};
    AlertConditions at;
    at.configuration.type = split_phase;
    at.configuration.system_voltage = Voltage{240};
    at.configuration.phase_loss_drop = percent(drop_percent);
    at.truth = phasor_metering(phasors(point), split_phase);
    return expected_alerts(at);
  };
  // 10 % below 240 V / √3 = 138.6 V is 124.7 V, which a healthy leg of 120 V does not reach; 20 % below is 110.9 V.
  const auto factory = alerts(120, 120, 10), wide = alerts(120, 120, 20);
  for (const auto bits : {0, bit(8) | bit(9)}) EXPECT_EQ(factory.objection(static_cast<std::uint16_t>(bits)), "");
  EXPECT_NE(factory.objection(bit(10)), "");
  EXPECT_NE(wide.objection(bit(8)), "");
  // Below 96 V, 20 % less than half, both tell a loss.
  EXPECT_TRUE(alerts(93, 120, 20).must_be_set & bit(8));
  EXPECT_FALSE(alerts(104, 120, 20).must_be_set & bit(8));
}

TEST(PhaseLossTest, AVoltageBelowTheStatedRangeMayCountAsOutOfRange) {
  const auto alerts = expected_alerts(wye_480({60, 277, 277}));
  EXPECT_FALSE(alerts.must_be_clear & bit(0));
  // C with A: 60 V and 277 V are 312 V apart.
  EXPECT_TRUE(alerts.must_be_clear & bit(1));
  EXPECT_TRUE(alerts.must_be_clear & bit(2));
  EXPECT_TRUE(expected_alerts(wye_480({95, 277, 277})).must_be_clear & bit(0));
}

TEST(ImbalanceTest, MayBeOfEachTwoVoltages) {
  // 277 V, 277 V and 340 V: 21.1 % of the mean of all, 20.4 % of the mean of two, and 10.2 % from that mean.
  auto at = wye_480({277, 277, 340});
  at.configuration.imbalance = percent(9);
  const auto alerts = expected_alerts(at);
  EXPECT_TRUE(alerts.at_least_one_of.empty());
  EXPECT_FALSE(alerts.must_be_clear & bit(8));
}

TEST(ImbalanceTest, IsDemandedOnlyWhereAllDefinitionsAgree) {
  // The separating point: 20.0, 20.0, 21.4, 25.0 and 14.3 % in the five definitions; of the two farthest apart 22.2 %
  // of their mean, from which they are 11.1 %.
  auto at = delta_480(480, 480, 384);
  at.configuration.phase_loss_drop = percent(99);
  const auto one_of_all = std::vector<std::uint16_t>{alert::phase_loss_bits};
  at.configuration.imbalance = percent(7);
  EXPECT_EQ(expected_alerts(at).at_least_one_of, one_of_all);
  at.configuration.imbalance = percent(20);
  EXPECT_TRUE(expected_alerts(at).at_least_one_of.empty());
  EXPECT_EQ(expected_alerts(at).must_be_clear & alert::phase_loss_bits, 0);
  at.configuration.imbalance = percent(30);
  EXPECT_TRUE(expected_alerts(at).at_least_one_of.empty());
  EXPECT_EQ(expected_alerts(at).must_be_clear & alert::phase_loss_bits, alert::phase_loss_bits);
}

TEST(ImbalanceTest, OfTheFactorySettingIsClearBelowTenPercentAndSetAboveFortyFive) {
  auto at = delta_480(480, 480, 440);  // 5.71 to 9.09 % in the worked example
  at.configuration.phase_loss_drop = percent(99);
  EXPECT_EQ(expected_alerts(at).must_be_clear & alert::phase_loss_bits, alert::phase_loss_bits);
  at = delta_480(480, 480, 240);
  at.configuration.phase_loss_drop = percent(99);
  EXPECT_FALSE(expected_alerts(at).at_least_one_of.empty());
}

TEST(AlertTest, CurrentIsOutOfRangeFromOneHundredAndThirtyPercent) {
  EXPECT_EQ(expected_alerts(wye_480({277, 277, 277}, 110)).must_be_clear & 0x38, 0x38);
  const auto between = expected_alerts(wye_480({277, 277, 277}, 120));
  EXPECT_EQ((between.must_be_set | between.must_be_clear) & 0x38, 0);
  EXPECT_EQ(expected_alerts(wye_480({277, 277, 277}, 130)).must_be_set & 0x38, 0x38);
}

TEST(AlertTest, FrequencyOutsideItsRangeIsAnAlert) {
  EXPECT_TRUE(expected_alerts(wye_480({277, 277, 277}, 50, 0, 44)).must_be_set & bit(6));
  EXPECT_TRUE(expected_alerts(wye_480({277, 277, 277}, 50, 0, 46)).must_be_clear & bit(6));
  EXPECT_TRUE(expected_alerts(wye_480({277, 277, 277}, 50, 0, 66)).must_be_set & bit(6));
}

TEST(AlertTest, APowerFactorBelowOneHalfIsAnAlertWhereThereIsCurrent) {
  const double lag_045 = in_degrees(Angle{std::acos(0.449)}), lag_055 = in_degrees(Angle{std::acos(0.551)});
  EXPECT_EQ(expected_alerts(wye_480({277, 277, 277}, 5, lag_045)).must_be_set, 0x3800);
  EXPECT_EQ(expected_alerts(wye_480({277, 277, 277}, 5, lag_055)).must_be_clear & 0x3800, 0x3800);
  const auto half = expected_alerts(wye_480({277, 277, 277}, 5, 60));
  EXPECT_EQ((half.must_be_set | half.must_be_clear) & 0x3800, 0);
  const auto little = expected_alerts(wye_480({277, 277, 277}, 0.5, lag_045));
  EXPECT_EQ((little.must_be_set | little.must_be_clear) & 0x3800, 0);
}

TEST(AlertTest, PulsesOverrunAtTheWorkedPoint) {
  // 600 V, 34 A, 10 Wh: a closure of 500 ms carries 36 kW; 1.05 times the current at unity power factor is 37.1 kW.
  auto at = wye_480({346.4, 346.4, 346.4}, 34 * 1.05);
  at.configuration.system_voltage = Voltage{600};
  at.configuration.ct_primary = Current{34};
  at.configuration.per_pulse = watt_hours(10);
  EXPECT_EQ(expected_alerts(at).must_be_set, bit(14));
  at.truth = wye_480({346.4, 346.4, 346.4}, 33).truth;
  EXPECT_TRUE(expected_alerts(at).must_be_clear & bit(14));
  at.overrun_before = true;
  EXPECT_FALSE((expected_alerts(at).must_be_clear | expected_alerts(at).must_be_set) & bit(14));
}

TEST(AlertTest, APulseEnergyTooSmallForTheSystemIsAConfigurationError) {
  auto at = wye_480({346.4, 346.4, 346.4});
  at.configuration.system_voltage = Voltage{600};
  at.configuration.per_pulse = watt_hours(10);
  at.configuration.ct_primary = Current{1731};
  EXPECT_TRUE(expected_alerts(at).must_be_clear & bit(15));
  at.configuration.ct_primary = Current{1732};  // 0.003 % below: the meter may compare with a rounded power
  EXPECT_FALSE((expected_alerts(at).must_be_clear | expected_alerts(at).must_be_set) & bit(15));
  at.configuration.ct_primary = Current{1734};
  EXPECT_TRUE(expected_alerts(at).must_be_set & bit(15));
}

TEST(AlertTest, PhasesThatASystemTypeDoesNotUseShowNothing) {
  AlertConditions at;
  at.configuration.type = one_phase;
  at.configuration.system_voltage = Voltage{120};
  LoadPoint point;
  point.frequency = Frequency{60};
  point.phases[0] = {Voltage{50}, {}, Current{50}, {}, {}, {}};
  at.truth = phasor_metering(phasors(point), one_phase);
  const auto expected = expected_alerts(at);
  EXPECT_EQ(expected.must_be_set & alert::phase_loss_bits, bit(8));
  EXPECT_EQ(expected.must_be_clear & 0x3630, 0x3630);
}

}  // namespace
}  // namespace blondel::series_4000_k
