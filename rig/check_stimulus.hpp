#pragma once

#include "drivers/reference_meters/reference_meter.hpp"
#include "references/load_point.hpp"

namespace blondel {

/// Whether the reference meter sees what the source was told to give: every phase that carries something within 2 % in
/// voltage and current, both true rms of fundamental and harmonics, and within 5 degrees in angle and lag. Far wider
/// than any error that a test is about: it is to tell a bench that is wired wrong, or a lead that has come off, from a
/// meter that measures wrong.
/// @throws Failure(wiring) that names phase, reading and set-point.
void check_stimulus(const LoadPoint& load, const ReferenceReading& reading);

}  // namespace blondel
