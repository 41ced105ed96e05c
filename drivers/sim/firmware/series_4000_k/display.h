// What the LCD shows: the summary page that a person sees without touching a key.
#ifndef SERIES_4000_K_DISPLAY_H
#define SERIES_4000_K_DISPLAY_H

#include "registers.h"

void display_show(const struct blondel_hal* hal, const struct state_of_meter* s, const char* serial);

#endif
