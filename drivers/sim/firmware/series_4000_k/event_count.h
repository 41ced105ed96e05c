// Counts of events that the registers show in 15 bits: accumulator resets (147) and power-ups (152).
#ifndef SERIES_4000_K_EVENT_COUNT_H
#define SERIES_4000_K_EVENT_COUNT_H

#include <stdint.h>

#include "variants.h"

enum { highest_event_count = 32767 };

static inline uint16_t event_count_plus(uint16_t count, unsigned events) {
  const unsigned sum = count + events;
  if (sum <= highest_event_count) return (uint16_t)sum;
  return (uint16_t)(variants()->count_end == count_stops ? highest_event_count : sum & highest_event_count);
}

#endif
