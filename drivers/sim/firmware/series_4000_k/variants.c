#include "variants.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_words = 6 };

struct choice {
  const char* key;
  size_t at;
  const char* words[most_words];  // the usual one first
};

struct number {
  const char* key;
  size_t at;
  int low, high, usual;
};

#define CHOICE(key, ...) {#key, offsetof(struct variants, key), {__VA_ARGS__}},
static const struct choice choices[] = {
#define NUMBER(...)
#define UNIT_CHOICE CHOICE
#define UNIT_NUMBER(...)
#include "variants.inc"
#undef NUMBER
#undef UNIT_CHOICE
#undef UNIT_NUMBER
};
#undef CHOICE

static const struct number numbers[] = {
#define NUMBER(key, low, high, usual) {#key, offsetof(struct variants, key), low, high, usual},
#define CHOICE(...)
#define UNIT_CHOICE(...)
#define UNIT_NUMBER NUMBER
#include "variants.inc"
#undef NUMBER
#undef CHOICE
#undef UNIT_CHOICE
#undef UNIT_NUMBER
};

static struct variants chosen;

static int* place(size_t at) {
  return (int*)(void*)((char*)&chosen + at);
}

static void refuse(const struct blondel_hal* hal, const char* key, const char* value, const char* expected) {
  char why[256];
  snprintf(why, sizeof why, "variant %.40s: '%.60s' is not one of: %.120s", key, value, expected);
  hal->refuse(hal->context, why);
}

static void load_choice(const struct blondel_hal* hal, const struct choice* c) {
  *place(c->at) = 0;
  const char* value = hal->setting(hal->context, c->key);
  if (!value) return;
  char expected[128] = "";
  size_t used = 0;
  for (int n = 0; n < most_words && c->words[n]; ++n) {
    if (strcmp(c->words[n], value) == 0) {
      *place(c->at) = n;
      return;
    }
    used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%s", n ? ", " : "", c->words[n]);
  }
  refuse(hal, c->key, value, expected);
}

static void load_number(const struct blondel_hal* hal, const struct number* n) {
  *place(n->at) = n->usual;
  const char* value = hal->setting(hal->context, n->key);
  if (!value) return;
  char* end = 0;
  const long read = strtol(value, &end, 10);
  char expected[64];
  snprintf(expected, sizeof expected, "whole numbers from %d to %d", n->low, n->high);
  if (end == value || *end || read < n->low || read > n->high) refuse(hal, n->key, value, expected);
  *place(n->at) = (int)read;
}

void variants_load(const struct blondel_hal* hal) {
  for (size_t n = 0; n < sizeof choices / sizeof choices[0]; ++n) load_choice(hal, &choices[n]);
  for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; ++n) load_number(hal, &numbers[n]);
  static const int rates[] = {1200, 2400, 4800, 9600, 19200, 38400};
  for (size_t n = 0; n < sizeof rates / sizeof rates[0]; ++n)
    if (chosen.baud == rates[n]) return;
  refuse(hal, "baud", hal->setting(hal->context, "baud"), "1200, 2400, 4800, 9600, 19200, 38400");
}

const struct variants* variants(void) {
  return &chosen;
}
