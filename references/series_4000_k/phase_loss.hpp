#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "references/metering/connection.hpp"
#include "references/metering/phasor_metering.hpp"
#include "references/quantity.hpp"
#include "references/series_4000_k/configuration.hpp"

// Phase loss, the alert bitmap (register 146) and the alarm contact of the Series 4000-K. Source: installation guide
// ZL0138-0A, alert bitmap and phase loss; where it is silent, this rig's reading stands at the function.

namespace blondel::series_4000_k {

/// What the voltages are compared with; nothing where the system type makes no such test.
struct PhaseLossLimits {
  std::optional<Voltage> nominal_ll, limit_ll;
  std::optional<Voltage> nominal_ln, limit_ln;
  bool operator==(const PhaseLossLimits&) const = default;
};

/// A voltage below its limit is a lost phase: nominal less the allowed drop. Line to neutral the nominal is V/√3 in a
/// wye, V/2 in a split phase, and V itself with one line.
/// @param system_voltage  register 134: between lines, in system type 10 line to neutral
/// @param drop            register 142, as a share: 10 % leaves 90 %
PhaseLossLimits phase_loss_limits(SystemType type, Voltage system_voltage, Ratio drop);

/// Bits of register 146.
namespace alert {
constexpr std::uint16_t bit(int n) {
  return static_cast<std::uint16_t>(1u << n);
}
inline constexpr int voltage_a = 0, current_a = 3, frequency = 6, phase_loss_a = 8, power_factor_a = 11,
                     pulse_overrun = 14, pulse_configuration = 15;
inline constexpr std::uint16_t phase_loss_bits = bit(8) | bit(9) | bit(10);
}  // namespace alert

/// What register 146 must show. A bit in none of the masks is free: the manual, or the meter's stated accuracy, leaves
/// it open.
struct AlertExpectation {
  std::uint16_t must_be_set{}, must_be_clear{};
  std::vector<std::uint16_t> at_least_one_of;  ///< of every one of these masks a bit must be set

  /// Empty where these bits are allowed; else what is wrong with them, in words.
  std::string objection(std::uint16_t bits) const;
  bool operator==(const AlertExpectation&) const = default;
};

/// What decides the alerts: a stimulus that has stood for longer than `alarm_delay` (and than `recovery_delay`, where
/// something was wrong before).
struct AlertConditions {
  Quantities truth;  ///< on the primary side, as the registers tell it
  Configuration configuration;
  Temperature ambient{25};
  bool lost_before = false;     ///< a phase has been lost before this stimulus: hysteresis may hold the bits
  bool overrun_before = false;  ///< pulses have been overrun since command 30078: bit 14 may be latched
};

/// An alarm comes within this time, and goes within the other. Source: not printed; this rig's reading.
inline constexpr Seconds alarm_delay{3}, recovery_delay{5};

/// Which bits must be set, must be clear or are free.
///
/// - 8 to 10, voltage rule: lost where the voltage as the meter may read it (its stated accuracy, and 1 V for the
///   rounding of printed limits) is below the limit for certain; fine where it is above it for certain, and 2 % above
///   it where a phase was lost before. A low L-L voltage sets at least one bit of its two ends and none of the third.
/// - 8 to 10, imbalance: its definition is not printed, so five are taken: (max - min) by max, by mean, by min and by
///   the nominal, and the largest deviation by mean. Only what all five agree on is demanded, and then of one bit.
///   So are two scopes: all voltages of a kind at once, or each two of them.
/// - 8 and 9 of a split phase: a leg may be compared with V/2, as printed, or with V/√3; only what both say counts.
/// - 0 to 2 clear within the rated inputs and 115 % of the system voltage, else free; free too for a phase with a
///   voltage below 90 V L-N (156 V L-L), which may count as out of range. 3 to 5 clear to 110 % of the
///   sensor's rating, set from 130 %.
/// - 6 set beyond 44.5 or 65.5 Hz or with phase A dead, clear between 45.5 and 64.5 Hz with phase A in its range.
/// - 11 to 13 set at power factors to 0.45, clear from 0.55, with at least 5 % current and 90 V; in a delta never
///   demanded.
/// - 14 set above 102 % of the pulse output's capacity, clear below 98 % unless overrun before. 15 by the maximum
///   power against the fastest closure, 0.05 % clear of it.
/// - 7, and all bits of phases that the system type does not use: clear.
AlertExpectation expected_alerts(const AlertConditions& at);

/// The alarm contact is closed by phase loss and without control power. @returns nothing where it may be either.
std::optional<bool> alarm_contact_closed(bool control_power, const AlertExpectation& alerts);

}  // namespace blondel::series_4000_k
