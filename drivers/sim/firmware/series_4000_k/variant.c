#include "variant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(const struct blondel_hal* hal, const char* key, const char* value) {
  char why[160];
  snprintf(why, sizeof why, "variant %.40s: '%.80s' is not a value of it", key, value);
  hal->refuse(hal->context, why);
}

long variant_number(const struct blondel_hal* hal, const char* key, long low, long high, long otherwise) {
  const char* value = hal->setting(hal->context, key);
  if (!value) return otherwise;
  char* end = 0;
  const long number = strtol(value, &end, 10);
  if (end == value || *end || number < low || number > high) refuse(hal, key, value);
  return number;
}

int variant_word(const struct blondel_hal* hal, const char* key, const char* const* words) {
  const char* value = hal->setting(hal->context, key);
  if (!value) return 0;
  for (int n = 0; words[n]; ++n)
    if (strcmp(words[n], value) == 0) return n;
  refuse(hal, key, value);
  return 0;
}
