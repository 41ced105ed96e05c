#include "rig/traceability.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "references/standards/load_points.hpp"
#include "references/standards/standard_list.hpp"
#include "rig/balanced_load.hpp"
#include "rig/lint.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A bench made from a text, with all that it stands on.
struct StandingBench {
  explicit StandingBench(const std::string& text)
      : StandingBench{load_bench(RigTest::file_with("bench.yaml", text)), 0} {}
  StandingBench(BenchFile file, int) : world{world_of(file, "", 1)}, bench{std::move(file), *world.around} {}
  BenchWorld world;
  Bench bench;
};

class TraceabilityTest : public RigTest {
 public:
  static std::string certificate_text(const std::string& quantity, const std::string& points,
                                      const std::string& extra = "") {
    const bool phase = quantity == "phase", power = quantity.ends_with(" power");
    const bool ct = quantity == "ratio" || extra == "ct";
    return fmt::format(
        "certificate: K-{}\nlaboratory: L\ninstrument: {}\nserial: \"050059467\"\ndate: 2026-03-02\ndue: 2027-03-02\n"
        "quantity: {}\n{}unit: {}\ncoverage_factor: 2\ndrift_per_year: 0 {}\ntemperature: [18 degC, 28 degC]\n"
        "points:\n{}",
        quantity.substr(0, 2), ct ? "ct-substitute" : "zera-com5003", quantity,
        power ? fmt::format("relative_to: {}\n", extra.empty() ? "reading" : extra) : "", phase ? "urad" : "ppm",
        phase ? "urad" : "ppm", points);
  }
  /// The shipped bench with these lists of certificates in place of its own.
  static std::string bench_with(const std::string& lists) {
    const auto text = bench_text();
    const auto from = text.find("certificates: "), to = text.find("environment:");
    return text.substr(0, from) + (lists.empty() ? "" : "certificates:\n" + lists) + text.substr(to);
  }
  static LoadPoint load(double amperes, double lag_degrees, double line_to_line = 480) {
    return balanced_load(SystemType::wye, Voltage{line_to_line}, Current{amperes}, degrees(lag_degrees), Frequency{60});
  }
};

constexpr auto active_energy = PointInputs::Energy::active, reactive_energy = PointInputs::Energy::reactive;

TEST_F(TraceabilityTest, TheShippedCertificatesBecomeTheInputsOfAPoint) {
  const StandingBench standing{bench_text()};
  const Traceability trace{standing.bench};
  EXPECT_EQ(show(trace.today()), "2026-11-20");
  const auto in = trace.at(load(5, 60), active_energy, 2);
  ASSERT_TRUE(in) << in.error().what;
  EXPECT_DOUBLE_EQ(in->lag.si(), degrees(60).si());
  EXPECT_TRUE(in->reference_of_apparent_power);
  EXPECT_NEAR(in->reference->standard_uncertainty, 30e-6, 1e-12);
  EXPECT_NEAR(in->reference->drift_half_width, 20e-6 * 263 / 365.25, 1e-12) << "263 days since calibration";
  EXPECT_NEAR(in->ct_ratio->standard_uncertainty, 40e-6, 1e-12);
  EXPECT_NEAR(in->ct_phase->standard_uncertainty, 40e-6, 1e-12);
  EXPECT_DOUBLE_EQ(in->reference_warmth->kelvins, 2);
  EXPECT_DOUBLE_EQ(in->reference_warmth->per_kelvin, 2e-6);
  EXPECT_DOUBLE_EQ(in->ct_warmth->kelvins, 2);
  EXPECT_DOUBLE_EQ(in->leads_half_width.value(), 5e-6);
  EXPECT_FALSE(in->reference_phase);
  EXPECT_TRUE(trace.at(load(5, -30), reactive_energy, 1));
}

TEST_F(TraceabilityTest, TheShippedCertificatesCoverTheClassesOfTheFirstBench) {
  const StandingBench standing{bench_text()};
  const Traceability trace{standing.bench};
  int points = 0;
  for (const char* name : {"IEC 62053-22 class 0.5S", "IEC 62053-22 class 0.2S", "IEC 62053-23 class 2",
                           "ANSI C12.20 class 0.5", "IEC 62053-24 class 1S"}) {
    const auto [standard, class_name] = StandardList::ours().find(name, std::nullopt, "test");
    const auto energy = standard->energy() == MeteredEnergy::active ? active_energy : reactive_energy;
    for (const auto& nominal : load_points(*standard, class_name, 1.2))
      for (const double volts : {480.0, 400.0}) {
        auto point = load(5 * nominal.ratio_to_in, in_degrees(nominal.lag), volts);
        if (point.phases[0].current > standing.bench.file().envelope.current) continue;
        for (int k = 0; k < 3; ++k)
          if (nominal.element != 0 && nominal.element != k + 1)
            point.phases[static_cast<std::size_t>(k)].current = Current{0};
        const auto in = trace.at(point, energy, 1);
        EXPECT_TRUE(in) << name << " " << nominal.text() << ": " << (in ? "" : in.error().what);
        ++points;
      }
  }
  EXPECT_GT(points, 100);
}

TEST_F(TraceabilityTest, OneElementAloneIsItsOwnCondition) {
  const auto file = file_with("power.yaml", certificate_text("active power", R"(
  - {voltage: 100 V, power_factor: 1, error: 10 ppm, uncertainty: 40 ppm}
  - {voltage: 200 V, power_factor: 1, error: 50 ppm, uncertainty: 40 ppm}
)"));
  const StandingBench standing{bench_with("  reference: [power.yaml]\n")};
  const Traceability trace{standing.bench};
  auto point = load(5, 0, 100 * std::numbers::sqrt3);
  EXPECT_NEAR(trace.at(point, active_energy, 1)->reference->value, -10e-6, 1e-15);
  point.phases[0].current = point.phases[2].current = Current{0};
  point.phases[1].voltage = Voltage{200};
  EXPECT_NEAR(trace.at(point, active_energy, 1)->reference->value, -50e-6, 1e-15);
  point.phases[2].current = Current{5};
  EXPECT_EQ(trace.at(point, active_energy, 1).error().fault, Fault::malformed) << "loaded unalike";
  point.phases[1].current = point.phases[2].current = Current{0};
  EXPECT_EQ(trace.at(point, active_energy, 1).error().fault, Fault::malformed) << "nothing is loaded";
}

TEST_F(TraceabilityTest, WhatACertificateDoesNotCoverIsNotTakenFurther) {
  const StandingBench standing{bench_text()};
  const Traceability trace{standing.bench};
  const auto beyond = trace.at(load(6.9, 80), active_energy, 1);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().fault, Fault::incapable);
  EXPECT_THAT(beyond.error().where + beyond.error().what,
              testing::AllOf(HasSubstr("B-2026-0301"), HasSubstr("6.9 A"), HasSubstr("lags -60 deg to 75.52 deg")));
  auto distorted = load(5, 0);
  distorted.phases[0].current_harmonics = {{5, percent(10), Angle{0}}};
  EXPECT_EQ(trace.at(distorted, active_energy, 1).error().fault, Fault::incapable);
  EXPECT_EQ(trace.at(load(5, 90), active_energy, 1).error().fault, Fault::malformed) << "no active power there";
}

TEST_F(TraceabilityTest, WithoutCertificatesTheBenchFilesWordsHold) {
  const StandingBench standing{bench_with("")};
  const Traceability trace{standing.bench};
  EXPECT_FALSE(trace.record());
  const auto in = trace.at(load(5, 60), active_energy, 1);
  ASSERT_TRUE(in);
  EXPECT_TRUE(in->reference_of_apparent_power);
  EXPECT_DOUBLE_EQ(in->reference->standard_uncertainty, 50e-6);
  EXPECT_DOUBLE_EQ(in->ct_ratio->standard_uncertainty, 50e-6);
  EXPECT_DOUBLE_EQ(in->ct_phase->standard_uncertainty, 50e-6);
  EXPECT_EQ(in->reference->value, 0);
  EXPECT_EQ(trace.of(Traceability::Reading::frequency, load(5, 0), 1).error().fault, Fault::incapable);
  EXPECT_DOUBLE_EQ(trace.of(Traceability::Reading::voltage, load(5, 0), 1)->standard_uncertainty, 50e-6);
}

TEST_F(TraceabilityTest, AReadingHasItsOwnCertificate) {
  const StandingBench standing{bench_text()};
  const Traceability trace{standing.bench};
  EXPECT_NEAR(trace.of(Traceability::Reading::voltage, load(5, 0), 3)->standard_uncertainty, 20e-6, 1e-12);
  EXPECT_NEAR(trace.of(Traceability::Reading::current, load(5, 0), 3)->standard_uncertainty, 25e-6, 1e-12);
  EXPECT_NEAR(trace.of(Traceability::Reading::frequency, load(5, 0), 3)->standard_uncertainty, 10e-6, 1e-12);
}

TEST_F(TraceabilityTest, APositionsOwnCtSubstitutesGoBeforeTheBenchs) {
  file_with("bench_ratio.yaml", certificate_text("ratio", "  - {current: 5 A, error: 10 ppm, uncertainty: 80 ppm}\n"));
  file_with("own_ratio.yaml", certificate_text("ratio", "  - {current: 5 A, error: 70 ppm, uncertainty: 20 ppm}\n"));
  const StandingBench standing{with(bench_with("  ct_substitute: [bench_ratio.yaml]\n"), "serial: 4K-100002",
                                    "serial: 4K-100002, ct_certificates: [own_ratio.yaml]")};
  const Traceability trace{standing.bench};
  EXPECT_NEAR(trace.at(load(5, 0), active_energy, 1)->ct_ratio->value, 10e-6, 1e-15);
  EXPECT_NEAR(trace.at(load(5, 0), active_energy, 2)->ct_ratio->value, 70e-6, 1e-15);
  EXPECT_NEAR(trace.at(load(5, 0), active_energy, 2)->ct_ratio->standard_uncertainty, 10e-6, 1e-15);
  EXPECT_EQ(trace.record()->at("certificates").size(), 2u);
}

/// A chain of measurement as phasors: what the reference reads and the meter registers of one load of 1 VA, with the
/// errors that their certificates then state.
/// Two errors multiplied, the tangent of the lag squared among them, are what corrections leave: 0.25 ppm at 75
/// degrees.
struct PhasorChain {
  double phi;                           // lag of the load
  double gain = 150e-6, turn = 120e-6;  // of the reference; it sees the current lag more by that
  double ratio = 210e-6, lead = 90e-6;  // of the CT substitute
  double meter = 3e-3;                  // the meter's own error of power
  std::complex<double> load() const { return std::polar(1.0, phi); }
  std::complex<double> seen() const { return load() * std::polar(1 + gain, turn); }
  std::complex<double> given() const { return load() * std::polar(1 + ratio, -lead); }
  static double kind(std::complex<double> s, bool active) { return active ? s.real() : s.imag(); }
  double raw_percent(bool active) const {
    return 100 * ((1 + meter) * kind(given(), active) / kind(seen(), active) - 1);
  }
};

std::string ppm_point(double lag, double error, const char* unit = "ppm") {
  return fmt::format("  - {{lag: {:.12f} rad, error: {:.9f} {}, uncertainty: 40 {}}}\n", lag, 1e6 * error, unit, unit);
}

TEST_F(TraceabilityTest, CorrectionsLeaveTheMetersOwnErrorWhateverTheCertificatesAreRelativeTo) {
  for (const bool active : {true, false})
    for (const double lag : {60.0, -36.87, 75.52, -30.0})
      for (const char* how : {"reading", "apparent power", "by phase", "by phase of apparent power"}) {
        const PhasorChain chain{.phi = degrees(lag).si()};
        const double reads = PhasorChain::kind(chain.seen(), active), is = PhasorChain::kind(chain.load(), active);
        const bool apparent = std::string{how}.ends_with("apparent power");
        std::string power;
        std::string lists = "  reference: [power.yaml]\n  ct_substitute: [ratio.yaml, ct_phase.yaml]\n";
        if (std::string{how}.starts_with("by phase")) {
          // Where the phase does not count, the gain is all there is.
          const double flat = active ? 0 : std::copysign(std::numbers::pi / 2, lag);
          const double of_flat = apparent && flat < 0 ? -1 : 1;
          power = ppm_point(flat, of_flat * chain.gain);
          file_with("phase.yaml", certificate_text("phase", ppm_point(chain.phi, -chain.turn, "urad")));
          lists = "  reference: [power.yaml, phase.yaml]\n  ct_substitute: [ratio.yaml, ct_phase.yaml]\n";
        } else {
          power = ppm_point(chain.phi, (reads - is) / (apparent ? 1 : reads));
        }
        file_with("power.yaml", certificate_text(active ? "active power" : "reactive power", power,
                                                 apparent ? "apparent power" : "reading"));
        file_with("ratio.yaml", certificate_text("ratio", ppm_point(chain.phi, chain.ratio)));
        file_with("ct_phase.yaml", certificate_text("phase", ppm_point(chain.phi, chain.lead, "urad"), "ct"));
        const StandingBench standing{bench_with(lists)};
        const auto in = Traceability{standing.bench}.at(load(5, lag), active ? active_energy : reactive_energy, 1);
        ASSERT_TRUE(in) << in.error().where << in.error().what;
        EXPECT_NEAR(corrected_percentage_error(chain.raw_percent(active), *in), 100 * chain.meter, 4e-5)
            << how << " at " << lag << (active ? " active" : " reactive");
      }
}

TEST_F(TraceabilityTest, AnOverdueCertificateEndsTheRunBeforeAnythingIsSpokenTo) {
  const auto late = with(bench_text(), "date: 2026-11-20", "date: 2027-03-03");
  const auto outcome = run(short_plan(), late);
  EXPECT_EQ(outcome.ending.exit_code, 6);
  EXPECT_FALSE(outcome.ending.touched);
  EXPECT_THAT(outcome.ending.why, testing::AllOf(HasSubstr("B-2026-0301"), HasSubstr("zera-com5003 050059467"),
                                                 HasSubstr("due on 2027-03-02")));
  ASSERT_EQ(records(outcome, "traceability").size(), 1u);
  EXPECT_TRUE(records(outcome, "instrument").empty());

  const StandingBench standing{late};
  const auto looked = lint(load_plan(file_with("plan.yaml", short_plan())), standing.bench);
  EXPECT_EQ(looked.exit_code(), 6);
  EXPECT_EQ(looked.findings.refusals.size(), 7u) << "every one is told";
  EXPECT_THAT(looked.findings.refusals.front().where, HasSubstr("bench.yaml:"));
}

TEST_F(TraceabilityTest, OnTheDueDayACertificateStillHolds) {
  const StandingBench standing{with(bench_text(), "date: 2026-11-20", "date: 2027-03-02")};
  EXPECT_TRUE(Traceability{standing.bench}.overdue().empty());
}

TEST_F(TraceabilityTest, APlanMayAllowWhatIsOverdueAndTheRecordSaysSo) {
  const auto late = with(bench_text(), "date: 2026-11-20", "date: 2027-03-03");
  const auto plan = with(short_plan(), "meter: series-4000-k", "meter: series-4000-k\noverdue_certificates: allowed");
  const auto outcome = run(plan, late);
  EXPECT_EQ(outcome.ending.exit_code, 0) << outcome.ending.why;
  const auto told = records(outcome, "traceability");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].at("date"), "2027-03-03");
  ASSERT_EQ(told[0].at("certificates").size(), 7u);
  const auto& first = told[0].at("certificates")[0];
  EXPECT_EQ(first.at("number"), "B-2026-0301");
  EXPECT_EQ(first.at("serial"), "050059467");
  EXPECT_EQ(first.at("quantity"), "active power");
  EXPECT_EQ(first.at("due"), "2027-03-02");
  EXPECT_EQ(first.at("overdue"), true);
  EXPECT_EQ(first.at("coverage_factor"), 2.0);
  int warnings = 0;
  for (const auto& event : records(outcome, "event"))
    if (event.at("level") == "warning" && event.at("text").get<std::string>().find("was due on") != std::string::npos)
      ++warnings;
  EXPECT_EQ(warnings, 7);
}

TEST_F(TraceabilityTest, TheWrongReferenceIsFoundBeforeAnythingIsEnergised) {
  file_with("power.yaml",
            with(certificate_text("active power", "  - {power_factor: 1, error: 0 ppm, uncertainty: 9 ppm}\n"),
                 "050059467", "050059468"));
  const auto outcome = run(short_plan(), bench_with("  reference: [power.yaml]\n"));
  EXPECT_EQ(outcome.ending.exit_code, 6);
  EXPECT_THAT(outcome.ending.why, testing::AllOf(HasSubstr("050059468"), HasSubstr("050059467"), HasSubstr("K-ac")));
  EXPECT_TRUE(outcome.ending.proved_off);
  EXPECT_TRUE(outcome.source_dead);
  EXPECT_TRUE(records(outcome, "step_begin").empty());
}

TEST_F(TraceabilityTest, ACertificateHoldsAtItsTemperaturesAndFromItsDayOn) {
  const auto refused = [](const std::string& text) {
    const StandingBench standing{text};
    const auto all = Traceability{standing.bench}.refusals(true);
    if (all.empty()) return std::string{"nothing is refused"};
    return std::string{name(all.front().fault)} + ": " + all.front().what;
  };
  EXPECT_EQ(refused(with(bench_text(), "temperature: 23 degC", "temperature: 26 degC")), "nothing is refused");
  EXPECT_THAT(refused(with(bench_text(), "temperature: 23 degC", "temperature: 26.5 degC")),
              testing::AllOf(HasSubstr("refused: certificate B-2026-0301"), HasSubstr("to 28 degC")));
  EXPECT_THAT(refused(with(bench_text(), "within: 2 K", "within: 5.1 K")), HasSubstr("from 18 degC"));
  EXPECT_THAT(refused(with(bench_text(), "date: 2026-11-20", "date: 2026-03-01")), HasSubstr("is of 2026-03-02"));
}

TEST_F(TraceabilityTest, ARealBenchHasTodaysDay) {
  auto text = bench_text();
  text.resize(text.find("simulation:"));
  const auto file = load_bench(file_with("bench.yaml", text));
  EXPECT_GE(days_between(2026y / 1 / 1, day_of(file)), 0);
}

struct BadCertificates {
  const char* what;
  const char* part;   ///< of the shipped bench file
  const char* other;  ///< in its place
  const char* where;  ///< "line:column" or empty
  const char* says;
};

class BadCertificateLists : public RigTest, public testing::WithParamInterface<BadCertificates> {};

TEST_P(BadCertificateLists, AreRefusedWhereTheyStand) {
  const auto& bad = GetParam();
  try {
    load_bench(file_with("bench.yaml", with(bench_text(), bad.part, bad.other)));
    FAIL() << "taken";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::malformed);
    EXPECT_THAT(failure.error.where, HasSubstr(std::string{"bench.yaml:"} + bad.where));
    EXPECT_THAT(failure.error.what, HasSubstr(bad.says));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadCertificateLists,
    testing::Values(BadCertificates{"NoSuchFile", "zera_com5003_active.yaml", "nobody.yaml", "42:7", "nobody.yaml"},
                    BadCertificates{"OneQuantityTwice", "zera_com5003_reactive.yaml", "zera_com5003_active.yaml",
                                    "43:7", "has a certificate already"},
                    BadCertificates{"AnotherInstrument", "zera_com5003_reactive.yaml", "ct_ratio.yaml", "43:7",
                                    "is of 'ct-substitute'"},
                    BadCertificates{"NoEnvironment", "environment:        #", "simulacrum: #", "", "environment"},
                    BadCertificates{"NoDay", "  date: 2026-11-20", "  #", "", "'date'"},
                    BadCertificates{"NoSuchDay", "date: 2026-11-20", "date: 2026-11-31", "", "a day that exists"},
                    BadCertificates{"DegreesForKelvins", "within: 2 K", "within: 2 degC", "", "expected kelvins"},
                    BadCertificates{"BelowNothing", "within: 2 K", "within: -2 K", "", "expected kelvins"},
                    BadCertificates{"NegativeLeads", "leads: 5 ppm", "leads: -5 ppm", "", "0 ppm or more"},
                    BadCertificates{"UnknownInstrument", "  ct_substitute: [", "  source: [", "", "source"},
                    BadCertificates{"UnknownWord", "instability: 30 ppm", "flutter: 30 ppm", "", "flutter"}),
    [](const auto& tested) { return tested.param.what; });

TEST_F(TraceabilityTest, WhatNobodyUsesAndASecondSerialNumberAreRefused) {
  const auto refused = [](const std::string& text) -> std::string {
    try {
      load_bench(file_with("bench.yaml", text));
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "taken";
  };
  const std::string flat = "  - {power_factor: 1, error: 0 ppm, uncertainty: 9 ppm}\n";
  file_with("a.yaml", certificate_text("apparent power", flat));
  EXPECT_THAT(refused(bench_with("  reference: [a.yaml]\n")), HasSubstr("apparent power, which nobody uses here"));
  file_with("p.yaml", certificate_text("active power", flat));
  file_with("v.yaml", with(certificate_text("voltage", "  - {voltage: 9 V, error: 0 ppm, uncertainty: 9 ppm}\n"),
                           "050059467", "7"));
  EXPECT_THAT(refused(bench_with("  reference: [p.yaml, v.yaml]\n")), HasSubstr("one instrument has one"));
  EXPECT_THAT(refused(bench_with("  reference: []\n")), HasSubstr("at least one certificate"));
}

}  // namespace
}  // namespace blondel
