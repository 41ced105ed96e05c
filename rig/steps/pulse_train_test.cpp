#include "rig/steps/pulse_train.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace blondel
