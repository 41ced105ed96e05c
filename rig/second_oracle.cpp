#include "rig/second_oracle.hpp"

#include <algorithm>
#include <cmath>

namespace blondel {

PhasorSet phasors_of(const ReferenceSpectrum& spectrum, Frequency frequency) {
  PhasorSet set;
  set.frequency = frequency;
  set.voltage = spectrum.voltage;
  set.current = spectrum.current;
  return set;
}

std::vector<TwoOracles> compare_oracles(const ReferenceReading& reading, const ReferenceSpectrum& spectrum,
                                        Ratio expanded) {
  // The reference meter measures every phase against its own neutral, whatever the meters' system type.
  const auto model = phasor_metering(phasors_of(spectrum, reading.frequency), SystemType::wye);
  double largest = 0;
  for (const auto s : reading.apparent) largest = std::max(largest, s.si());
  std::vector<TwoOracles> pairs;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& element = *model.phase[k];
    const double permitted = expanded.si() * std::max(reading.apparent[k].si(), largest / 100);
    pairs.push_back({"P", k, reading.active[k].si(), element.active.si(), permitted});
    pairs.push_back({"Q1", k, reading.reactive[k].si(), element.reactive.si(), permitted});
    pairs.push_back({"S", k, reading.apparent[k].si(), element.apparent.si(), permitted});
  }
  return pairs;
}

}  // namespace blondel
