#pragma once

#include "references/metering/symmetrical_components.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// The effective apparent power of Buchholz and Goodhue and its parts: what the same lines would carry if the load
/// were balanced. NaN where it needs a spectrum that was not measured.
/// Source: IEEE Std 1459, three-phase nonsinusoidal and unbalanced.
struct EffectivePower {
  Voltage voltage;                     ///< Ve
  Current current;                     ///< Ie
  ApparentPower apparent;              ///< Se = 3·Ve·Ie
  Voltage fundamental_voltage;         ///< Ve1
  Current fundamental_current;         ///< Ie1
  Voltage harmonic_voltage;            ///< VeH
  Current harmonic_current;            ///< IeH
  ApparentPower fundamental_apparent;  ///< Se1
  ApparentPower nonfundamental;        ///< SeN = sqrt(Se² - Se1²)
  ApparentPower current_distortion;    ///< DeI = 3·Ve1·IeH
  ApparentPower voltage_distortion;    ///< DeV = 3·VeH·Ie1
  ApparentPower harmonic_apparent;     ///< SeH = 3·VeH·IeH
  ApparentPower harmonic_distortion;   ///< DeH = sqrt(SeH² - PH²)
  ApparentPower positive_apparent;     ///< |S1+| = 3·V+·I+
  ActivePower positive_active;         ///< P1+
  ReactivePower positive_reactive;     ///< Q1+
  ApparentPower unbalance;             ///< SU1 = sqrt(Se1² - |S1+|²)
  double positive_power_factor() const { return positive_active.si() / positive_apparent.si(); }  ///< PF1+
};

/// Mean squares of the lines: Ve² and Ie² are sums of them.
struct LineSquares {
  double to_neutral{};     ///< ΣV_LN², V²; of four wires only
  double between_lines{};  ///< ΣV_LL², V²
  double lines{};          ///< ΣI², A²
  double neutral{};        ///< In², A²; of four wires only
};

/// Four wires: Ve² = (3·ΣV_LN² + ΣV_LL²)/18 and Ie² = (ΣI² + ρ·In²)/3. Three: Ve² = ΣV_LL²/9 and Ie² = ΣI²/3.
struct EffectiveSquares {
  double voltage, current;
};
EffectiveSquares effective_squares(const LineSquares& sums, bool four_wire, double neutral_weight);

/// What the fundamental contributes, from the symmetrical components, so that SU1 of a balanced load is zero to the
/// last digit. Four wires: Ve1² = V+² + V-² + V0²/2 and Ie1² = I+² + I-² + (1 + 3ρ)·I0². Three: Ve1² = V+² + V-² and
/// Ie1² = I+² + I-² + I0² = (Ia1² + Ib1² + Ic1²)/3; I0 is zero there, unless current leaks away beside the lines.
/// @param all       Ve² and Ie² with everything in them
/// @param harmonic  the same of all that is not fundamental
/// @param harmonic_active  P_H, summed over the elements
EffectivePower effective_power(const EffectiveSquares& all, const EffectiveSquares& harmonic,
                               ActivePower harmonic_active, const SymmetricalComponents& voltage,
                               const SymmetricalComponents& current, bool four_wire, double neutral_weight);

/// Ve, Ie and Se alone; NaN for the rest.
EffectivePower effective_power(const EffectiveSquares& all);

}  // namespace blondel
