#include "nv_store.h"

#include <string.h>

struct record {
  uint32_t mark;
  uint32_t size;
  struct nv_content content;
  uint32_t sum;
};

static const uint32_t expected_mark = 0x4B303034;  // "400K"

// Fletcher's sum, which tells an erased or half-written record from a whole one.
static uint32_t sum_of(const struct nv_content* content) {
  const uint8_t* bytes = (const uint8_t*)content;
  uint32_t a = 1, b = 0;
  for (unsigned n = 0; n < sizeof *content; ++n) {
    a = (a + bytes[n]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

bool nv_load(const struct blondel_hal* hal, struct nv_content* content) {
  struct record r;
  if (hal->nv_size < sizeof r) hal->refuse(hal->context, "the non-volatile store is too small");
  hal->nv_read(hal->context, 0, &r, sizeof r);
  if (r.mark != expected_mark || r.size != sizeof r || r.sum != sum_of(&r.content)) return false;
  *content = r.content;
  return true;
}

void nv_save(const struct blondel_hal* hal, const struct nv_content* content) {
  struct record r;
  memset(&r, 0, sizeof r);
  r.mark = expected_mark;
  r.size = sizeof r;
  memcpy(&r.content, content, sizeof r.content);
  r.sum = sum_of(&r.content);
  hal->nv_write(hal->context, 0, &r, sizeof r);
}
