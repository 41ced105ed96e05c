#pragma once

#include <array>

#include "references/metering/element.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// The truth about a steady stimulus: what stands at the three lines, as spectra. Waveforms are
/// sqrt(2)·|X_h|·cos(h·ωt + angle), and X_0 itself for DC.
struct PhasorSet {
  Frequency frequency{};              ///< of the fundamental
  std::array<Spectrum, 3> voltage{};  ///< potentials of A, B, C against the source's neutral, V
  std::array<Spectrum, 3> current{};  ///< into the load through A, B, C, A
};

}  // namespace blondel
