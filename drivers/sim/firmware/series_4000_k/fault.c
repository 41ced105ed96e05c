#include "fault.h"

#ifdef SERIES_4000_K_FAULTS

#include <stdbool.h>
#include <stdio.h>

enum fault fault_of_this_meter;

static const char* const names[] = {
#define FIRMWARE_FAULT(name, statement, reference) #name,
#include "drivers/sim/firmware/faults/firmware_faults.inc"
#undef FIRMWARE_FAULT
};

// The list's names are C's, a bench file writes them with blanks.
static bool same(const char* name, const char* asked) {
  for (; *name && *asked; ++name, ++asked)
    if (*asked != (*name == '_' ? ' ' : *name)) return false;
  return *name == *asked;
}

void fault_load(const struct blondel_hal* hal) {
  fault_of_this_meter = fault_none;
  const char* asked = hal->setting(hal->context, "fault");
  if (!asked) return;
  for (unsigned n = 0; n < sizeof names / sizeof names[0]; ++n)
    if (same(names[n], asked)) fault_of_this_meter = (enum fault)(fault_none + 1 + n);
  if (fault_of_this_meter != fault_none) return;
  char why[128];
  snprintf(why, sizeof why, "fault: '%.60s' is not one of this build", asked);
  hal->refuse(hal->context, why);
}

#endif
