#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <functional>
#include <vector>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/circuit/error_distribution.hpp"

namespace blondel::sim {

/// What a three-phase instrument makes of one interval; phases in the order of Channel.
struct IntervalAverage {
  double frequency_hz = 0;            ///< 0 while there is no voltage
  std::array<double, 6> rms{};        ///< V, V, V, A, A, A
  std::array<Phasor, 6> fundamental;  ///< complex rms, turned so that UL1 (or the first channel that lives) is at 0
  /// Complex rms by order (DC as it is), turned by order times what brings the fundamental to angle 0; the mean over
  /// the interval.
  std::array<Spectrum, 6> spectrum;
  std::array<double, 3> active{};    ///< W, all harmonics
  std::array<double, 3> reactive{};  ///< var, of the fundamental
};

/// The errors of an instrument's own inputs: each channel is multiplied by its factor.
struct InputErrors {
  std::array<Phasor, 6> factor{1, 1, 1, 1, 1, 1};
  /// Each input's own gain and phase.
  static InputErrors drawn(std::uint64_t seed, const ErrorDistribution& gain_ppm, const ErrorDistribution& phase_urad);
};

/// Averages over stretches, each weighted by its length.
IntervalAverage average(const std::vector<Stretch>& stretches, const InputErrors& errors);
/// The same for an instrument whose errors depend on the load, by its number.
IntervalAverage average(const std::vector<Stretch>& stretches,
                        const std::function<InputErrors(std::uint64_t load)>& errors_at);

/// A normally distributed number that depends on its keys alone: not on who asks, nor in which order.
double keyed_normal(std::uint64_t seed, std::uint64_t interval, std::uint64_t quantity);

}  // namespace blondel::sim
