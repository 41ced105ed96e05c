#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "references/metering/connection.hpp"
#include "references/quantity.hpp"

// The energy pulse output of the Series 4000-K, as its installation guide ZL0138-0A and those of its siblings
// (Veris E50C1 ZL0101-0D, Schneider EM3555 ZL0093-0A) describe it.

namespace blondel::series_4000_k {

/// What register 144 offers, fastest first.
inline constexpr std::array<ActiveEnergy, 4> pulse_energies{watt_hours(10), watt_hours(100), watt_hours(1000),
                                                            watt_hours(10000)};
/// How long the contact closes (register 145), longest first. The gap after it is at least as long.
inline constexpr std::array<std::chrono::milliseconds, 6> pulse_closures{
    std::chrono::milliseconds{500}, std::chrono::milliseconds{250}, std::chrono::milliseconds{100},
    std::chrono::milliseconds{50},  std::chrono::milliseconds{25},  std::chrono::milliseconds{10}};

/// Theoretical maximum system power (register 135): unity power factor, no over-range. V·I for one element and for
/// two legs of half the voltage, √3·V·I for three lines.
/// @param system_voltage  between lines, in system type 10 line to neutral (register 134, primary)
/// @param ct_primary      register 131
/// Source: inferred, and anchored on the printed default of 104 kW for 600 V, 100 A, type 40.
ActivePower maximum_power(SystemType type, Voltage system_voltage, Current ct_primary);

/// The power at which a closure of T and a gap of T leave no time for more pulses: E / 2T, 1 800 000·E/T in W, Wh
/// and ms.
ActivePower pulse_capacity(ActiveEnergy per_pulse, std::chrono::milliseconds closure);

/// The closure the meter chooses: the longest that keeps up with the maximum power; nothing where even the shortest
/// does not, in which case the meter rejects this energy per pulse.
std::optional<std::chrono::milliseconds> selected_closure(ActiveEnergy per_pulse, ActivePower maximum);

/// Whether the outputs cannot keep up with the power there really is (bit 14 of register 146).
bool overruns(ActiveEnergy per_pulse, std::chrono::milliseconds closure, ActivePower actual);

/// Pulses a second at a power: P / E.
Frequency pulse_rate(ActiveEnergy per_pulse, ActivePower power);

}  // namespace blondel::series_4000_k
