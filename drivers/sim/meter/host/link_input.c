#define _GNU_SOURCE
#include "drivers/sim/meter/host/link_input.h"

#include <string.h>

// Returns false where the texts are more than there is room for, or do not come in ended pairs.
static bool take_pairs(struct host_settings* settings, size_t bytes) {
  const char* at = settings->text;
  const char* end = at + bytes;
  while (at < end) {
    if (settings->count == most_settings) return false;
    const char* key = at;
    const char* value = key + strnlen(key, (size_t)(end - key)) + 1;
    if (value >= end) return false;
    settings->pair[settings->count++] = (struct host_setting){key, value, false};
    at = value + strnlen(value, (size_t)(end - value)) + 1;
  }
  return at == end;
}

const char* take_welcome(const void* message, size_t length, struct blondel_link_welcome* welcome,
                         struct host_settings* settings) {
  if (length < sizeof *welcome) return "link: WELCOME is too short";
  memcpy(welcome, message, sizeof *welcome);
  if (welcome->kind != BLONDEL_LINK_WELCOME || length != sizeof *welcome + welcome->settings_bytes ||
      length > BLONDEL_LINK_LONGEST)
    return "link: WELCOME was expected";
  settings->count = 0;
  memcpy(settings->text, (const char*)message + sizeof *welcome, welcome->settings_bytes);
  settings->text[welcome->settings_bytes] = 0;
  return take_pairs(settings, welcome->settings_bytes) ? 0 : "link: the settings of WELCOME are not pairs of texts";
}

const char* take_grant(const void* message, size_t length, uint32_t capacity, struct blondel_link_grant* grant) {
  if (length < sizeof *grant) return "link: GRANT is too short";
  memcpy(grant, message, sizeof *grant);
  if (grant->kind != BLONDEL_LINK_GRANT || grant->samples > capacity ||
      length != sizeof *grant + (size_t)grant->rx_count * sizeof(struct blondel_link_byte))
    return "link: GRANT was expected";
  return 0;
}
