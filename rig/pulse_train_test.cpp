#include "rig/pulse_train.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace blondel {
namespace {

using namespace std::chrono_literals;

/// Closures of 100 ms, one every 200 ms from 10 s on.
std::vector<ContactEdge> train(int pulses) {
  std::vector<ContactEdge> edges;
  std::uint64_t sequence = 0;
  for (int n = 0; n < pulses; ++n) {
    edges.push_back({Time{10s + n * 200ms}, true, ++sequence});
    edges.push_back({Time{10s + n * 200ms + 100ms}, false, ++sequence});
  }
  return edges;
}

TEST(PulseTrainTest, TheShapeIsThatOfTheWorstClosureAndTheWorstGap) {
  auto edges = train(10);
  edges[7].at += 12ms;   // the fourth closure is longer, and the gap after it shorter
  edges[12].at += 30ms;  // the seventh begins later
  const auto shape = pulse_shape(edges, Time{0s}, Time{100s}, 100);
  EXPECT_EQ(shape.closures, 10);
  EXPECT_EQ(shape.gaps, 9);
  EXPECT_NEAR(shape.closure_ms, 70, 1e-9);
  EXPECT_NEAR(shape.gap_ms, 130, 1e-9);
  EXPECT_EQ(pulse_shape(edges, Time{20s}, Time{30s}, 100).closures, 0);
}

TEST(PulseTrainTest, ACounterThatAgreesIsNotToldApartFromAnOldRegister) {
  const auto edges = train(100);  // five a second
  // 15 closures up to 13 s; a register of 11.8 s would hold 10.
  const CounterReading before{1000, Time{9s}, Time{9s + 50ms}};
  EXPECT_EQ(counted_too_much(edges, before, {1010, Time{13s}, Time{13s + 50ms}}, 1200ms), 0);
  EXPECT_EQ(counted_too_much(edges, before, {1016, Time{13s}, Time{13s + 50ms}}, 1200ms), 0);
  EXPECT_EQ(counted_too_much(edges, before, {1020, Time{13s}, Time{13s + 50ms}}, 1200ms), 4);
  EXPECT_EQ(counted_too_much(edges, before, {1005, Time{13s}, Time{13s + 50ms}}, 1200ms), -5);
}

TEST(PulseTrainTest, ACounterMayRollOver) {
  const auto edges = train(5);
  const CounterReading before{4294967294.0, Time{9s}, Time{9s}};
  EXPECT_EQ(counted_too_much(edges, before, {3, Time{20s}, Time{20s}}, 1s), 0);
}

/// Pulses of a steady power from 10 s on, each closing for 10 ms. In bursts: those of a second after its end, one every
/// 20 ms. The first seconds' counts of 2.5 pulses a second are 2, 3, 2, 3.
std::vector<ContactEdge> steady_train(double pulses_a_second, int how_many, bool in_bursts) {
  std::vector<ContactEdge> edges;
  Time free{};
  for (int n = 1; n <= how_many; ++n) {
    const double complete_s = n / pulses_a_second;
    Time at = Time{10s} + seconds(in_bursts ? std::ceil(complete_s) : complete_s);
    at = std::max(at, free);
    free = at + 20ms;
    edges.push_back({at, true, edges.size() + 1});
    edges.push_back({at + 10ms, false, edges.size() + 1});
  }
  return edges;
}

TEST(PulseTrainTest, BurstsOnceASecondAreToldByTheirPattern) {
  const auto bursts = find_bursts(steady_train(2.5, 25, true), Time{10s}, Time{20s + 500ms}, 1s);
  ASSERT_TRUE(bursts);
  EXPECT_NEAR(bursts->period_s, 1, 1e-9);
  // The burst after 10 s is not whole within the window.
  EXPECT_EQ(bursts->given, (std::vector<int>{0, 3, 5, 8, 10, 13, 15, 18, 20}));
  EXPECT_NEAR(bursts->span_s(), 8, 1e-9);
}

TEST(PulseTrainTest, ABurstOfOnePulseAndBurstsThatFillTheSecondAreBurstsToo) {
  const auto sparse = find_bursts(steady_train(0.4, 20, true), Time{10s}, Time{60s}, 1s);
  ASSERT_TRUE(sparse);
  EXPECT_EQ(sparse->given[5], 2);
  const auto dense = find_bursts(steady_train(47, 47 * 20, true), Time{10s}, Time{30s}, 1s);
  ASSERT_TRUE(dense);
  EXPECT_EQ(dense->given[10], 470);
}

TEST(PulseTrainTest, PulsesThatComeAsTheirEnergyCompletesAreNoBursts) {
  for (const double rate : {0.41, 2.04, 7.3, 20.4, 40.8})
    EXPECT_FALSE(find_bursts(steady_train(rate, static_cast<int>(rate * 30), false), Time{10s}, Time{40s}, 1s)) << rate;
  EXPECT_FALSE(find_bursts({}, Time{10s}, Time{40s}, 1s));
}

}  // namespace
}  // namespace blondel
