#include "references/standards/standard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "references/data_folder.hpp"
#include "references/standards/no_load_time.hpp"
#include "references/standards/standard_list.hpp"

namespace blondel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Standard& of(const std::string& name, const std::string& edition) {
  for (const auto& standard : StandardList::ours().standards())
    if (standard.name() == name && standard.edition() == edition) return standard;
  throw std::out_of_range{name};
}

const Standard& part_22() {
  return of("IEC 62053-22", "2003");
}

/// The largest variation in percent, or -1 where there is none.
double variation(const Standard& standard, const char* class_name, const char* influence, const char* change,
                 const char* factor = "1", const char* connection = "") {
  for (const auto& limit : standard.influences(class_name, connection))
    if (limit.influence == influence && limit.change == change && limit.factor == factor)
      return in_percent(limit.upper);
  return -1;
}

// Figures typed from the printed tables as they are remembered or were seen; see each row's mark.

TEST(StandardTest, EveryClassHasItsLimits) {
  struct Printed {
    const char *standard, *edition, *class_name, *load, *power_factor;
    double ratio, percent;
  };
  const std::vector<Printed> all{
      {"IEC 62053-22", "2003", "0.2S", "balanced", "1", 0.01, 0.4},
      {"IEC 62053-22", "2003", "0.2S", "balanced", "1", 0.05, 0.2},
      {"IEC 62053-22", "2003", "0.2S", "balanced", "0.5 ind", 0.02, 0.5},
      {"IEC 62053-22", "2003", "0.2S", "balanced", "0.8 cap", 0.1, 0.3},
      {"IEC 62053-22", "2003", "0.2S", "balanced", "0.25 ind", 1.0, 0.5},
      {"IEC 62053-22", "2003", "0.2S", "single-phase", "1", 0.05, 0.3},
      {"IEC 62053-22", "2003", "0.5S", "single-phase", "0.5 ind", 0.1, 1.0},
      {"IEC 62053-22", "2020", "0.1S", "balanced", "1", 0.01, 0.2},
      {"IEC 62053-22", "2020", "0.1S", "balanced", "0.5 ind", 0.1, 0.15},
      {"IEC 62053-22", "2020", "0.1S", "single-phase", "1", 0.05, 0.15},
      {"IEC 62053-21", "2003", "1", "balanced", "1", 0.02, 1.5},
      {"IEC 62053-21", "2003", "2", "balanced", "0.5 ind", 0.1, 2.0},
      {"IEC 62053-21", "2003", "1", "single-phase", "1", 0.05, 2.0},
      {"IEC 62053-21", "2003", "2", "single-phase", "0.5 ind", 0.1, 3.0},
      {"IEC 62053-21", "2020", "0.5", "balanced", "1", 0.05, 0.5},
      {"OIML R 46", "2012", "A", "balanced", "1", 1.0, 2.0},
      {"OIML R 46", "2012", "B", "balanced", "0.5 ind", 0.04, 1.8},
      {"OIML R 46", "2012", "D", "balanced", "0.8 cap", 1.0, 0.3},
  };
  for (const auto& p : all) {
    const auto table = of(p.standard, p.edition).class_limits(p.class_name, p.load);
    ASSERT_TRUE(table) << p.standard << p.class_name;
    const auto row = table->limit({*parse_power_factor(p.power_factor, ""), p.ratio});
    ASSERT_TRUE(row) << p.standard << " " << p.class_name << " " << p.power_factor << " " << p.ratio;
    EXPECT_NEAR(in_percent(row->limit), p.percent, 1e-12) << p.standard << " " << p.class_name << " " << p.ratio;
  }
}

TEST(StandardTest, DirectMetersHaveTheirOwnCurrents) {
  const auto& part_21 = of("IEC 62053-21", "2003");
  const auto direct = part_21.class_limits("1", "balanced", "direct"), ct = part_21.class_limits("1", "balanced", "CT");
  EXPECT_FALSE(direct->limit({PowerFactor{}, 0.04, 5}));
  EXPECT_NEAR(in_percent(direct->limit({PowerFactor{}, 0.05, 5})->limit), 1.5, 1e-12);
  EXPECT_NEAR(in_percent(ct->limit({PowerFactor{}, 0.05, 5})->limit), 1.0, 1e-12);
  EXPECT_NEAR(in_percent(part_21.class_limits("1", "balanced")->limit({PowerFactor{}, 0.05})->limit), 1.0, 1e-12)
      << "CT stands first";
  EXPECT_FALSE(part_21.class_limits("1", "balanced", "sideways"));
  EXPECT_FALSE(part_21.class_limits("3", "balanced"));
  const auto& part_24 = of("IEC 62053-24", "2020");
  EXPECT_EQ(part_24.connection("1")->name, "direct");
  EXPECT_FALSE(part_24.class_limits("1", "single-phase"));
}

TEST(StandardTest, StartingCurrentsAreMultiplesOfTheRatedOne) {
  EXPECT_DOUBLE_EQ(part_22().starting_current("0.5S")->ratio_to_in, 0.001);
  EXPECT_DOUBLE_EQ(of("IEC 62053-21", "2003").starting_current("2", "direct")->ratio_to_in, 0.005);
  EXPECT_DOUBLE_EQ(of("IEC 62053-21", "2003").starting_current("1")->ratio_to_in, 0.002);
  EXPECT_DOUBLE_EQ(of("IEC 62053-23", "2003").starting_current("2")->ratio_to_in, 0.003);
  EXPECT_NEAR(of("ANSI C12.20", "2015").starting_current("0.5", "CL200")->ratio_to_in, 0.1 / 30, 1e-15);
  EXPECT_NEAR(of("OIML R 46", "2012").starting_current("C")->ratio_to_in, 0.001, 1e-15);
  EXPECT_NEAR(of("OIML R 46", "2012").starting_current("A", "direct")->ratio_to_in, 0.005, 1e-15);
  EXPECT_EQ(part_22().start_verdict("0.5S")->kind, StartVerdict::Kind::keeps_registering);
  EXPECT_DOUBLE_EQ(of("OIML R 46", "2012").start_verdict("C")->times, 1.5);
}

TEST(StandardTest, TheNoLoadTestLastsAsLongAsInTheWorkedExample) {
  const MeterConstants meter{10000, 3, Voltage{230}, Current{6}, Current{0.005}, {}, {}};
  const auto minutes = [&](const std::optional<NoLoad>& rule) { return no_load_time(*rule, meter)->si() / 60; };
  EXPECT_NEAR(minutes(part_22().no_load("0.2S")), 21.7, 0.05);
  EXPECT_NEAR(minutes(part_22().no_load("0.5S")), 14.5, 0.05);
  EXPECT_NEAR(minutes(of("IEC 62053-22", "2020").no_load("0.5S")), 6.32, 0.005);
  auto at_115 = of("IEC 62053-22", "2020").no_load("0.5S");
  at_115->voltage = percent(115);
  EXPECT_NEAR(minutes(at_115), 6.05, 0.005);
  EXPECT_NEAR(minutes(of("ANSI C12.20", "2015").no_load("0.5")), 10, 1e-12);
  EXPECT_EQ(part_22().no_load("0.5S")->most_pulses, 1);
  EXPECT_DOUBLE_EQ(part_22().no_load("0.5S")->voltage.si(), 1.15);
  EXPECT_DOUBLE_EQ(of("IEC 62053-22", "2020").no_load("0.1S")->voltage.si(), 1.1);
}

TEST(StandardTest, TheNoLoadTimeOfR46IsInHours) {
  // 100e3 / (1.0 · 1000 · 3 · 230 · 0.05) = 2.8986 h, worked by hand
  MeterConstants meter{1000, 3, Voltage{230}, {}, {}, Current{0.05}, percent(1.0)};
  const auto rule = of("OIML R 46", "2012").no_load("C");
  EXPECT_NEAR(no_load_time(*rule, meter)->si() / 3600, 2.89855, 1e-5);
  meter.imin = Current{0};
  EXPECT_THAT(no_load_time(*rule, meter).error().what, HasSubstr("Imin"));
  // 3.6e6 / (3 · 1000 · 230 · 0.01) = 521.7 s
  meter.ist = Current{0.01};
  EXPECT_NEAR(start_pulse_time(meter)->si(), 521.739, 1e-3);
  meter.pulses_per_kwh = 0;
  EXPECT_FALSE(start_pulse_time(meter));
}

TEST(StandardTest, SinglePhaseAndBalancedErrorsDifferByALimitedAmount) {
  EXPECT_DOUBLE_EQ(in_percent(part_22().difference("0.2S")->limit), 0.4);
  EXPECT_EQ(part_22().difference("0.2S")->to.from.mark, "V*");
  EXPECT_DOUBLE_EQ(in_percent(part_22().difference("0.5S")->limit), 1.0);
  EXPECT_DOUBLE_EQ(part_22().difference("0.5S")->ratio_to_in, 1.0);
  EXPECT_DOUBLE_EQ(in_percent(of("IEC 62053-21", "2003").difference("2")->limit), 2.5);
  EXPECT_DOUBLE_EQ(in_percent(of("IEC 62053-23", "2003").difference("2")->limit), 2.5);
  EXPECT_FALSE(of("IEC 62053-22", "2020").difference("0.5S")) << "not known for this edition";
}

TEST(StandardTest, VariationsReadAsInTheTables) {
  EXPECT_NEAR(variation(part_22(), "0.5S", "temperature", "mean coefficient"), 0.03, 1e-12);
  EXPECT_NEAR(variation(part_22(), "0.2S", "temperature", "mean coefficient", "0.5 ind"), 0.02, 1e-12);
  EXPECT_NEAR(variation(part_22(), "0.5S", "voltage", "±10 %", "0.5 ind"), 0.4, 1e-12);
  EXPECT_NEAR(variation(part_22(), "0.5S", "sub-harmonics", "burst-fired"), 1.5, 1e-12);
  EXPECT_NEAR(variation(part_22(), "0.5S", "self-heating", "", "0.5 ind"), 0.2, 1e-12);
  const auto& part_21 = of("IEC 62053-21", "2003");
  EXPECT_NEAR(variation(part_21, "1", "voltage", "±10 %"), 0.7, 1e-12);
  EXPECT_NEAR(variation(part_21, "2", "dc and even harmonics", "", "1", "direct"), 6.0, 1e-12);
  EXPECT_EQ(variation(part_21, "2", "dc and even harmonics", "", "1", "CT"), -1);
  EXPECT_NEAR(variation(of("OIML R 46", "2012"), "C", "phase sequence", "reversed"), 0.1, 1e-12);
  for (const auto& limit : part_22().influences("0.5S")) {
    EXPECT_EQ(limit.per_kelvin, limit.influence == "temperature");
    if (limit.influence == "low voltage") {
      EXPECT_DOUBLE_EQ(in_percent(limit.lower), -100);
      EXPECT_DOUBLE_EQ(in_percent(limit.upper), 10);
    }
  }
}

TEST(StandardTest, TheOtherRequirementsOfAnEditionAreNumbers) {
  const auto& edition_2020 = of("IEC 62053-22", "2020");
  EXPECT_EQ(edition_2020.repeatability("0.5S")->runs, 3);
  EXPECT_DOUBLE_EQ(edition_2020.repeatability("0.5S")->share_of_limit, 0.1);
  EXPECT_DOUBLE_EQ(*edition_2020.meter_constant("0.5S")->share_of_limit, 0.1);
  EXPECT_FALSE(part_22().repeatability("0.5S"));
  EXPECT_FALSE(part_22().meter_constant("0.5S")->share_of_limit);
  EXPECT_DOUBLE_EQ(in_percent(part_22().interpretation_allowance("0.5S")->shift), 0.2);
  const auto uncertainty = of("OIML R 46", "2012").uncertainty("C");
  EXPECT_DOUBLE_EQ(uncertainty->share_of_limit, 0.2);
  EXPECT_TRUE(uncertainty->may_reduce_limit);
  EXPECT_EQ(part_22().reference_conditions("0.5S").size(), 13u);
  EXPECT_EQ(part_22().reference_conditions("0.5S")[1].tolerance, "1.0 %");
}

TEST(StandardTest, EveryFigureBearsItsMarkAndSource) {
  for (const auto& standard : StandardList::ours().standards())
    for (const auto& row : standard.rows()) {
      EXPECT_FALSE(row.clause.empty()) << row.where;
      EXPECT_FALSE(row.figures.empty()) << row.where;
      for (const auto& figure : row.figures) {
        EXPECT_THAT(known_marks(), ::testing::Contains(figure.mark)) << row.where;
        EXPECT_FALSE(figure.source.empty()) << row.where;
        if (standard.edition() == "2020" && figure.class_name == "0.1S") {
          EXPECT_FALSE(figure.mark.starts_with("V"));
        }
      }
    }
}

/// A whole file, with a place for what a test breaks.
std::string file(const std::string& rows, const std::string& more = {}) {
  return "standard: IEC 0\nedition: 2003\ntitle: for tests\nenergy: active\nclasses: [1, 2]\n"
         "connections: {CT: {base: In}}\nsources: {own: somewhere}\nbalanced:\n" +
         rows + more +
         "not_covered:\n"
         "  - {section: single_phase, what: x, why: y}\n  - {section: difference, what: x, why: y}\n"
         "  - {section: starting_current, what: x, why: y}\n  - {section: start_verdict, what: x, why: y}\n"
         "  - {section: no_load, what: x, why: y}\n  - {section: meter_constant, what: x, why: y}\n"
         "  - {section: repeatability, what: x, why: y}\n  - {section: uncertainty, what: x, why: y}\n"
         "  - {section: interpretation_allowance, what: x, why: y}\n  - {section: influences, what: x, why: y}\n"
         "left_open:\n  - {section: reference_conditions, what: x, why: y}\n";
}

std::string limit_row(const std::string& currents, const std::string& limits, const std::string& end = "mark: M") {
  return "  - {currents: " + currents + ", power_factor: 1, limits: " + limits + ", clause: t, source: own, " + end +
         "}\n";
}

TEST(StandardTest, AWholeFileIsRead) {
  const auto standard = Standard::parse(file(limit_row("0.05 In <= I <= Imax", "{1: 1.0 %, 2: 2.0 %}")), "s.yaml");
  EXPECT_EQ(standard.full_name("1"), "IEC 0 class 1");
  EXPECT_EQ(standard.marks("2").at("M"), 1);
  EXPECT_EQ(standard.not_covered().size(), 10u);
  EXPECT_EQ(standard.class_limits("1", "balanced")->rows().front().where, "s.yaml:9:16");
}

TEST(StandardTest, AFileThatIsWrongIsRefusedWithItsPlace) {
  const auto good = limit_row("0.05 In <= I <= Imax", "{1: 1.0 %, 2: 2.0 %}");
  const auto with = [&](const std::string& rows, const std::string& more = {}) { return file(rows, more); };
  struct Broken {
    std::string text;
    const char *where, *what;
  };
  const std::vector<Broken> all{
      {with(limit_row("0.05 In <= I <= Imax", "{1: 0 %, 2: 2.0 %}")), "s.yaml:9:67", "above 0"},
      {with(limit_row("0.05 In <= I <= Imax", "{1: -1 %, 2: 2.0 %}")), "s.yaml:9:67", "above 0"},
      {with(limit_row("0.05 In <= I <= Imax", "{1: 1.0, 2: 2.0 %}")), "s.yaml:9:67", "a ratio"},
      {with(limit_row("0.05 In <= I <= Imax", "{1: 1.0 %, 3: 2.0 %}")), "s.yaml:9:77", "'3' is no class"},
      {with(limit_row("0.05 In <= I <= Imax", "{1: 1.0 %}")), "s.yaml:5:10", "class 2 has no table"},
      {with(limit_row("0.05 Im <= I <= Imax", "1.0 %")), "s.yaml:9:16", "currents such as"},
      {with(limit_row("0.05 Ib <= I <= Imax", "1.0 %")), "s.yaml:9:16", "'Ib' is no current of 'CT'"},
      {with(limit_row("0.05 In <= I < Imax", "1.0 %")), "s.yaml:9:16", "'<= Imax'"},
      {with(limit_row("0.05 In <= I < 0.1 In", "1.0 %") + limit_row("0.2 In <= I <= Imax", "1.0 %")), "s.yaml:10:16",
       "gap"},
      {with(good + good), "s.yaml:10:16", "Imax already"},
      {with(limit_row("0.05 In <= I <= Imax", "1.0 %", "mark: X")), "s.yaml:9:100", "'V*'"},
      {with(limit_row("0.05 In <= I <= Imax", "1.0 %", "mark: {1: M}")), "s.yaml:9:100", "nothing about class 2"},
      {with(limit_row("0.05 In <= I <= Imax", "1.0 %", "mark: M, clauze: t")), "s.yaml:9:103", "'clauze'"},
      {with("  - {currents: In, sine: 1, limits: 1 %, clause: t, source: own, mark: M}\n"), "s.yaml:9:5",
       "'power_factor'"},
      {with("  - {currents: In, power_factor: 0.5, limits: 1 %, clause: t, source: own, mark: M}\n"), "s.yaml:9:34",
       "'0.5 ind'"},
      {with("  - {currents: In, power_factor: 1, limits: 1 %, clause: t, source: mine, mark: M}\n"), "s.yaml:9:69",
       "'own'"},
      {with("  - {currents: In, power_factor: 1, limits: 1 %, source: own, mark: M}\n"), "s.yaml:9:5", "'clause'"},
      {with(good, "influences: [{influence: voltag, limits: 1 %, clause: t, source: own, mark: M}]\n"), "s.yaml:10:26",
       "'voltage'"},
      {with(good, "colour: red\n"), "s.yaml:10:1", "'colour'"},
      {with(good,
            "no_load: [{voltage: 115 %, numerator: 1, over: k, unit: min, pulses: 1, clause: t, source: own, "
            "mark: M}]\n"),
       "s.yaml:10:48", "k*m*Un*Imax"},
  };
  for (const auto& broken : all) {
    try {
      Standard::parse(broken.text, "s.yaml");
      ADD_FAILURE() << broken.what;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, Fault::malformed);
      EXPECT_EQ(failure.error.where, broken.where) << failure.error.what;
      EXPECT_THAT(failure.error.what, HasSubstr(broken.what));
    }
  }
}

TEST(StandardTest, AFileThatWasMangledIsReadOrRefusedWithItsPlace) {
  std::ifstream ours{data_folder() / "standards" / "iec_62053_24_2020.yaml"};
  std::stringstream whole;
  whole << ours.rdbuf();
  std::mt19937_64 random{7};
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  int refused = 0;
  for (int k = 0; k < 120; ++k) {
    auto text = whole.str();
    for (int edits = 0; edits < 2; ++edits) {
      const auto at = below(text.size() - 20);
      if (below(2) == 0)
        text.erase(at, 1 + below(8));
      else
        text.insert(at, text.substr(below(text.size() - 20), 1 + below(8)));
    }
    try {
      Standard::parse(text, "s.yaml");
    } catch (const Failure& failure) {
      ++refused;
      EXPECT_EQ(failure.error.fault, Fault::malformed);
      EXPECT_TRUE(failure.error.where.starts_with("s.yaml:")) << failure.what();
    }
  }
  EXPECT_GT(refused, 60);
}

/// What the reader says of these rows of limits under balanced load.
std::string said_of(const std::string& rows, const std::string& more = {}) {
  try {
    Standard::parse(file(rows, more), "s.yaml");
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::malformed);
    return failure.error.where + ": " + failure.error.what;
  }
  return "taken";
}

TEST(StandardTest, LimitsThatEndBelowImaxSayWhy) {
  const auto low = limit_row("0.05 In <= I < 0.1 In", "{1: 1.0 %, 2: 2.0 %}");
  EXPECT_THAT(said_of(low + limit_row("0.1 In <= I <= 0.5 In", "{1: 1.0 %, 2: 2.0 %}")),
              AllOf(StartsWith("s.yaml:10:16: IEC 0 class 1, balanced load: the limits of 1 end here, at 0.5"),
                    HasSubstr("'ends: ...'")));
  EXPECT_THAT(said_of(low + limit_row("0.1 In <= I <= Imax", "{1: 1.0 %}")),
              StartsWith("s.yaml:9:16: IEC 0 class 2, balanced load: the limits of 1 end here, at 0.1"))
      << "class 2 was dropped from the row above";
  EXPECT_EQ(said_of(limit_row("0.05 In <= I <= In", "1.0 %", "mark: M, ends: at In")), "taken");
  EXPECT_THAT(said_of(limit_row("0.05 In <= I <= Imax", "1.0 %", "mark: M, ends: at In")),
              HasSubstr("is said to end the limits of 1, but reaches Imax"));
  EXPECT_THAT(said_of(limit_row("0.05 In <= I < 0.1 In", "1.0 %", "mark: M, ends: at In") +
                      limit_row("0.1 In <= I <= Imax", "1.0 %")),
              AllOf(StartsWith("s.yaml:9:16: "), HasSubstr("another row goes on at s.yaml:10:16")));
  EXPECT_THAT(said_of(limit_row("0.05 In <= I <= In", "1.0 %", "mark: M, ends: ''")), HasSubstr("why no limit stands"));
}

TEST(StandardTest, AClassThatIsLeftOutOfARowIsExplained) {
  const auto rows = limit_row("0.01 In <= I < 0.05 In", "{1: 1.0 %}") + limit_row("0.05 In <= I <= Imax", "1.0 %");
  EXPECT_THAT(said_of(rows), StartsWith("s.yaml:9:16: class 2 has no limit under balanced load at 1 and 0.01 of the "
                                        "rated current, where class 1 has one"));
  auto text = file(rows);
  text.insert(text.find("left_open:\n") + 11, "  - {section: balanced, classes: [2], what: below, why: y}\n");
  EXPECT_EQ(Standard::parse(text, "s.yaml").classes().size(), 2u);
}

TEST(StandardTest, LimitsBeyondReasonAreRefused) {
  EXPECT_EQ(said_of(limit_row("0.05 In <= I <= Imax", "20 %")), "taken");
  EXPECT_THAT(said_of(limit_row("0.05 In <= I <= Imax", "{1: 1 %, 2: 50 %}")),
              StartsWith("s.yaml:9:75: expected a limit of at most 20 %, found '50 %'"));
  EXPECT_THAT(
      said_of(limit_row("0.05 In <= I <= Imax", "{1: 2.1 %, 2: 2 %}")),
      StartsWith("s.yaml:9:16: class 1 has 2.1 % at 1 and 0.05 of the rated current, looser than the 2 % of class 2"));
}

TEST(StandardTest, ASectionMayNotBeSilent) {
  auto text = file(limit_row("0.05 In <= I <= Imax", "1.0 %"));
  const std::string line = "  - {section: uncertainty, what: x, why: y}\n";
  text.erase(text.find(line), line.size());
  try {
    Standard::parse(text, "s.yaml");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.error.what, HasSubstr("section 'uncertainty' says nothing about class 1"));
  }
}

}  // namespace
}  // namespace blondel
