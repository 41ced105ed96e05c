/// What a host takes from the bench, checked before it is used.
#ifndef BLONDEL_METER_HOST_LINK_INPUT_H
#define BLONDEL_METER_HOST_LINK_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/sim/meter/link.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { most_settings = 128 };

struct host_setting {
  const char *key, *value;
  bool asked;
};

/// The settings of a WELCOME: pairs of texts in a buffer of their own.
struct host_settings {
  char text[BLONDEL_LINK_LONGEST + 1];
  struct host_setting pair[most_settings];
  unsigned count;
};

/// Takes a WELCOME of `length` bytes apart. Returns null, or what is wrong with it.
const char* take_welcome(const void* message, size_t length, struct blondel_link_welcome* welcome,
                         struct host_settings* settings);

/// Takes a GRANT apart, for a shared memory of `capacity` samples; its stamped bytes follow the head in `message`.
/// Returns null, or what is wrong with it.
const char* take_grant(const void* message, size_t length, uint32_t capacity, struct blondel_link_grant* grant);

#ifdef __cplusplus
}
#endif

#endif
