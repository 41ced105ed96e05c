#pragma once

#include <array>

#include "drivers/sim/circuit/circuit.hpp"

namespace blondel::sim {

/// What can be wrong with a meter's analog part: the difference between a good and a known-bad meter.
struct AnalogFaults {
  std::array<double, 6> gain_ppm{};  ///< on top of the good meter's own error
  std::array<double, 6>
      phase_urad{};  ///< positive: the channel lags less; a delay, so an order h turns by h times as much
  std::array<double, 6> offset_counts{};
  double noise_counts = 0;                                ///< rms, added to the good meter's own
  std::array<bool, 6> dead{};                             ///< the channel's converter sees nothing
  std::array<Channel, 6> fed_by{ua, ub, uc, ia, ib, ic};  ///< swapped terminals: which signal each converter gets
  double ct_scale = 1;  ///< wrong range resistor: what the CT inputs see of what they should
  bool operator==(const AnalogFaults&) const = default;
};

}  // namespace blondel::sim
