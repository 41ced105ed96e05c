#pragma once

#include <array>
#include <vector>

#include "references/quantity.hpp"

namespace blondel {

/// One harmonic, relative to the fundamental of its channel. Its angle is that of
/// sqrt(2)·X1·ratio·cos(order·ωt + angle) when the channel's own fundamental is at angle 0.
struct HarmonicShare {
  int order{};  ///< 2..50
  Ratio of_fundamental;
  Angle angle;
  bool operator==(const HarmonicShare&) const = default;
};

/// What one phase of the source shall give.
struct PhaseLoad {
  Voltage voltage;      ///< rms of the fundamental, line to neutral at the source
  Angle voltage_angle;  ///< absolute, mathematical: positive sequence is 0, -120, +120 degrees
  Current current;      ///< rms of the fundamental, at the source's terminals
  Angle lag;            ///< of the current behind its own voltage; positive is inductive
  std::vector<HarmonicShare> voltage_harmonics;
  std::vector<HarmonicShare> current_harmonics;
  bool operator==(const PhaseLoad&) const = default;
};

/// The stimulus of a test point: what all three phases shall give, at which frequency.
struct LoadPoint {
  Frequency frequency;
  std::array<PhaseLoad, 3> phases;
  bool operator==(const LoadPoint&) const = default;
};

}  // namespace blondel
