#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <vector>

#include "references/metering/phasor_set.hpp"
#include "references/metering/sample_block.hpp"

namespace blondel {

/// Six channels of samples, to check the engines with.
using SixChannels = std::array<std::vector<double>, 6>;

/// A phasor set as an ideal converter takes it: sample n stands at n / rate after the instant of the angles.
SixChannels samples_of(const PhasorSet& set, double rate_hz, std::size_t rows);

/// The whole of them.
SampleBlock<double> block_of(const SixChannels& channels);

/// Uniform from low to high, the same on every machine.
double uniform(std::mt19937_64& engine, double low, double high);

/// Three lines as rough as they come: unbalanced by a fifth in voltage and more in current, any power factor, DC, and
/// up to 20 strong harmonics, none above 1240 Hz. The first line's fundamental stands anywhere.
PhasorSet rough_lines(std::mt19937_64& engine, double frequency_hz);

}  // namespace blondel
