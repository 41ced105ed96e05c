#pragma once

#include <optional>

#include "references/quantity.hpp"

// What the data sheet of the Series 4000-K (installation guide ZL0138-0A, specifications) states about voltage and
// current readings. The errors of the sensors come on top. "Of reading, temperature additive" is our reading of it,
// the stricter one.

namespace blondel::series_4000_k {

/// 0.4 % + 0.015 % for each degree away from 25 °C, from 90 V L-N to 600 V L-L and -30 to 70 °C; nothing outside.
/// @param line_to_neutral  at the terminals; of a service without neutral its V_LL / √3
std::optional<Ratio> voltage_tolerance(Voltage line_to_neutral, Temperature ambient);

/// 0.4 % from 5 % to 100 % of the range, 0.8 % from 1 % to 5 %, + 0.015 % for each degree away from 25 °C; nothing
/// outside, and nothing outside -30 to 70 °C. At 5 % the tighter statement applies.
/// @param load  current over CT primary
std::optional<Ratio> current_tolerance(double load, Temperature ambient);

}  // namespace blondel::series_4000_k
