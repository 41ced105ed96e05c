// What the LCD shows. The keys are not modelled: all the pages that a test may look at stand below each other.
#ifndef SERIES_4000_K_DISPLAY_H
#define SERIES_4000_K_DISPLAY_H

#include "drivers/sim/firmware/blondel_firmware.h"
#include "registers.h"

void display_start(const struct blondel_hal* hal);
// End of a second: the summary, ALERT and INFO.
void display_show(const struct state_of_meter* s);
// The reset system runs.
void display_reset_system(void);

#endif
