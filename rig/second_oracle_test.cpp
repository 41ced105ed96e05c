#include "rig/second_oracle.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace blondel {
namespace {

/// 230 V and 5 A lagging by 60 degrees in every phase: P = 575 W, Q1 = 995.929 var, S = 1150 VA.
ReferenceReading reading() {
  ReferenceReading r;
  r.frequency = Frequency{50};
  for (std::size_t k = 0; k < 3; ++k) {
    r.active[k] = ActivePower{575};
    r.reactive[k] = ReactivePower{995.929215};
    r.apparent[k] = ApparentPower{1150};
  }
  return r;
}

ReferenceSpectrum spectrum() {
  ReferenceSpectrum s;
  for (std::size_t k = 0; k < 3; ++k) {
    const double angle = degrees(k == 0 ? 0 : k == 1 ? -120 : 120).si();
    s.voltage[k][1] = std::polar(230.0, angle);
    s.current[k][1] = std::polar(5.0, angle - degrees(60).si());
  }
  return s;
}

bool all_agree(const std::vector<TwoOracles>& pairs) {
  return std::ranges::all_of(pairs, [](const TwoOracles& p) { return p.agree(); });
}

TEST(SecondOracleTest, AnHonestInstrumentAgreesWithTheModelOnItsSpectrum) {
  const auto pairs = compare_oracles(reading(), spectrum(), Ratio{100e-6});
  EXPECT_EQ(pairs.size(), 9u);
  EXPECT_TRUE(all_agree(pairs));
}

TEST(SecondOracleTest, TheBoundIsTheCertificatesShareOfApparentPower) {
  auto r = reading();
  r.active[1] = ActivePower{575 + 0.9 * 0.115};
  EXPECT_TRUE(all_agree(compare_oracles(r, spectrum(), Ratio{100e-6})));
  r.active[1] = ActivePower{575 + 1.1 * 0.115};
  const auto pairs = compare_oracles(r, spectrum(), Ratio{100e-6});
  const auto odd = std::ranges::find_if(pairs, [](const TwoOracles& p) { return !p.agree(); });
  ASSERT_NE(odd, pairs.end());
  EXPECT_EQ(odd->quantity, "P");
  EXPECT_EQ(odd->phase, 1u);
  EXPECT_NEAR(odd->by_model, 575, 1e-9);
}

TEST(SecondOracleTest, HarmonicsCountInActiveAndApparentPowerAndNotInQ1) {
  // A third harmonic of 23 V with 1 A in phase brings 23 W; rms become sqrt(230² + 23²) V and sqrt(26) A.
  auto s = spectrum();
  s.voltage[0][3] = 23.0;
  s.current[0][3] = 1.0;
  auto r = reading();
  EXPECT_FALSE(all_agree(compare_oracles(r, s, Ratio{100e-6})));
  r.active[0] = ActivePower{598};
  r.apparent[0] = ApparentPower{std::sqrt(53429.0 * 26.0)};
  EXPECT_TRUE(all_agree(compare_oracles(r, s, Ratio{100e-6})));
}

TEST(SecondOracleTest, AnIdlePhaseIsHeldToAHundredthOfTheLargest) {
  auto r = reading();
  auto s = spectrum();
  s.current[2].clear();
  r.active[2] = ActivePower{0.0009};
  r.reactive[2] = ReactivePower{0};
  r.apparent[2] = ApparentPower{0.001};
  EXPECT_TRUE(all_agree(compare_oracles(r, s, Ratio{100e-6})));
  r.active[2] = ActivePower{0.0013};
  EXPECT_FALSE(all_agree(compare_oracles(r, s, Ratio{100e-6})));
}

TEST(SecondOracleTest, WhatIsNoNumberDoesNotAgree) {
  auto r = reading();
  r.reactive[0] = ReactivePower{std::nan("")};
  EXPECT_FALSE(all_agree(compare_oracles(r, spectrum(), Ratio{100e-6})));
}

}  // namespace
}  // namespace blondel
