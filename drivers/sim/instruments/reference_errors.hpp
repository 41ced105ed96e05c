#pragma once

#include <cstdint>

#include "drivers/sim/instruments/interval_average.hpp"

namespace blondel::sim {

/// How the systematic errors of a reference meter are drawn from the seed.
struct ReferenceErrorTraits {
  std::uint64_t seed = 1;
  ErrorDistribution gain_ppm = 3;        ///< of each input
  ErrorDistribution phase_urad = 3;      ///< of each input
  ErrorDistribution power_gain_ppm{};    ///< of the power of all elements alike; voltages and currents have half each
  ErrorDistribution power_phase_urad{};  ///< of all currents before their voltages alike
  double common_gain_ppm = 0;            ///< of all inputs alike: a drift that no comparison of its own readings shows
  bool at_every_load = false;            ///< drawn afresh for each set-point of the source, else for good
};

/// The systematic errors of a reference meter's inputs.
class ReferenceErrors {
 public:
  explicit ReferenceErrors(const ReferenceErrorTraits& traits);
  /// Those that hold while a load stands, by the number of its set-point.
  const InputErrors& at(std::uint64_t load) const;

 private:
  InputErrors drawn(std::uint64_t load) const;

  ReferenceErrorTraits traits_;
  mutable InputErrors last_;
  mutable std::uint64_t load_ = 0;  ///< of last_
};

}  // namespace blondel::sim
