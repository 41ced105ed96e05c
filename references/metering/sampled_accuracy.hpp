#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace blondel {

/// The largest errors of readings from samples against the closed form, quantity by quantity: powers, voltages and
/// currents in ppm of the apparent power, voltage and current of their element or of the whole, frequency in ppm,
/// phasors in ppm of the fundamental, ratios absolutely.
struct SampledErrors {
  std::map<std::string, double> worst;  ///< by the names of the quantity list without their phase
  int flagged{};                        ///< seconds that were withheld although nothing is wrong with them
  int failed{};                         ///< recordings that gave no reading
};

/// Random lines in random services, 45 to 61.9 Hz at 2520 samples a second, in any phase.
/// Nonactive power counts at power factors up to 0.99: above, it is the small difference of two large numbers.
SampledErrors sampled_errors(int cases, std::uint64_t seed);

}  // namespace blondel
