#pragma once

#include <string>

#include "references/metering/recording.hpp"

namespace blondel {

/// Reads a recording from an HDF5 file: a group with one data set a channel (`va` to `ic`, one-dimensional, float64,
/// float32, int32 or int16, all of one length) and the rate in the attribute `rate_hz` of the group or of the file.
///
/// Each data set says what its samples are: `unit` is "V" or "A", and a sample is gain·(sample - offset) of it.
/// Whole numbers need `gain` and `offset`; for floating point they are 1 and 0 where they are missing. Whole numbers
/// stay what they are: int16 where all channels are, int32 where all are whole, double otherwise.
///
/// @throws Failure (malformed) that names file and data set, for a file that is none, is cut short or broken, a group,
///         data set or attribute that is missing or of another type, lengths that differ, samples that are not finite
///         or beyond 1e9, a rate that is missing or contradicts. Nothing is written to standard error.
Recording load_waveform_hdf5(const std::string& path, const RecordingRequest& request);

}  // namespace blondel
