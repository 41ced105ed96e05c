#pragma once

#include <optional>

#include "references/metering/phasor_metering.hpp"
#include "references/series_4000_k/configuration.hpp"
#include "references/series_4000_k/expectation.hpp"
#include "references/standards/limit_table.hpp"

namespace blondel::series_4000_k {

/// What a percentage of the data sheet's voltage and current statement is taken of; it does not say. Of the reading is
/// the stricter one.
enum class PercentOf { reading, full_scale };

/// The class tables that the data sheet names, with their temperature coefficients.
struct ClassTables {
  LimitTable balanced, single_phase;                    ///< of active energy
  LimitTable reactive_balanced, reactive_single_phase;  ///< of reactive energy
  Ratio active_per_kelvin, reactive_per_kelvin;         ///< at unity; at sin 0.5, the wider one
  /// IEC 62053-22 class 0.5S and IEC 62053-23 class 2. @throws Failure when the tables cannot be read.
  static ClassTables class_0_5_s();
};

/// What decides how large an error may be: the nominal load, never the measured one, so that no limit flickers.
struct Conditions {
  Quantities nominal{};  ///< on the primary side
  Configuration configuration{};
  Temperature ambient{25};
  PercentOf percent_of = PercentOf::reading;
  ClassTables tables;
};

/// A permitted error, in the SI unit of its quantity, and its source.
struct Allowance {
  double half_width{};
  Basis basis;
};

/// Every allowance is nothing where neither data sheet nor rule says anything; that is never a pass.

/// A voltage, by the data sheet. `nominal` decides, `truth` is what the percentage is taken of.
std::optional<Allowance> voltage_allowance(const Conditions& at, Voltage nominal, bool line_to_line, Voltage truth);
/// A current, by the data sheet.
std::optional<Allowance> current_allowance(const Conditions& at, Current nominal, Current truth);

/// The active power of phase k: class 0.5S with one phase loaded. Between two power factors of the table the limit of
/// the lower one holds; below the lowest, its error as a share of the apparent power. The temperature coefficient comes
/// on top for each degree away from 25 °C.
std::optional<Allowance> phase_active_allowance(const Conditions& at, std::size_t k, const Quantities& truth);
/// Of all phases: class 0.5S under balanced load; where the load is not balanced, what the phases are allowed together.
std::optional<Allowance> total_active_allowance(const Conditions& at, const Quantities& truth);

/// The same for reactive power: IEC 62053-23 class 2 by the sine.
std::optional<Allowance> phase_reactive_allowance(const Conditions& at, std::size_t k, const Quantities& truth);
std::optional<Allowance> total_reactive_allowance(const Conditions& at, const Quantities& truth);

/// Apparent power: no statement; the errors of voltage and current added, and those of the phases added.
std::optional<Allowance> phase_apparent_allowance(const Conditions& at, std::size_t k, const Quantities& truth);
std::optional<Allowance> total_apparent_allowance(const Conditions& at, const Quantities& truth);

}  // namespace blondel::series_4000_k
