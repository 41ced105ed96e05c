#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

std::array<int, 4> exponents(MeterOnBench& m) {
  const auto words = m.read(138, 4);
  std::array<int, 4> all{};
  for (int n = 0; n < 4; ++n) all[n] = static_cast<std::int16_t>(words[n]);
  return all;
}

using Four = std::array<int, 4>;  // A, V, kW, kWh

TEST(FirmwareNumbers, ScaleFactorsFollowTheSettings) {
  MeterOnBench m;
  m.run(1.6);
  EXPECT_EQ(exponents(m), (Four{-2, -1, -2, -1})) << "0.01 A, 0.1 V, 0.01 kW at the factory's settings";
  m.configure(131, 32000);
  EXPECT_EQ(exponents(m), (Four{1, -1, 1, 2}));
  m.configure(131, 20);
  EXPECT_EQ(exponents(m), (Four{-3, -1, -3, -2}));
  m.configure(134, 208);
  EXPECT_EQ(exponents(m), (Four{-3, -2, -3, -2}));
}

TEST(FirmwareNumbers, TheirAlgorithmIsAnOpenQuestion) {
  const struct {
    const char* algorithm;
    Four at_32000, at_26;
  } rows[] = {{"over_range", {1, -1, 1, 2}, {-3, -1, -2, -1}},
              {"full_scale", {0, -1, 1, 2}, {-3, -1, -3, -2}},
              {"tabulated", {1, -1, 1, 2}, {-2, -1, -2, -1}}};
  for (const auto& row : rows) {
    MeterOnBench m{{{"scale_algorithm", row.algorithm}}};
    m.run(1.6);
    m.configure(131, 32000);
    EXPECT_EQ(exponents(m), row.at_32000) << row.algorithm;
    m.configure(131, 26);
    EXPECT_EQ(exponents(m), row.at_26) << row.algorithm;
  }
  MeterOnBench m{{{"energy_exponent", "as_power"}}};
  m.run(1.6);
  EXPECT_EQ(exponents(m), (Four{-2, -1, -2, -2}));
}

TEST(FirmwareNumbers, EnergyIntegersAreRecomputedOrKeptWhenTheirFactorChanges) {
  for (const auto& [way, kept] : {std::pair{"recomputed", false}, {"raw_kept", true}}) {
    SCOPED_TRACE(way);
    MeterOnBench m{{{"energy_on_scale_change", way}}};
    m.run(1.6);
    m.balance(346, 1.0, 0);
    m.run(300);  // about 8.6 kWh
    m.balance(346, 0, 0);
    m.run(3);
    const auto raw = m.pair(1);
    const double energy = m.real(257);
    EXPECT_EQ(raw, static_cast<std::uint32_t>(energy * 10));
    m.configure(131, 20);
    m.run_to_end_of_second();
    EXPECT_EQ(exponents(m)[3], -2);
    EXPECT_NEAR(m.real(257), energy, 1e-3) << "the float has no factor";
    EXPECT_EQ(m.pair(1), kept ? raw : static_cast<std::uint32_t>(energy * 100));
    EXPECT_EQ(m.pair(47) == static_cast<std::uint32_t>(m.real(341) * 100), !kept);
    m.cut_power();
    m.run(2);
    EXPECT_EQ(m.pair(1), kept ? raw : static_cast<std::uint32_t>(energy * 100)) << "after a power cut";
    EXPECT_EQ(m.write(129, 30078), 0);
    m.run(2);
    EXPECT_EQ(m.pair(1), 0u) << "a reset is a reset";
  }
}

TEST(FirmwareNumbers, IntegersTooSmallForTheirReadingAreAnOpenQuestion) {
  // 102.5 % of 32000 A in units of 1 A.
  for (const auto& [way, shown] : {std::pair{"saturate", 32767}, {"qnan", 0x8000}, {"wrap", 32800 - 32768}}) {
    MeterOnBench m{{{"scale_algorithm", "full_scale"}, {"overflow", way}}};
    m.run(1.6);
    m.configure(131, 32000);
    m.balance(300, 1.025, 0);
    m.run(2.1);
    EXPECT_EQ(m.word(22), shown) << way;
    EXPECT_NEAR(m.real(299), 32800, 0.1) << way;
  }
}

TEST(FirmwareNumbers, NoValueInThirtyTwoBitsIsAnOpenQuestion) {
  for (const auto& [text, shown] : {std::pair{"80000000", 0x80000000u}, {"80008000", 0x80008000u}, {"zero", 0u}}) {
    MeterOnBench m{{{"qnan_32bit", text}}};
    m.run(1.6);
    m.configure(130, 10);
    EXPECT_EQ(m.pair(49), shown) << text;
    EXPECT_EQ(m.pair(51), shown) << text;
    EXPECT_EQ(m.pair(343), 0x7FC00000u) << "the float is unambiguous";
    EXPECT_NE(m.pair(47), 0x80008000u);
  }
}

TEST(FirmwareNumbers, FloatsAndIntegersAreTwins) {
  MeterOnBench m;
  m.run(1.6);
  m.frequency = 60;
  m.balance(270, 0.63, 25);
  m.run(30);
  const auto integers = m.read(1, 52);
  const auto floats = m.read(257, 90);
  const auto scale = exponents(m);
  const auto as_float = [&](int number) {
    const std::uint32_t raw = static_cast<std::uint32_t>(floats[number - 257]) << 16 | floats[number - 256];
    float value{};
    std::memcpy(&value, &raw, sizeof value);
    return static_cast<double>(value);
  };
  // The slot rule: points in order, 001 and 002 as two slots, every other pair as one.
  int slot = 0;
  for (int number = 1; number <= 51; ++slot) {
    const bool pair = number == 27 || number == 29 || number >= 43;
    const int twin = 257 + 2 * slot;
    double unit = std::pow(10, scale[2]);
    if ((number >= 7 && number <= 8) || (number >= 16 && number <= 21)) unit = std::pow(10, scale[1]);
    if (number == 9 || (number >= 22 && number <= 24)) unit = std::pow(10, scale[0]);
    if (number == 6 || (number >= 13 && number <= 15)) unit = 1e-4;
    if (number == 26) unit = 1e-2;
    if (pair) unit = number == 43 || number == 45 ? 1 : std::pow(10, scale[3]);
    if (number > 2 && number != 25) {
      const double raw = pair ? integers[number - 1] * 65536.0 + integers[number] : integers[number - 1];
      EXPECT_NEAR(raw * unit, as_float(twin), unit * (pair ? 1.0 : 0.501)) << number << " and " << twin;
    }
    number += pair ? 2 : 1;
  }
  EXPECT_EQ(257 + 2 * (slot - 1), 345);
}

}  // namespace
}  // namespace blondel::sim
