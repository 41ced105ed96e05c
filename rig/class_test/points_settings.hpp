#pragma once

#include <string>
#include <vector>

#include "references/settings.hpp"
#include "rig/class_test/claimed_class.hpp"

namespace blondel {

/// Which load points a plan wants tested.
class PointsSettings {
 public:
  struct Wanted {
    ClassPoint point;
    std::string where;  ///< its place in the plan
  };

  /// Reads a step's `points`: `all`, `all and on request`, `balanced`, or a list of points such as
  /// `{current: 0.05 In, power_factor: 0.5 ind, element: 2}` (of reactive energy `sine: 0.5 ind`); and its `order`:
  /// `cheapest` or `as written`; without it a list is taken as written.
  /// @throws Failure(malformed) where it stands, also where no class sets a limit: no limit is never a pass.
  static PointsSettings of(const Settings& step, const std::vector<ClaimedClass>& classes);

  /// Whether the standard says which points there are, and not the plan.
  bool by_the_standard() const { return !by_the_standard_.empty(); }
  bool cheapest_order() const { return cheapest_order_; }
  /// The points on a wiring with so many elements of its own, each once.
  /// @throws Failure(malformed) for a point that loads an element there is not
  std::vector<Wanted> points(int elements) const;

 private:
  std::vector<ClaimedClass> by_the_standard_;  // the classes whose points are wanted; none: the list's
  bool on_request_ = false, balanced_only_ = false, cheapest_order_ = false;
  std::string where_;
  std::vector<Wanted> listed_;
};

}  // namespace blondel
