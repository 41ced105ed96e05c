#pragma once

#include <array>
#include <complex>
#include <optional>
#include <string_view>

#include "references/quantity.hpp"

namespace blondel {

/// Fortescue's components of three phasors, rms, by the sequence a-b-c: on a circuit that turns a-c-b everything
/// stands in the negative sequence.
/// Source: C. L. Fortescue, Method of symmetrical co-ordinates, 1918.
struct SymmetricalComponents {
  std::complex<double> zero, positive, negative;  ///< angle of phase a
};
SymmetricalComponents symmetrical_components(const std::array<std::complex<double>, 3>& phasors);

enum class Rotation { abc, acb, none };
/// The way three voltages turn: none where the weaker sequence has more than 0.8 of the stronger, as with one phase
/// alone. Two phases of three still tell (0.5). The 0.8 is ours.
Rotation rotation(const SymmetricalComponents& voltage);
/// "a-b-c", "a-c-b", "none"
std::string_view name(Rotation rotation);

/// The largest distance from the mean, of the mean. NaN where all are zero. Of voltages between lines it is the
/// unbalance of NEMA MG 1, of phase voltages the PVUR of IEEE Std 141 (in their words: maximum deviation from average).
Ratio deviation_from_mean(const std::array<double, 3>& magnitudes);

/// |V-|/|V+| from three magnitudes between lines alone: with β = ΣV⁴/(ΣV²)²,
/// u2 = sqrt((1 - sqrt(3 - 6β))/(1 + sqrt(3 - 6β))). Written so that nothing cancels near balance. NaN where the
/// three form no triangle.
/// Source: IEC 61000-4-30, supply voltage unbalance.
Ratio unbalance_of_line_voltages(const std::array<double, 3>& magnitudes);

}  // namespace blondel
