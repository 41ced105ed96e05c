#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "drivers/reference_meters/reference_meter.hpp"
#include "references/metering/phasor_metering.hpp"

namespace blondel {

/// A reference meter's spectra as the reference model wants them.
PhasorSet phasors_of(const ReferenceSpectrum& spectrum, Frequency frequency);

/// One power of one phase, by the instrument's own computation and by the reference model from its spectrum.
struct TwoOracles {
  std::string quantity;  ///< "P", "Q1", "S"
  std::size_t phase{};   ///< 0, 1, 2: A, B, C
  double by_instrument{}, by_model{};
  double permitted{};  ///< how far they may be apart, W, var or VA

  bool agree() const { return std::abs(by_instrument - by_model) <= permitted; }
};

/// Compares P, Q1 and S of every phase with what the reference model makes of the same interval's spectrum.
///
/// Both come from the same inputs, so the errors of these cancel; what is left is the instrument's own arithmetic, its
/// noise from one value to the next and its last digits. All of that is a part of its certificate, so the two may not
/// be further apart than the certificate's expanded uncertainty, of the apparent power of the phase. A phase that
/// carries less than a hundredth of the largest apparent power is held to that much. What is beyond the last order of
/// the spectrum is missing from the model.
/// @param expanded  of the reference meter at this point, relative to apparent power
std::vector<TwoOracles> compare_oracles(const ReferenceReading& reading, const ReferenceSpectrum& spectrum,
                                        Ratio expanded);

}  // namespace blondel
