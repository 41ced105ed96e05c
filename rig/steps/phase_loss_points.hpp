#pragma once

#include <optional>
#include <string>

#include "references/load_point.hpp"
#include "references/series_4000_k/phase_loss.hpp"

namespace blondel {

/// A phase-loss test on one meter: how it is set up, and which line's voltage is lowered.
struct PhaseLossCase {
  series_4000_k::Configuration configuration;
  std::size_t phase{};  ///< 0, 1, 2: A, B, C
  Current current;      ///< at the source's terminals
  Frequency frequency;

  /// The balanced load with one line's voltage lowered to a share of its nominal value.
  LoadPoint load(double share) const;
  /// What register 146 must show of phase loss; all other bits are free.
  series_4000_k::AlertExpectation expected(const Quantities& truth, bool lost_before) const;
};

/// The voltage nearest to its limit, or furthest below it: "AN" or "AB".
struct DecidingVoltage {
  std::string name;
  Voltage voltage, limit;
};
DecidingVoltage deciding_voltage(const PhaseLossCase& at, const Quantities& truth);

/// Where every permitted reading of the data sheet says the same, as a share of the lowered line's nominal voltage:
/// the last that is fine, the first that is lost, and the first that is fine again after a loss.
struct PhaseLossBounds {
  double clear{}, lost{}, recovered{};
};
/// @returns nothing where lowering this one line never decides, for example because the drop is so small that a meter
///          within its accuracy may tell a loss at nominal voltage.
std::optional<PhaseLossBounds> phase_loss_bounds(const PhaseLossCase& at);

/// The same shares moved on until the voltage that decides is beyond its bound by a margin: a voltage between lines
/// moves less than the line that is lowered, the less the deeper the drop.
/// @param margin  of the deciding voltage
/// @returns nothing where one of them lies outside 1 % to 100 % of the line's voltage.
std::optional<PhaseLossBounds> points_beyond(const PhaseLossCase& at, const PhaseLossBounds& bounds, double margin);

}  // namespace blondel
