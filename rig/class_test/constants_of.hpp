#pragma once

#include "references/standards/no_load_time.hpp"
#include "rig/class_test/claimed_class.hpp"
#include "rig/class_test/pulse_set_up.hpp"

namespace blondel {

/// What the times of a class's start and no-load tests follow from, as the meters stand on this bench: voltages and
/// currents of the source's side, and the constant of the pulse set-up, on that side too (pulses per kWh, or per kvarh
/// as if the contact gave them).
///
/// Currents and limits that the class does not have stay 0; the formula that needs one says so.
/// @param un  line to line; in system type 10 line to neutral
MeterConstants constants_of(const ClaimedClass& claimed, const PulseSetUp& set_up, const BenchFile& bench, Voltage un);

}  // namespace blondel
