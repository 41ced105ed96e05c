// What was chosen for this very meter, from the hardware abstraction's settings.
#ifndef SERIES_4000_K_VARIANT_H
#define SERIES_4000_K_VARIANT_H

#include "drivers/sim/firmware/blondel_firmware.h"

// A whole number within a range, or `otherwise` when nothing was chosen. Anything else is refused.
long variant_number(const struct blondel_hal* hal, const char* key, long low, long high, long otherwise);
// The index of the chosen word, 0 when nothing was chosen. `words` ends with NULL.
int variant_word(const struct blondel_hal* hal, const char* key, const char* const* words);

#endif
