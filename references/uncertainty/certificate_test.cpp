#include "references/uncertainty/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace blondel {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string head = R"(certificate: K-2026-117
laboratory: Example calibration laboratory
instrument: zera-com5003
serial: "050012345"
date: 2026-03-02
due: 2027-03-02
quantity: active power
relative_to: reading
unit: ppm
coverage_factor: 2
drift_per_year: 20 ppm
temperature: [18 degC, 28 degC]
points:
)";

const std::string grid =
    R"(  - {voltage: 230 V, current: 0.1 A, power_factor: 1, frequency: 50 Hz, error: 10 ppm, uncertainty: 60 ppm}
  - {voltage: 230 V, current: 1 A, power_factor: 1, frequency: 50 Hz, error: 20 ppm, uncertainty: 40 ppm}
  - {voltage: 230 V, current: 10 A, power_factor: 1, frequency: 50 Hz, error: 40 ppm, uncertainty: 40 ppm}
  - {voltage: 230 V, current: 1 A, power_factor: 0.5 ind, frequency: 50 Hz, error: 80 ppm, uncertainty: 90 ppm}
  - {voltage: 230 V, current: 10 A, power_factor: 0.5 ind, frequency: 50 Hz, error: 100 ppm, uncertainty: 90 ppm}
)";

Certificate certificate_of(const std::string& points = grid) {
  return parse_certificate(head + points, "k.yaml");
}

std::string with(std::string text, const std::string& old, const std::string& by) {
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), by);
}

/// What the reader says of a broken file.
std::string refused(const std::string& text) {
  try {
    parse_certificate(text, "k.yaml");
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::malformed);
    return failure.error.where + ": " + failure.error.what;
  }
  return "taken";
}

Certificate::Condition at(double amperes, double lag_degrees = 0, double volts = 230, double hertz = 50) {
  return {Voltage{volts}, Current{amperes}, degrees(lag_degrees), Frequency{hertz}};
}

TEST(CertificateTest, AFileIsReadWhole) {
  const auto c = certificate_of();
  EXPECT_EQ(c.number, "K-2026-117");
  EXPECT_EQ(c.instrument, "zera-com5003");
  EXPECT_EQ(c.serial, "050012345");
  EXPECT_EQ(show(c.date), "2026-03-02");
  EXPECT_EQ(c.quantity, "active power");
  EXPECT_FALSE(c.of_apparent_power);
  EXPECT_EQ(c.coverage_factor, 2);
  EXPECT_DOUBLE_EQ(c.drift_per_year, 20e-6);
  ASSERT_EQ(c.points.size(), 5u);
  EXPECT_DOUBLE_EQ(c.points[3].error, 80e-6);
  EXPECT_DOUBLE_EQ(c.points[3].expanded, 90e-6);
  EXPECT_NEAR(c.points[3].at.lag->si(), std::numbers::pi / 3, 1e-12);
  EXPECT_TRUE(c.covers(Temperature{28}));
  EXPECT_FALSE(c.covers(Temperature{28.1}));
}

TEST(CertificateTest, AtAPointItsOwnFiguresStand) {
  const auto c = certificate_of().correction_at(at(1, 60));
  ASSERT_TRUE(c);
  EXPECT_DOUBLE_EQ(c->correction, -80e-6);
  EXPECT_DOUBLE_EQ(c->standard_uncertainty, 45e-6);
  EXPECT_EQ(c->interpolation_half_width, 0);
  ASSERT_EQ(c->from.size(), 1u);
  EXPECT_EQ(c->from[0].point, 3u);
  EXPECT_EQ(c->text, "from 230 V, 1 A, lag 60 deg, 50 Hz");
}

TEST(CertificateTest, BetweenTwoCurrentsTheErrorIsLinearInTheLogarithm) {
  // Half way between 0.1 A and 1 A in decades.
  const auto c = certificate_of().correction_at(at(std::sqrt(0.1)));
  ASSERT_TRUE(c);
  EXPECT_NEAR(c->correction, -15e-6, 1e-15);
  EXPECT_NEAR(c->standard_uncertainty, 25e-6, 1e-15);
  EXPECT_NEAR(c->interpolation_half_width, 5e-6, 1e-15);
  EXPECT_EQ(c->from.size(), 2u);
}

// Truth from a wattmeter's own model: gain error g and phase error d, reading S·(1 + g)·cos(φ + d).
TEST(CertificateTest, BetweenTwoLagsAGainAndAPhaseErrorAreFound) {
  const double g = 30e-6, d = 50e-6;
  const auto of_reading = [&](double degrees_) {
    const double phi = degrees_ * std::numbers::pi / 180;
    return (1 + g) * std::cos(phi + d) / std::cos(phi) - 1;
  };
  const auto of_apparent = [&](double degrees_) {
    const double phi = degrees_ * std::numbers::pi / 180;
    return (1 + g) * std::cos(phi + d) - std::cos(phi);
  };
  const auto points = [](auto error, double first, double second) {
    std::string text;
    for (const double lag : {first, second})
      text += fmt::format("  - {{lag: {} deg, error: {:.6f} ppm, uncertainty: 50 ppm}}\n", lag, 1e6 * error(lag));
    return text;
  };
  const auto by_reading = certificate_of(points(of_reading, 0, 60));
  const auto by_apparent = parse_certificate(
      with(head, "relative_to: reading", "relative_to: apparent power") + points(of_apparent, 0, 90), "k");
  for (const double lag : {10.0, 36.87, 55.0}) {
    EXPECT_NEAR(by_reading.correction_at({.lag = degrees(lag)})->correction, -of_reading(lag), 1e-8) << lag;
    EXPECT_NEAR(by_apparent.correction_at({.lag = degrees(lag)})->correction, -of_apparent(lag), 1e-8) << lag;
  }
  EXPECT_FALSE(by_reading.correction_at({.lag = degrees(61)}));
  EXPECT_FALSE(by_reading.correction_at({.lag = degrees(-10)}));
}

TEST(CertificateTest, ReactivePowerIsInterpolatedByItsOwnLag) {
  // A phase error d: reading sin(φ + d), relative error d·cot φ.
  const auto text = with(head, "active power", "reactive power") +
                    "  - {lag: 30 deg, error: 86.60254 ppm, uncertainty: 50 ppm}\n"
                    "  - {lag: 90 deg, error: 0 ppm, uncertainty: 50 ppm}\n";
  EXPECT_NEAR(parse_certificate(text, "k").correction_at({.lag = degrees(45)})->correction, -50e-6, 1e-10);
}

TEST(CertificateTest, NothingIsTakenBeyondThePoints) {
  const auto c = certificate_of();
  for (const auto& condition :
       {at(0.05), at(11), at(0.2, 60), at(1, 70), at(1, -10), at(1, 0, 110), at(1, 0, 230, 60)}) {
    const auto refusal = c.correction_at(condition);
    ASSERT_FALSE(refusal) << condition.text();
    EXPECT_EQ(refusal.error().fault, Fault::incapable);
    EXPECT_EQ(refusal.error().where, "certificate K-2026-117");
    EXPECT_THAT(refusal.error().what, HasSubstr(condition.text()));
    EXPECT_THAT(refusal.error().what, HasSubstr("currents 100 mA to 10 A"));
  }
  EXPECT_TRUE(c.correction_at(at(1.004)));
  EXPECT_TRUE(c.correction_at(at(10.04))) << "within half a percent it is the point";
  EXPECT_FALSE(c.correction_at(at(10.06)));
}

TEST(CertificateTest, AConditionMustSayWhatThePointsSay) {
  const auto refusal = certificate_of().correction_at({.voltage = Voltage{230}, .current = Current{1}});
  ASSERT_FALSE(refusal);
  EXPECT_EQ(refusal.error().fault, Fault::malformed);
  EXPECT_THAT(refusal.error().what, HasSubstr("its points state frequencies"));
}

TEST(CertificateTest, ANeighbourThatDoesNotCoverTheRestIsPassedOver) {
  // At 0.2 A there is no point at 30 degrees; 0 and 60 degrees have the current.
  const auto c = certificate_of(
      "  - {current: 0.2 A, lag: 0 deg, error: 0 ppm, uncertainty: 40 ppm}\n"
      "  - {current: 5 A, lag: 30 deg, error: 900 ppm, uncertainty: 40 ppm}\n"
      "  - {current: 0.2 A, lag: 60 deg, error: 173.2050808 ppm, uncertainty: 40 ppm}\n");
  const auto found = c.correction_at({.current = Current{0.2}, .lag = degrees(45)});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->correction, -100e-6, 1e-12);
}

TEST(CertificateTest, ACorrectionIsAnErrorWithTheOtherSign) {
  const auto c = certificate_of("  - {lag: 0 deg, correction: -12 ppm, uncertainty: 40 ppm}\n");
  EXPECT_DOUBLE_EQ(c.points[0].error, 12e-6);
  EXPECT_DOUBLE_EQ(c.correction_at({.lag = degrees(0)})->correction, -12e-6);
}

TEST(CertificateTest, CoverageMayBeStatedAsAProbability) {
  const auto probable = with(head, "coverage_factor: 2", "coverage_probability: 95 %");
  EXPECT_NEAR(parse_certificate(probable + grid, "k").coverage_factor, 1.959964, 1e-6);
  const auto few = with(head, "coverage_factor: 2", "coverage_probability: 95 %\ndegrees_of_freedom: 10");
  EXPECT_NEAR(parse_certificate(few + grid, "k").coverage_factor, 2.228, 5e-4);  // GUM, table G.2
  EXPECT_EQ(parse_certificate(few + grid, "k").degrees_of_freedom, 10);
}

TEST(CertificateTest, PhaseDisplacementsAreAngles) {
  auto text = with(head + "  - {current: 5 A, error: 120 urad, uncertainty: 60 urad}\n", "active power", "phase");
  text = with(text, "relative_to: reading\n", "");
  text = with(text, "unit: ppm", "unit: urad");
  text = with(text, "20 ppm", "20 urad");
  const auto c = parse_certificate(text, "k");
  EXPECT_DOUBLE_EQ(c.correction_at({.current = Current{5}})->correction, -120e-6);
}

TEST(CertificateTest, DriftGrowsWithTheYearsSinceCalibration) {
  const auto c = certificate_of();
  EXPECT_EQ(c.drift_half_width(2026y / 3 / 2), 0);
  EXPECT_NEAR(c.drift_half_width(2027y / 3 / 2).value(), 20e-6 * 365 / 365.25, 1e-15);
  EXPECT_EQ(c.drift_half_width(2026y / 3 / 1).error().fault, Fault::refused);
}

TEST(CertificateTest, OverdueFromTheDayAfterTheDueDate) {
  EXPECT_FALSE(certificate_of().overdue(2027y / 3 / 2));
  EXPECT_TRUE(certificate_of().overdue(2027y / 3 / 3));
  const auto interval = [](const std::string& date, const std::string& span) {
    const auto text = with(with(head, "date: 2026-03-02", "date: " + date), "due: 2027-03-02", "interval: " + span);
    return show(parse_certificate(text + grid, "k").due);
  };
  EXPECT_EQ(interval("2026-03-02", "12 months"), "2027-03-02");
  EXPECT_EQ(interval("2024-02-29", "1 year"), "2025-02-28");
  EXPECT_EQ(interval("2026-08-31", "6 months"), "2027-02-28");
}

TEST(CertificateTest, AnErrorBeyondBeliefIsASlipUnlessTheFileVouchesForIt) {
  const auto point = [](const std::string& figure) {
    return "  - {lag: 0 deg, " + figure + ", uncertainty: 40 ppm}\n";
  };
  EXPECT_EQ(refused(head + point("error: 10000 ppm")), "taken") << "1 %";
  EXPECT_THAT(
      refused(head + point("error: 10001 ppm")),
      testing::AllOf(testing::StartsWith("k.yaml:14:25: "), HasSubstr("expected at most 1 %, found '10001 ppm'")));
  EXPECT_THAT(refused(head + point("correction: -1e30 ppm")), HasSubstr("expected at most 1 %"));
  const auto percent =
      with(with(head, "unit: ppm", "unit: \"%\""), "drift_per_year: 20 ppm", "drift_per_year: 0.002 %");
  const std::string a_fifth = "  - {lag: 0 deg, error: 20 %, uncertainty: 0.1 %}\n";
  EXPECT_THAT(refused(percent + a_fifth), HasSubstr("found '20 %'; if it is true, state 'plausible_to'"));
  EXPECT_EQ(refused("plausible_to: 20 %\n" + percent + a_fifth), "taken");
  EXPECT_THAT(refused("plausible_to: 5 %\n" + percent + a_fifth), HasSubstr("expected at most 5 %"));
  for (const char* wrong : {"0 %", "101 %", "5 mrad"})
    EXPECT_THAT(refused(fmt::format("plausible_to: {}\n", wrong) + percent + a_fifth),
                testing::StartsWith("k.yaml:1:15: expected"))
        << wrong;
  auto phase = with(head + "  - {current: 5 A, error: 11 mrad, uncertainty: 1 mrad}\n", "active power", "phase");
  phase = with(with(with(phase, "relative_to: reading\n", ""), "unit: ppm", "unit: mrad"), "20 ppm", "0 mrad");
  EXPECT_THAT(refused(phase), HasSubstr("expected at most 10 mrad, found '11 mrad'"));
  EXPECT_EQ(refused("plausible_to: 12 mrad\n" + phase), "taken");
}

TEST(CertificateTest, EveryMistakeIsNamedWhereItStands) {
  const auto all = head + grid;
  const auto broken = [&](const std::string& old, const std::string& by) { return refused(with(all, old, by)); };
  EXPECT_EQ(broken("2026-03-02", "2026-02-30"),
            "k.yaml:5:7: expected a day that exists, from 1900 on, found '2026-02-30'");
  EXPECT_THAT(broken("2026-03-02", "2.3.2026"), HasSubstr("k.yaml:5:7: expected a date such as '2026-03-02'"));
  EXPECT_THAT(broken("due: 2027", "due: 2025"), HasSubstr("k.yaml:6:6: expected a day after the calibration"));
  EXPECT_THAT(broken("due: 2027-03-02\n", ""), HasSubstr("either 'due' or 'interval', found neither"));
  EXPECT_THAT(broken("due: 2027-03-02", "interval: 12"), HasSubstr("k.yaml:6:11: expected an interval such as"));
  EXPECT_THAT(broken("coverage_factor: 2", "coverage_factor: 0"),
              HasSubstr("k.yaml:10:18: expected a coverage factor"));
  EXPECT_THAT(broken("coverage_factor: 2", "coverage_probability: 100 %"), HasSubstr("expected a probability"));
  EXPECT_THAT(broken("coverage_factor: 2\n", ""),
              HasSubstr("'coverage_factor' or 'coverage_probability', found neither"));
  EXPECT_THAT(broken("unit: ppm", "unit: ppb"), HasSubstr("k.yaml:9:7: expected one of 'ppm', '%'"));
  EXPECT_THAT(broken("error: 10 ppm", "error: 0.001 %"),
              HasSubstr("k.yaml:14:80: expected a figure in ppm, the unit of this certificate, found '0.001 %'"));
  EXPECT_THAT(broken("uncertainty: 60 ppm", "uncertainty: 0 ppm"), HasSubstr("expanded uncertainty above 0"));
  EXPECT_THAT(broken("uncertainty: 60 ppm", "uncertainty: -60 ppm"), HasSubstr("expanded uncertainty above 0"));
  EXPECT_THAT(broken("error: 10 ppm, ", ""), HasSubstr("either 'error' (reading minus truth) or 'correction'"));
  EXPECT_THAT(broken("error: 20 ppm", "correction: 20 ppm"), HasSubstr("all must state the same"));
  EXPECT_THAT(broken("current: 0.1 A", "current: 1 A"),
              HasSubstr("k.yaml:15:5: 230 V, 1 A, lag 0 deg, 50 Hz stands here and at k.yaml:14:5"));
  EXPECT_THAT(broken("current: 1 A, ", ""), HasSubstr("all must state the same things"));
  EXPECT_THAT(broken("voltage: 230 V", "voltage: 0 V"), HasSubstr("expected a value above 0"));
  EXPECT_THAT(broken("power_factor: 1,", "lag: 90 deg,"), HasSubstr("no error can be relative to it"));
  EXPECT_THAT(broken("power_factor: 1,", "power_factor: 1, lag: 0 deg,"), HasSubstr("found both"));
  EXPECT_THAT(broken("[18 degC, 28 degC]", "[28 degC, 18 degC]"), HasSubstr("the coldest first"));
  EXPECT_THAT(broken("drift_per_year: 20", "drift_per_year: -20"), HasSubstr("not below 0"));
  EXPECT_THAT(broken("laboratory", "laborator"),
              HasSubstr("'laboratory' is missing; is it what 'laborator' was meant"));
  EXPECT_THAT(broken("points:", "remark: x\npoints:"), HasSubstr("unknown key 'remark'"));
  EXPECT_THAT(broken("relative_to: reading\n", ""), HasSubstr("'relative_to' is missing"));
  EXPECT_THAT(broken("quantity: active power", "quantity: voltage"),
              HasSubstr("k.yaml:8:14: only the error of a power"));
  EXPECT_THAT(refused(head + "  []\n"), HasSubstr("expected at least one point"));
}

}  // namespace
}  // namespace blondel
