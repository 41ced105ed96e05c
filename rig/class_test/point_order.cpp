#include "rig/class_test/point_order.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

namespace blondel {

namespace {

using PointSequence = std::vector<std::size_t>;

/// What the current heats: the mean square over the elements.
double heating(const LoadPoint& point) {
  double squares = 0;
  for (const auto& p : point.phases) squares += p.current.si() * p.current.si();
  return squares;
}

/// Cost first, then how often the current rises, then nothing.
struct OrderWorth {
  Duration cost{};
  int rises = 0;
  auto operator<=>(const OrderWorth&) const = default;
};

/// The roads between points, each as one number in which the cost always outweighs the rises. Row n is where the
/// source is now.
class PointRoads {
 public:
  PointRoads(const std::vector<LoadPoint>& points, const SourceForecast& now) : points_{points}, now_{now} {
    for (const auto& p : points) heat_.push_back(heating(p));
    std::vector<std::unique_ptr<SourceForecast>> after;
    for (const auto& p : points) {
      after.push_back(now.copy());
      after.back()->apply(p);
    }
    take(after);
  }

  std::size_t count() const { return points_.size(); }
  std::size_t start() const { return points_.size(); }
  std::int64_t road(std::size_t from, std::size_t to) const { return roads_[from * count() + to]; }

  /// Costs anew, each point left in the state in which this order leaves it: a range that is kept from the point before
  /// is another way on.
  void take_along(const PointSequence& order) {
    std::vector<std::unique_ptr<SourceForecast>> after(count());
    auto here = now_.copy();
    for (const auto i : order) {
      here->apply(points_[i]);
      after[i] = here->copy();
    }
    take(after);
  }

  OrderWorth worth(const PointSequence& order) const {
    OrderWorth worth{cost_of_order(points_, order, now_), 0};
    for (std::size_t k = 1; k < order.size(); ++k) worth.rises += rises(order[k - 1], order[k]) ? 1 : 0;
    return worth;
  }

 private:
  // Computed currents of one point differ in their last bits.
  bool rises(std::size_t from, std::size_t to) const { return from != start() && heat_[to] > heat_[from] * (1 + 1e-9); }

  void take(const std::vector<std::unique_ptr<SourceForecast>>& after) {
    const auto n = count();
    const auto outweigh = static_cast<std::int64_t>(n) + 1;
    roads_.assign((n + 1) * n, 0);
    for (std::size_t i = 0; i <= n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        if (i == j) continue;
        const auto then = (i == n ? now_ : *after[i]).copy();
        roads_[i * n + j] = then->apply(points_[j]).count() * outweigh + (rises(i, j) ? 1 : 0);
      }
  }

  const std::vector<LoadPoint>& points_;
  const SourceForecast& now_;
  std::vector<double> heat_;
  std::vector<std::int64_t> roads_;
};

/// The nearest that is left, again and again; of equals the one that stands first in `rank`.
PointSequence nearest_neighbours(const PointRoads& roads, const PointSequence& rank, std::size_t first) {
  PointSequence left = rank, order{first};
  std::erase(left, first);
  while (!left.empty()) {
    const auto next = std::ranges::min_element(left, {}, [&](std::size_t j) { return roads.road(order.back(), j); });
    order.push_back(*next);
    left.erase(next);
  }
  return order;
}

/// Betters an order by moving pieces of up to three points elsewhere and by reversing pieces, as long as that helps.
class OrderBettering {
 public:
  OrderBettering(const PointRoads& roads, PointSequence order) : roads_{roads}, order_{std::move(order)} {}

  PointSequence run() {
    // Every change makes the sum smaller, so this ends; the bound is for the patience of whoever waits.
    for (int round = 0; round < most_rounds && (reverse() || move()); ++round) {
    }
    return std::move(order_);
  }

 private:
  static constexpr int most_rounds = 200;

  std::size_t n() const { return order_.size(); }
  /// The road to the point at k from the one before it.
  std::int64_t into(std::size_t k) const { return roads_.road(k == 0 ? roads_.start() : order_[k - 1], order_[k]); }
  std::int64_t between(std::size_t from, std::size_t to) const { return roads_.road(order_[from], order_[to]); }
  /// The road from here to the point at `to`; none behind the end.
  std::int64_t onward(std::size_t from_point, std::size_t to) const {
    return to < n() ? roads_.road(from_point, order_[to]) : 0;
  }

  bool reverse() {
    bool better = false;
    for (std::size_t i = 0; i + 1 < n(); ++i) {
      std::int64_t forth = 0, back = 0;
      for (std::size_t j = i + 1; j < n(); ++j) {
        forth += between(j - 1, j);
        back += between(j, j - 1);
        const auto before = i == 0 ? roads_.start() : order_[i - 1];
        const auto old_way = into(i) + forth + onward(order_[j], j + 1);
        const auto new_way = roads_.road(before, order_[j]) + back + onward(order_[i], j + 1);
        if (new_way >= old_way) continue;
        std::reverse(order_.begin() + static_cast<std::ptrdiff_t>(i),
                     order_.begin() + static_cast<std::ptrdiff_t>(j) + 1);
        better = true;
        break;
      }
    }
    return better;
  }

  bool move() {
    bool better = false;
    for (std::size_t length = 1; length <= 3; ++length)
      for (std::size_t i = 0; i + length <= n(); ++i) better = move_piece(i, length) || better;
    return better;
  }

  /// Takes the piece out and looks for the best gap for it.
  bool move_piece(std::size_t i, std::size_t length) {
    const auto first = order_[i], last = order_[i + length - 1];
    const auto point_before = i == 0 ? roads_.start() : order_[i - 1];
    const auto saved = into(i) + onward(last, i + length) - onward(point_before, i + length);
    std::int64_t least = saved;
    std::size_t gap = n();
    for (std::size_t k = 0; k <= n(); ++k) {  // in front of what is at k
      if (k >= i && k <= i + length) continue;
      const auto ahead = k == 0 ? roads_.start() : order_[k - 1];
      const auto added = roads_.road(ahead, first) + onward(last, k) - onward(ahead, k);
      if (added < least) {
        least = added;
        gap = k;
      }
    }
    if (least >= saved) return false;
    const auto at = [&](std::size_t k) { return order_.begin() + static_cast<std::ptrdiff_t>(k); };
    if (gap < i)
      std::rotate(at(gap), at(i), at(i + length));
    else
      std::rotate(at(i), at(i + length), at(gap));
    return true;
  }

  const PointRoads& roads_;
  PointSequence order_;
};

}  // namespace

Duration cost_of_order(const std::vector<LoadPoint>& points, const std::vector<std::size_t>& order,
                       const SourceForecast& now) {
  Duration cost{};
  const auto here = now.copy();
  for (const auto i : order) cost += here->apply(points.at(i));
  return cost;
}

std::vector<std::size_t> cheapest_order(const std::vector<LoadPoint>& points, const SourceForecast& now) {
  PointSequence given(points.size());
  std::iota(given.begin(), given.end(), std::size_t{0});
  if (points.size() < 2) return given;

  PointRoads roads{points, now};
  auto best = given;
  auto best_worth = roads.worth(given);
  const auto keep = [&](PointSequence order) {
    if (const auto worth = roads.worth(order); worth < best_worth) {
      best_worth = worth;
      best = std::move(order);
    }
  };
  auto falling = given;
  std::ranges::stable_sort(falling, std::greater{}, [&](std::size_t i) { return heating(points[i]); });
  keep(falling);

  const auto from_beginnings = [&] {
    const auto nearest =
        *std::ranges::min_element(falling, {}, [&](std::size_t j) { return roads.road(roads.start(), j); });
    for (const auto first : {falling.front(), nearest, falling.back()})
      keep(OrderBettering{roads, nearest_neighbours(roads, falling, first)}.run());
    keep(OrderBettering{roads, best}.run());
  };
  from_beginnings();
  // Few points are worth another look along the way that was found.
  const int looks = points.size() <= 100 ? 2 : 1;
  for (int look = 0; look < looks; ++look) {
    const auto before = best_worth;
    roads.take_along(best);
    from_beginnings();
    if (best_worth == before) break;
  }
  return best;
}

}  // namespace blondel
