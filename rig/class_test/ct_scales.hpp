#pragma once

#include <vector>

#include "rig/run.hpp"

namespace blondel {

/// What a watt that a meter registers is on the source's side of its CT substitute: the meter's CT primary is only a
/// number in it, and stands for the bench's.
class CtScales {
 public:
  /// Reads every position's CT primary. Positions that do not answer have no scale.
  Task<void> learn(Run& run, Time slot_end);
  /// Source side by register; not a number where it could not be read.
  double of(const Run& run, const Position& position) const;

 private:
  Task<void> learn_one(Run& run, Position& position);
  std::vector<double> by_position_;
};

}  // namespace blondel
