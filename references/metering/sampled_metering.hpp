#pragma once

#include <array>
#include <optional>
#include <vector>

#include "references/error.hpp"
#include "references/metering/harmonic_fit.hpp"
#include "references/metering/quantities.hpp"
#include "references/metering/sample_block.hpp"
#include "references/metering/steadiness.hpp"

namespace blondel {

struct SampledOptions {
  HarmonicFitOptions fit;
  MeteringOptions metering;
  /// One step of the converter, V and A, for samples of type double that come from one: a structure smaller than half
  /// a step may be rounding. Of integer samples it is known from the scale.
  std::array<double, 6> step{};
  std::optional<std::size_t> reference;  ///< channel that tells the frequency; nothing: the strongest voltage
};

/// One second of a recording.
struct SampledReading {
  Seconds begin{}, duration{1};      ///< of the nominal second, from the first sample
  Quantities quantities;             ///< spectral ones are NaN while there are flags
  std::optional<PhasorSet> spectra;  ///< angles from the middle of its samples; nothing while there are flags
  std::vector<UnsteadyFlag> flags;   ///< empty: steady, everything is measured
  std::vector<int> dropped;          ///< orders below half the rate that the model had to leave out
  double condition{};                ///< of the fit
  Consistency consistency;           ///< of the two engines

  bool steady() const { return flags.empty(); }
};

/// Every whole second of a recording, both engines on the same second: V, I, P, S and N in the time domain, all that
/// needs a spectrum from the fit. A quantity that cannot be measured is withheld, with the reason.
///
/// The windows of the time domain reach 0.1 s beyond both ends of a second; the first second begins there.
/// @returns one Error for a rate outside TaperedMetering's limits, a channel the service needs and the recording has
///          not, NaN or infinity, a recording too short for one reading, and when no second has a fundamental between
///          the limits of the fit
template <class T>
Result<std::vector<SampledReading>> sampled_metering(const SampleBlock<T>& recording, const ChannelScale& scale,
                                                     double rate_hz, Service service,
                                                     const SampledOptions& options = {});

}  // namespace blondel
