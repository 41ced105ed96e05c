#include "drivers/sim/firmware/meter_on_bench.hpp"

extern "C" {
#include "drivers/sim/firmware/series_4000_k/nv_store.h"
}

namespace blondel::sim {
namespace {

// The service bench: the store is read, changed and written back with the supply off.
template <class Edit>
void edit_store(MeterOnBench& m, Edit edit) {
  m.power_fail();
  nv_content content{};
  ASSERT_TRUE(nv_load(&m.hal(), &content));
  edit(content);
  nv_save(&m.hal(), &content);
  m.power_up();
  m.run(2);
}

// A day, second by second; the sum in whole products of codes is exact in 64 bits.
TEST(FirmwareAccumulators, SumADayWithoutDrift) {
  MeterOnBench m;
  m.run(1.1);
  readings r{};
  for (int k = 0; k < 3; ++k) {
    r.counts[k] = true;
    r.apparent[k] = 1.0 / 3;
    r.reactive[k] = 0.1;
    r.current[k] = 1;
  }
  r.reactive_total = 0.3;
  energy_start(nullptr);
  std::int64_t sum = 0;
  for (int second = 0; second < 86400; ++second) {
    const std::int64_t product[3] = {7'000'000'003 + second * 11, -5'000'000'019 - second * 7, 999'999'937};
    energy_sample(product);
    energy_second(&r);
    sum += product[0] - product[1] + product[2];
  }
  const auto* e = energy_now();
  const double wh = energy_per_product() * static_cast<double>(sum);
  EXPECT_NEAR(energy_kilo(&e->real) * 1000, wh, wh * 1e-13 * 86400);
  EXPECT_NEAR(energy_kilo(&e->real) * 1000, wh, wh * 1e-11);
  EXPECT_NEAR(energy_kilo(&e->apparent) * 1000, 24.0, 1e-9) << "1 VA for a day";
  EXPECT_NEAR(energy_kilo(&e->reactive) * 1000, 7.2, 1e-9);
}

TEST(FirmwareAccumulators, SmallPowersStillCountAfterMuchEnergy) {
  MeterOnBench m;
  energies saved{};
  saved.real.whole = 400'000'000'000;  // 400 GWh
  energy_start(&saved);
  m.run(0.1);
  readings r{};
  r.counts[0] = true;
  for (int k = 0; k < 3; ++k) r.current[k] = k == 0 ? 1 : NAN;
  const double unit = energy_per_product();
  for (int second = 0; second < 100'000; ++second) {
    const std::int64_t product[3] = {static_cast<std::int64_t>(1e-5 / unit), 0, 0};
    energy_sample(product);
    energy_second(&r);
  }
  EXPECT_NEAR(static_cast<double>(energy_now()->real.whole - saved.real.whole) + energy_now()->real.rest, 1.0, 1e-3);
}

TEST(FirmwareAccumulators, ThirtyTwoBitsRollOver) {
  MeterOnBench m;
  m.run(1.6);
  edit_store(m, [](nv_content& c) {
    // In units of 0.1 kWh: 2^32 - 1 and a bit.
    c.energies.real.whole = 4294967295ull * 100 + 50;
    c.energies.reactive.whole = 4294967296ull * 100 + 700;
    c.energies.real_phase[1].whole = 4294967295ull * 100;
    c.pulses.real = 4294967294u;
    c.pulses.reactive = 4294967295u;
  });
  EXPECT_EQ(m.pair(1), 4294967295u);
  EXPECT_EQ(m.pair(29), 7u);
  EXPECT_EQ(m.pair(49), 4294967295u);
  EXPECT_EQ(m.pair(43), 4294967294u);
  EXPECT_EQ(m.real(337), 4294967040.0) << "the largest float below 2^32";
  EXPECT_EQ(m.real(339), 4294967040.0);
  m.configure(144, 10);
  m.balance(346, 1.0, 60);
  m.run(10);
  EXPECT_LT(m.pair(1), 100u);
  EXPECT_LT(m.pair(43), 100u);
  EXPECT_LT(m.pair(45), 100u);
  EXPECT_EQ(m.real(337), m.pair(43));
  EXPECT_GT(m.real(257), 429e6) << "the float goes on";
}

TEST(FirmwareAccumulators, ResetsAndPowerUpsAreCountedModulo32768) {
  for (const auto& [end, resets] : {std::pair{"rolls_over", 0}, {"stops", 32767}}) {
    MeterOnBench m{{{"count_end", end}}};
    m.run(1.6);
    EXPECT_EQ(m.word(152), 1);
    edit_store(m, [](nv_content& c) {
      c.energies.resets = 32767;
      c.power_ups = 32766;
    });
    EXPECT_EQ(m.word(152), 32767);
    EXPECT_EQ(m.write(129, 30078), 0);
    m.run_to_end_of_second();
    EXPECT_EQ(m.word(147), resets) << end;
    m.cut_power();
    m.run(2);
    EXPECT_EQ(m.word(152), resets) << end;
  }
}

TEST(FirmwareAccumulators, AResetCountsOnceOrForEachOfThem) {
  for (const auto& [way, count] : {std::pair{"commands", 2}, {"registers", 12}}) {
    MeterOnBench m{{{"reset_count", way}}};
    m.run(1.6);
    for (int n = 0; n < 2; ++n) {
      EXPECT_EQ(m.write(129, 30078), 0);
      m.run_to_end_of_second();
    }
    EXPECT_EQ(m.word(147), count) << way;
  }
}

TEST(FirmwareAccumulators, ClearToZeroAllTogether) {
  MeterOnBench m;
  m.run(1.6);
  m.balance(346, 0.8, 45);
  m.run(200);
  m.balance(346, 0, 0);
  m.run(3);
  for (const int number : {1, 27, 29, 47, 49, 51}) EXPECT_GT(m.pair(number), 0u) << number;
  EXPECT_EQ(m.write(129, 30078), 0);
  m.run_to_end_of_second();
  for (const int number : {1, 27, 29, 47, 49, 51, 257, 259, 309, 311, 341, 343, 345}) EXPECT_EQ(m.pair(number), 0u);
}

TEST(FirmwareNvStore, ATornCopyLeavesTheOneBeforeIt) {
  MeterOnBench m;
  m.run(1.6);
  m.configure(131, 200);
  m.configure(131, 300);
  m.power_fail();
  // Either copy may be the newer; tear each in turn, in its content.
  const auto whole = m.store();
  for (const int copy : {0, 1}) {
    m.store() = whole;
    for (int n = 100; n < 140; ++n) m.store()[static_cast<std::size_t>(copy) * nv_copy_bytes + n] ^= 0x5A;
    m.power_up();
    m.run(2);
    EXPECT_EQ(m.word(131), 300) << copy;
    EXPECT_EQ(m.word(152), 2) << copy;
  }
}

TEST(FirmwareNvStore, WithoutAWholeCopyTheFactorysValuesHold) {
  MeterOnBench m;
  m.run(1.6);
  m.configure(131, 200);
  m.configure(130, 31);
  m.power_fail();
  for (std::size_t n = 0; n < m.store().size(); n += 50) m.store()[n] ^= 1;
  m.power_up();
  m.run(2);
  EXPECT_EQ(m.word(131), 100);
  EXPECT_EQ(m.word(130), 40);
  EXPECT_EQ(m.word(152), 1);
}

TEST(FirmwareNvStore, EnergyLostAtAPowerCutDependsOnWhenItIsSaved) {
  const auto lost_wh = [](std::map<std::string, std::string> variants, bool warned) {
    MeterOnBench m{std::move(variants)};
    m.run(1.6);
    m.balance(346.41, 1.0, 0);  // 28.87 Wh a second
    m.run(100);
    const double before = m.real(257);
    m.run(0.5);
    m.cut_power(warned);
    m.balance(346.41, 0, 0);
    m.run(2);
    return (before - m.real(257)) * 1000;
  };
  EXPECT_LT(lost_wh({}, true), 1);
  EXPECT_LT(lost_wh({}, false), 30) << "at most the second that was running";
  EXPECT_LT(lost_wh({{"nv_save_interval_s", "60"}}, true), 1);
  EXPECT_GT(lost_wh({{"nv_save_interval_s", "60"}, {"power_fail_save", "missing"}}, true), 300);
}

}  // namespace
}  // namespace blondel::sim
