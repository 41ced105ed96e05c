#pragma once

#include <array>
#include <limits>
#include <optional>

#include "references/load_point.hpp"
#include "references/metering/connection.hpp"
#include "references/metering/element.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// The truth about a steady stimulus: what stands at the three lines, as spectra.
struct PhasorSet {
  Frequency frequency{};              ///< of the fundamental
  std::array<Spectrum, 3> voltage{};  ///< potentials of A, B, C against the source's neutral, V
  std::array<Spectrum, 3> current{};  ///< into the load through A, B, C, A
};

/// What a perfect meter would read.
struct Quantities {
  Frequency frequency;
  std::array<std::optional<Voltage>, 3> voltage_ln;  ///< AN, BN, CN
  std::array<std::optional<Voltage>, 3> voltage_ll;  ///< AB, BC, AC
  std::array<std::optional<Current>, 3> current;     ///< A, B, C
  /// The elements of the system type, signed. In a delta against the virtual neutral, whose voltage is no reading.
  std::array<std::optional<Element>, 3> phase;

  std::optional<Voltage> voltage_ln_average, voltage_ll_average;  ///< means of the valid ones
  Current current_average;                                        ///< mean of the valid ones

  ActivePower active;                 ///< sum over the elements, signed
  ReactivePower reactive;             ///< sum of Q1, signed
  ApparentPower apparent_arithmetic;  ///< sum of the elements' S
  ApparentPower apparent_vector;      ///< sqrt(P² + Q1²) of the totals
  /// Of Buchholz and Goodhue; exists with three current sensors.
  std::optional<ApparentPower> apparent_effective;

  double power_factor() const { return active.si() / apparent_arithmetic.si(); }  ///< NaN without load
  double vector_power_factor() const { return active.si() / apparent_vector.si(); }
};

/// Level 0 of the reference model: everything in closed form from the phasors, no sample and no window.
///
/// 10: v_an·i_a. 11: v_ab·i_a. 12: v_an·i_a + v_bn·i_b. 40: the sum of v_kn·i_k. 31: the same against the mean of
/// the three potentials, v_a0 = (v_ab - v_ca)/3 and cyclic; where the currents sum to zero the total does not depend
/// on that choice.
/// Source: Blondel's theorem; IEEE Std 1459 for the apparent powers.
Quantities phasor_metering(const PhasorSet& set, SystemType type);

/// The spectra of a load point. A harmonic's angle counts from the fundamental of its own channel, so a channel
/// turned by φ turns its order h by h·φ.
/// @param current_ratio  amperes at the meter's sensor for each ampere at the source's terminals
PhasorSet phasors(const LoadPoint& point, double current_ratio = 1);

/// (measured - truth) / truth: positive where the meter registers too much. NaN, which no limit passes, where the
/// truth is zero.
template <class Kind>
Ratio percentage_error(Quantity<Kind> measured, Quantity<Kind> truth) {
  if (truth.si() == 0) return Ratio{std::numeric_limits<double>::quiet_NaN()};
  return Ratio{(measured - truth) / truth};
}

}  // namespace blondel
