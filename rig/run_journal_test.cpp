#include "rig/run_journal.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "drivers/time/virtual_clock.hpp"
#include "reports/record_sink.hpp"

namespace blondel {
namespace {

/// The record of one measurement, as it stands in the journal.
nlohmann::json recorded(const Measurement& measurement) {
  std::string bytes;
  VirtualClock clock;
  Journal journal{std::make_unique<MemorySink>(bytes), nullptr, [] { return std::string{}; }};
  RunJournal{clock, journal}.add(measurement);
  return nlohmann::json::parse(bytes);
}

/// 0.3 % between ±0.5 %, with U = 0.1 % and k = 2.
Measurement doubted() {
  Measurement m;
  m.name = "percentage_error";
  m.value = 0.3;
  m.unit = "%";
  m.lower = -0.5;
  m.upper = 0.5;
  m.rule = DecisionRule::guarded;
  m.budget.emplace("%");
  m.budget->add(certificate("reference", 0.1));
  return m;
}

TEST(RunJournalMeasurement, StatesGuardBandsAndRisksBesideItsLimits) {
  const auto record = recorded(doubted());
  EXPECT_DOUBLE_EQ(record["guard"]["accept"], 0.1);
  EXPECT_DOUBLE_EQ(record["guard"]["reject"], 0.1);
  // Four standard deviations to the upper limit, sixteen to the lower one: by a table of the normal distribution.
  EXPECT_NEAR(record["risk"]["pfa"], 3.16712418e-5, 1e-12);
  EXPECT_NEAR(record["risk"]["pfr"], 1 - 3.16712418e-5, 1e-12);
  EXPECT_DOUBLE_EQ(record["risk"]["tur"], 5);
}

TEST(RunJournalMeasurement, ReckonsTheRiskOfFewReadingsByStudentsT) {
  auto m = doubted();
  m.budget.emplace("%");
  m.budget->add({.source = "readings", .standard_uncertainty = 0.05, .degrees_of_freedom = 4, .evaluation = "A"});
  // 1 - F(4; 4) + F(-16; 4) = 0.00806504 + 0.00004461, by the closed form of Student's t with four degrees of freedom.
  EXPECT_NEAR(recorded(m)["risk"]["pfa"], 0.00810965, 1e-8);
}

TEST(RunJournalMeasurement, HasNoTestUncertaintyRatioWithOneLimit) {
  auto m = doubted();
  m.lower = std::nullopt;
  const auto record = recorded(m);
  EXPECT_FALSE(record["risk"].contains("tur"));
  EXPECT_NEAR(record["risk"]["pfa"], 3.16712418e-5, 1e-12);
}

TEST(RunJournalMeasurement, StatesNoRiskWithoutLimitsOrUncertainty) {
  auto m = doubted();
  m.lower = m.upper = std::nullopt;
  EXPECT_FALSE(recorded(m).contains("risk"));
  EXPECT_FALSE(recorded(m).contains("guard"));
  m = doubted();
  m.budget = std::nullopt;
  EXPECT_FALSE(recorded(m).contains("risk"));
  m = doubted();
  m.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(recorded(m)["risk"].contains("pfa")) << "nothing but what is finite";
}

TEST(RunJournalMeasurement, SaysForWhichRequirementAndHowLong) {
  auto m = doubted();
  m.load = "element 2 alone";
  m.energy = "active energy";
  m.requirement = "limits of error, single-phase load";
  m.method_why = "quickest";
  m.measuring = Measurement::Measuring{12, 2, 6, "decided"};
  m.informative = "from memory";
  m.raw = 0.31;
  const auto record = recorded(m);
  EXPECT_EQ(record["load"], "element 2 alone");
  EXPECT_EQ(record["energy"], "active energy");
  EXPECT_EQ(record["requirement"], "limits of error, single-phase load");
  EXPECT_EQ(record["method_why"], "quickest");
  EXPECT_EQ(record["measuring"],
            (nlohmann::json{{"seconds", 12.0}, {"looks", 2}, {"most_looks", 6}, {"stopped", "decided"}}));
  EXPECT_EQ(record["informative"], "from memory");
  EXPECT_EQ(record["raw"], 0.31);
  const auto plain = recorded(doubted());
  for (const char* field : {"load", "energy", "requirement", "method_why", "measuring", "informative", "raw"})
    EXPECT_FALSE(plain.contains(field)) << field;
}

}  // namespace
}  // namespace blondel
