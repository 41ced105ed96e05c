#include "rig/class_test/point_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

#include "rig/balanced_load.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;
using Indices = std::vector<std::size_t>;

LoadPoint with_current(double amperes) {
  return balanced_load(SystemType::wye, Voltage{480}, Current{amperes}, Angle{0}, Frequency{60});
}

/// Points are told apart by their current; the cost of each road stands in a table, and row n is the way from off.
class TabledForecast final : public SourceForecast {
 public:
  using Table = std::vector<std::vector<int>>;
  TabledForecast(const Table& seconds, const std::vector<LoadPoint>& points)
      : seconds_{seconds}, points_{points}, here_{points.size()} {}
  Duration apply(const LoadPoint& point) override {
    const auto to = static_cast<std::size_t>(std::ranges::find(points_, point) - points_.begin());
    return std::chrono::seconds{seconds_.at(std::exchange(here_, to)).at(to)};
  }
  void off() override { here_ = points_.size(); }
  std::unique_ptr<SourceForecast> copy() const override { return std::make_unique<TabledForecast>(*this); }

 private:
  const Table& seconds_;
  const std::vector<LoadPoint>& points_;
  std::size_t here_;
};

/// A source with a range a decade: 10 s from point to point, 32 s when the range changes.
class DecadesForecast final : public SourceForecast {
 public:
  Duration apply(const LoadPoint& point) override {
    const double decade = std::floor(std::log10(point.phases[0].current.si()));
    return decade == std::exchange(decade_, decade) ? 10s : 32s;
  }
  void off() override { decade_ = 99; }
  std::unique_ptr<SourceForecast> copy() const override { return std::make_unique<DecadesForecast>(*this); }

 private:
  double decade_ = 99;
};

Indices as_given(std::size_t n) {
  Indices order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

bool each_once(Indices order, std::size_t n) {
  std::ranges::sort(order);
  return order == as_given(n);
}

TEST(PointOrderTest, EveryRangeIsEnteredOnce) {
  std::vector<LoadPoint> points;
  for (const double amperes : {5.0, 0.05, 0.5, 2.0, 0.02, 0.2, 1.0, 0.08, 0.3}) points.push_back(with_current(amperes));
  const DecadesForecast now;
  const auto order = cheapest_order(points, now);
  EXPECT_EQ(cost_of_order(points, as_given(points.size()), now), 9 * 32s);
  EXPECT_EQ(cost_of_order(points, order, now), 3 * 32s + 6 * 10s);
  EXPECT_EQ(order, (Indices{0, 3, 6, 2, 8, 5, 7, 1, 4})) << "of the cheapest, the one with falling currents";
}

TEST(PointOrderTest, WhereAllCostTheSameTheCurrentFalls) {
  std::vector<LoadPoint> points;
  for (const double amperes : {0.1, 3.0, 1.0, 3.0, 0.5}) points.push_back(with_current(amperes));
  points[3].phases[0].lag = degrees(60);
  const TabledForecast::Table table(6, std::vector<int>(5, 7));
  const TabledForecast now{table, points};
  EXPECT_EQ(cheapest_order(points, now), (Indices{1, 3, 2, 4, 0})) << "and equals stay as they were given";
}

TEST(PointOrderTest, OneWayRoadsAreTakenTheirWay) {
  std::vector<LoadPoint> points;
  for (int i = 1; i <= 5; ++i) points.push_back(with_current(i));
  // Cheap only 2 -> 0 -> 4 -> 1 -> 3, beginning at 2.
  TabledForecast::Table table(6, std::vector<int>(5, 30));
  table[5][2] = table[2][0] = table[0][4] = table[4][1] = table[1][3] = 10;
  const TabledForecast now{table, points};
  EXPECT_EQ(cheapest_order(points, now), (Indices{2, 0, 4, 1, 3}));
}

TEST(PointOrderTest, NothingAndOnePointAreInOrder) {
  const DecadesForecast now;
  EXPECT_TRUE(cheapest_order({}, now).empty());
  EXPECT_EQ(cheapest_order({with_current(1)}, now), Indices{0});
}

// The least of all orders by trying them all; random roads are harder than any source's.
TEST(PointOrderTest, RandomRoadsAreNeverDearerThanGivenAndMostlyTheLeast) {
  std::mt19937_64 random{20261120};
  int least_found = 0;
  constexpr int cases = 60;
  for (int c = 0; c < cases; ++c) {
    const std::size_t n = 2 + random() % 6;
    std::vector<LoadPoint> points;
    for (std::size_t i = 0; i < n; ++i) points.push_back(with_current(1 + static_cast<double>(i)));
    TabledForecast::Table table(n + 1, std::vector<int>(n));
    for (auto& row : table)
      for (auto& seconds : row) seconds = static_cast<int>(1 + random() % 50);
    const TabledForecast now{table, points};
    const auto order = cheapest_order(points, now);
    ASSERT_TRUE(each_once(order, n));
    const auto found = cost_of_order(points, order, now);
    EXPECT_LE(found, cost_of_order(points, as_given(n), now));
    auto trial = as_given(n);
    auto least = found;
    do least = std::min(least, cost_of_order(points, trial, now));
    while (std::ranges::next_permutation(trial).found);
    least_found += found == least ? 1 : 0;
    EXPECT_LE(in_seconds(found), 1.5 * in_seconds(least));
  }
  EXPECT_GE(least_found, cases * 8 / 10);
}

TEST(PointOrderTest, TheSamePointsComeInTheSameOrder) {
  std::mt19937_64 random{7};
  std::vector<LoadPoint> points;
  for (int i = 0; i < 40; ++i) points.push_back(with_current(0.05 + static_cast<double>(random() % 700) / 100));
  const DecadesForecast now;
  const auto order = cheapest_order(points, now);
  EXPECT_EQ(order, cheapest_order(points, now));
  EXPECT_TRUE(each_once(order, points.size()));
}

// A class matrix of balanced and single-phase load on the first bench's source, in the order of a standard's rows.
TEST_F(RigTest, AClassMatrixIsOrderedSoThatTheSourceSeldomSwitchesOff) {
  auto file = load_bench(file_with("bench.yaml", bench_text()));
  const auto world = world_of(file, "", 1);
  const Bench bench{std::move(file), *world.around};
  std::vector<LoadPoint> points;
  for (const double lag : {0.0, 60.0, -36.87, 75.52})
    for (const double amperes : {0.05, 0.25, 0.5, 2.5, 5.0, 6.0})
      for (int element = 0; element <= 3; ++element) {
        points.push_back(with_current(amperes));
        for (int k = 0; k < 3; ++k) {
          auto& phase = points.back().phases[static_cast<std::size_t>(k)];
          phase.lag = degrees(lag);
          if (element != 0 && k + 1 != element) phase.current = Current{0};
        }
      }
  const auto now = bench.source().forecast();
  const auto order = cheapest_order(points, *now);
  ASSERT_TRUE(each_once(order, points.size()));
  const auto given = cost_of_order(points, as_given(points.size()), *now);
  const auto found = cost_of_order(points, order, *now);
  // As given, almost every point changes the loaded element and switches off: 32 s each. At least 10 s are needed.
  EXPECT_GT(given, 90 * 32s);
  EXPECT_LT(found, 96 * 10s + 16 * 22s + 96 * 1s) << "four sets of elements, at most four times off in each";
}

TEST_F(RigTest, ACopiedForecastGoesOnByItself) {
  auto file = load_bench(file_with("bench.yaml", bench_text()));
  const auto world = world_of(file, "", 1);
  const Bench bench{std::move(file), *world.around};
  const auto first = bench.source().forecast();
  const auto from_off = first->apply(with_current(5));
  const auto second = first->copy();
  const auto on = second->apply(with_current(4));
  EXPECT_LT(on, from_off);
  second->off();
  EXPECT_EQ(first->apply(with_current(4)), on) << "switching the copy off is not its business";
}

}  // namespace
}  // namespace blondel
