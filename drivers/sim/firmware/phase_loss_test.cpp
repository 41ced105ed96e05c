#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

constexpr int a_lost = 1 << 8, b_lost = 1 << 9, c_lost = 1 << 10, all_lost = a_lost | b_lost | c_lost;

class FirmwarePhaseLoss : public testing::Test {
 protected:
  using Settings = std::map<std::string, std::string>;

  // A meter that has been told its system, with the thresholds, in this order: type, voltage, drop, imbalance.
  MeterOnBench& meter(int type, int volts, int drop, int imbalance, Settings variants = {}) {
    m = std::make_unique<MeterOnBench>(std::move(variants));
    m->run(1.6);
    const MeterOnBench::Bytes frames[] = {
        {1, 0x10, 0, 0x81, 0, 1, 2, 0, static_cast<std::uint8_t>(type)},
        {1, 0x10, 0, 0x85, 0, 1, 2, static_cast<std::uint8_t>(volts >> 8), static_cast<std::uint8_t>(volts)},
        {1, 0x10, 0, 0x8D, 0, 2, 4, 0, static_cast<std::uint8_t>(drop), 0, static_cast<std::uint8_t>(imbalance)}};
    for (const auto& frame : frames) EXPECT_EQ(m->ask(frame).size(), 8u);
    m->frequency = 60;
    return *m;
  }

  // Three line-to-line voltages as a triangle, against its centre: what a delta's terminals see.
  void lines(double ab, double bc, double ca) {
    // A at the origin, B on the real axis, C from the two other sides.
    const std::complex<double> a{0, 0}, b{ab, 0};
    const double x = (ab * ab + ca * ca - bc * bc) / (2 * ab);
    const std::complex<double> c{x, std::sqrt(std::max(0.0, ca * ca - x * x))};
    const auto star = (a + b + c) / 3.0;
    for (int k = 0; k < 3; ++k) m->waves[k] = {{1, std::array{a, b, c}[k] - star}};
  }

  void star(double volts) { m->balance(volts, 0, 0); }

  int lost(double seconds = 2.1) {
    m->run(seconds);
    return m->word(146) & all_lost;
  }

  std::unique_ptr<MeterOnBench> m;
};

// The table of limits; each is approached to within a tenth of a volt from either side.
TEST_F(FirmwarePhaseLoss, FollowsTheTableOfLimitsLineToLine) {
  const struct {
    int volts, type, drop;
    double limit;
  } rows[] = {{480, 31, 10, 432}, {600, 31, 10, 540}, {480, 31, 25, 360}, {208, 31, 10, 187.2}};
  for (const auto& row : rows) {
    meter(row.type, row.volts, row.drop, 99);
    lines(row.limit + 0.1, row.limit + 0.1, row.limit + 0.1);
    EXPECT_EQ(lost(), 0) << row.volts;
    lines(row.limit - 0.1, row.limit - 0.1, row.limit - 0.1);
    EXPECT_EQ(lost(), all_lost) << row.volts;
  }
  meter(11, 240, 10, 99);
  m->waves[0] = {{1, 108.05}};
  m->waves[1] = {{1, -108.05}};
  EXPECT_EQ(lost(), 0);
  m->waves[1] = {{1, -107.85}};
  EXPECT_EQ(lost(), a_lost | b_lost);
}

TEST_F(FirmwarePhaseLoss, FollowsTheTableOfLimitsLineToNeutral) {
  const struct {
    int volts, type, drop;
    double limit;
    int all;
  } rows[] = {{120, 10, 10, 108, a_lost},
              {480, 40, 10, 249.4, all_lost},
              {600, 40, 10, 311.8, all_lost},
              {208, 40, 10, 108.1, all_lost},
              {480, 40, 25, 207.8, all_lost}};
  for (const auto& row : rows) {
    meter(row.type, row.volts, row.drop, 99);
    star(row.limit + 0.1);
    EXPECT_EQ(lost(), 0) << row.volts;
    star(row.limit - 0.1);
    EXPECT_EQ(lost(), row.all) << row.volts;
  }
  // Split phase: 216 V between the legs and 108 V for each, which fall together.
  meter(12, 240, 10, 99);
  m->waves[0] = {{1, 112.0}};
  m->waves[1] = {{1, -108.1}};
  EXPECT_EQ(lost(), 0);
  m->waves[1] = {{1, -107.9}};
  EXPECT_EQ(lost(), b_lost) << "219.9 V line to line are enough";
  // Points clear of rounding.
  meter(40, 480, 10, 99);
  m->balance(277.1, 0, 0);
  m->waves[2] = {{1, MeterOnBench::polar(248.5, 120)}};
  EXPECT_NE(lost() & c_lost, 0);
  m->waves[2] = {{1, MeterOnBench::polar(250.0, 120)}};
  EXPECT_EQ(lost(), 0);
}

// The worked example: AB = BC = 480 V, CA = 440 V; thresholds are whole numbers, so each is bracketed.
TEST_F(FirmwarePhaseLoss, ImbalanceFollowsTheWorkedExampleUnderEveryDefinition) {
  const struct {
    const char* definition;
    double spread, part;  // %, of the example and of the separating point with CA = 384 V
  } rows[] = {{"maximum", 8.33, 20.0},
              {"system_voltage", 8.33, 20.0},
              {"mean", 8.57, 21.43},
              {"minimum", 9.09, 25.0},
              {"nema", 5.71, 14.29}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.definition);
    for (const auto& [ca, percent] : {std::pair{440.0, row.spread}, {384.0, row.part}}) {
      const int below = static_cast<int>(std::ceil(percent)) - 1;
      meter(31, 480, 99, below, {{"imbalance_definition", row.definition}});
      lines(480.1, 480.1, ca - 0.1);
      EXPECT_NE(lost() & (a_lost | c_lost), 0) << below;
      EXPECT_EQ(m->write(143, below + 2), 0);
      EXPECT_EQ(lost(), 0) << below + 2;
    }
  }
}

// AB = BC = 480 V and CA = 384 V again: of the two unequal voltages alone the mean is 432 V, so 96 V are 22.2 % of it
// (21.4 % of the mean of three), and each lies 11.1 % from it (14.3 %).
TEST_F(FirmwarePhaseLoss, ImbalanceCanBeJudgedPairByPair) {
  const struct {
    const char *definition, *scope;
    int percent;
    bool marked;
  } rows[] = {{"mean", "all_voltages", 22, false}, {"mean", "pairs", 22, true},    {"mean", "pairs", 23, false},
              {"nema", "all_voltages", 12, true},  {"nema", "pairs", 12, false},   {"nema", "pairs", 11, true},
              {"maximum", "pairs", 19, true},      {"maximum", "pairs", 21, false}};
  for (const auto& row : rows) {
    meter(31, 480, 99, row.percent, {{"imbalance_definition", row.definition}, {"imbalance_scope", row.scope}});
    lines(480, 480, 384);
    EXPECT_EQ(lost() != 0, row.marked) << row.definition << ' ' << row.scope << ' ' << row.percent;
  }
}

TEST_F(FirmwarePhaseLoss, ScaledVoltagesPartTheFirstTwoDefinitions) {
  for (const auto& [definition, marked] : {std::pair{"maximum", false}, {"system_voltage", true}}) {
    meter(31, 480, 99, 21, {{"imbalance_definition", definition}});
    lines(528, 528, 422.4);
    EXPECT_EQ(lost() != 0, marked) << definition;
  }
}

TEST_F(FirmwarePhaseLoss, ImbalanceIsTestedWhereTheTableOfWiringsSaysSo) {
  meter(12, 240, 99, 10);
  m->waves[0] = {{1, 130.0}};
  m->waves[1] = {{1, -100.0}};
  EXPECT_EQ(lost(), b_lost);
  for (const int type : {10, 11}) {
    meter(type, 240, 99, 1);
    m->waves[0] = {{1, 240.0}};
    m->waves[1] = {{1, -20.0}};
    m->waves[2] = {{1, 5.0}};
    EXPECT_EQ(lost(), 0) << type;
  }
  meter(40, 480, 99, 20, {{"imbalance_bits", "all"}});
  m->balance(277.1, 0, 0);
  m->waves[2] = {{1, MeterOnBench::polar(180, 120)}};
  EXPECT_EQ(lost(), all_lost);
}

TEST_F(FirmwarePhaseLoss, ALowLineToLineVoltageMarksItsEndsInThreeWays) {
  const struct {
    const char* way;
    int ab, bc, ca, ab_and_ca;
  } rows[] = {{"both_ends", a_lost | b_lost, b_lost | c_lost, a_lost | c_lost, all_lost},
              {"first_end", a_lost, b_lost, c_lost, a_lost | c_lost},
              {"common", a_lost | b_lost, b_lost | c_lost, a_lost | c_lost, a_lost}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.way);
    meter(31, 480, 10, 99, {{"phase_bits_ll", row.way}});
    lines(400, 480, 480);
    EXPECT_EQ(lost(), row.ab);
    lines(480, 400, 480);
    EXPECT_EQ(lost(), row.bc);
    lines(480, 480, 400);
    EXPECT_EQ(lost(), row.ca);
    lines(400, 480, 400);
    EXPECT_EQ(lost(), row.ab_and_ca);
  }
}

TEST_F(FirmwarePhaseLoss, WhatLiesExactlyOnALimitIsAQuestionOfTheCompare) {
  // 90 V are an eighth of full scale and 10 % below 100 V; as a constant voltage they are a whole number of codes.
  for (const auto& [compare, marked] : {std::pair{"strict", 0}, {"inclusive", static_cast<int>(a_lost)}}) {
    meter(10, 100, 10, 99, {{"loss_compare", compare}});
    m->waves[0] = {{0, 90.0}};
    EXPECT_EQ(lost(), marked) << compare;
  }
  for (const auto& [rounding, marked] : {std::pair{"exact", static_cast<int>(all_lost)}, {"whole_volts", 0}}) {
    meter(40, 480, 10, 99, {{"loss_rounding", rounding}});
    m->balance(277.1, 0, 0);
    m->waves[2] = {{1, MeterOnBench::polar(249.2, 120)}};
    EXPECT_EQ(lost() != 0, marked != 0) << rounding;
  }
}

TEST_F(FirmwarePhaseLoss, DelayRecoveryAndHysteresisCanBeChosen) {
  meter(40, 480, 10, 99, {{"loss_delay_s", "1"}, {"loss_recovery_s", "3"}, {"alarm_delay_s", "1"}});
  star(277.1);
  EXPECT_EQ(lost(5), 0);
  m->run_to_end_of_second();
  const auto from = m->now();
  star(200);
  m->alarm.clear();
  m->run(5);
  ASSERT_EQ(m->alarm.size(), 1u);
  EXPECT_TRUE(m->alarm[0].closed);
  EXPECT_NEAR(static_cast<double>(m->alarm[0].at_ns - from) / 1e9, 3, 0.05) << "one window, one more, and the contact";
  star(277.1);
  EXPECT_EQ(lost(2.6), static_cast<int>(all_lost)) << "not yet";
  EXPECT_EQ(lost(2), 0);

  meter(40, 480, 10, 99, {{"loss_hysteresis_percent", "2"}});
  star(248);
  EXPECT_NE(lost(), 0);
  star(252);
  EXPECT_NE(lost(), 0) << "above the limit of 249.4 V and below 254.4 V";
  star(255.5);
  EXPECT_EQ(lost(), 0);
}

TEST_F(FirmwarePhaseLoss, NominalOfTwoLegsCanBeThatOfAWye) {
  // 208 V between two legs of a wye: 120.1 V each; a drop of 10 % ends at 108.1 V, of V/2 = 104 V at 93.6 V.
  for (const auto& [nominal, marked] : {std::pair{"half", 0}, {"wye", static_cast<int>(b_lost)}}) {
    meter(12, 208, 10, 99, {{"type_12_nominal", nominal}});
    m->waves[0] = {{1, 120.1}};
    m->waves[1] = {{1, MeterOnBench::polar(104, 150)}};
    EXPECT_EQ(lost(), marked) << nominal;
  }
}

}  // namespace
}  // namespace blondel::sim
