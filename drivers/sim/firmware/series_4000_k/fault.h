// Faults on purpose, for known-bad meters. In the build with SERIES_4000_K_FAULTS, FAULT(name) asks whether this meter
// has that fault; in the good build it is the constant 0 and nothing of it is left. The names stand in
// ../faults/firmware_faults.inc.
#ifndef SERIES_4000_K_FAULT_H
#define SERIES_4000_K_FAULT_H

#include "drivers/sim/firmware/blondel_firmware.h"

#ifdef SERIES_4000_K_FAULTS

enum fault {
  fault_none,
#define FIRMWARE_FAULT(name, statement, reference) fault_##name,
#include "drivers/sim/firmware/faults/firmware_faults.inc"
#undef FIRMWARE_FAULT
};

extern enum fault fault_of_this_meter;

// Reads the setting "fault"; without it the meter is a good one. Refuses a name that is not in the list.
void fault_load(const struct blondel_hal* hal);

#define FAULT(name) (fault_of_this_meter == fault_##name)

#else

static inline void fault_load(const struct blondel_hal* hal) {
  (void)hal;
}

#define FAULT(name) 0

#endif
#endif
