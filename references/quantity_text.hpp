#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "references/error.hpp"
#include "references/quantity.hpp"

namespace blondel {

// Reading. A quantity is a decimal number, one blank or none, and a unit: "480 V", "0.333 V", "50mA". The prefix is
// applied to the decimal text, so "50 mV" is the double nearest to 0.05. Anything else is an Error at `where`
// (Fault::malformed) that says what was expected and what was found: no unit, another kind's unit, nan, inf,
// hexadecimal, and numbers that no finite double can hold.

Result<Voltage> parse_voltage(std::string_view text, const std::string& where);           ///< uV, mV, V, kV
Result<Current> parse_current(std::string_view text, const std::string& where);           ///< uA, mA, A, kA
Result<Frequency> parse_frequency(std::string_view text, const std::string& where);       ///< mHz, Hz, kHz
Result<Angle> parse_angle(std::string_view text, const std::string& where);               ///< deg, rad, mrad, urad
Result<Resistance> parse_resistance(std::string_view text, const std::string& where);     ///< mohm, ohm, kohm, Mohm
Result<Ratio> parse_ratio(std::string_view text, const std::string& where);               ///< %, ppm
Result<Temperature> parse_temperature(std::string_view text, const std::string& where);   ///< degC
Result<ActiveEnergy> parse_energy(std::string_view text, const std::string& where);       ///< mWh, Wh, kWh, MWh
Result<ActivePower> parse_active_power(std::string_view text, const std::string& where);  ///< mW, W, kW, MW
/// ns, us, ms, s, min, h. Exact: a fraction of a nanosecond, a negative duration and an overflow are refused.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text, const std::string& where);

/// A finite decimal number without a unit. Does not look at the locale.
Result<double> parse_number(std::string_view text, const std::string& where);
/// A whole number without a unit, in decimal digits. A leading zero is refused: some YAML readers take it for octal.
Result<long long> parse_integer(std::string_view text, const std::string& where);

// Showing, for people: an SI prefix, so many significant digits, no trailing zeros: "277.1 V", "50 mA", "103.9 kW".
// A value that is not a number is shown as "no value".

std::string show(Voltage value, int digits = 4);
std::string show(Current value, int digits = 4);
std::string show(ActivePower value, int digits = 4);
std::string show(ReactivePower value, int digits = 4);
std::string show(ApparentPower value, int digits = 4);
std::string show(ActiveEnergy value, int digits = 4);  ///< in Wh
std::string show(Frequency value, int digits = 5);     ///< in Hz, "59.998 Hz"
std::string show(Angle value, int digits = 4);         ///< in degrees
std::string show(Resistance value, int digits = 4);
std::string show(Ratio value, int digits = 4);  ///< in %, or in ppm below 0.01 %
std::string show(Seconds value, int digits = 4);
std::string show(Temperature value, int digits = 4);
std::string show(std::chrono::nanoseconds value);  ///< exact, in the largest of ns, us, ms, s that is whole

}  // namespace blondel
