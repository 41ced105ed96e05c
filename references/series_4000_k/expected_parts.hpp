#pragma once

#include <map>
#include <string>

#include "references/series_4000_k/expected_registers.hpp"

// The parts of expected_registers(), one file each, before the resolution of the registers. Quantities that are told
// as integer and as float stand here once, under the name of the float.

namespace blondel::series_4000_k {

using Expectations = std::map<std::string, Expectation>;

/// Highest order of a harmonic with a verdict; the meter's sampling leaves more open above.
inline constexpr int highest_judged_order = 15;

Expectations expected_instantaneous(const Circumstances& at);
Expectations expected_energies(const Circumstances& at);
Expectations expected_demands(const Circumstances& at);
/// By the names of registers 129 to 154, and 7001.
Expectations expected_configuration(const Circumstances& at);

}  // namespace blondel::series_4000_k
