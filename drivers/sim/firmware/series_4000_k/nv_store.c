#include "nv_store.h"

#include <stddef.h>
#include <string.h>

struct record {
  uint32_t mark;
  uint32_t size;
  uint32_t number;  // counts up from write to write
  uint32_t sum;     // of everything else
  struct nv_content content;
};

_Static_assert(sizeof(struct record) <= nv_copy_bytes, "a copy of the record has no room");

static const uint32_t expected_mark = 0x4B303034;  // "400K"

static struct {
  uint32_t number;  // of the newest whole copy
  unsigned next;    // the copy to be written
} state;

// Fletcher's sum, which tells an erased or half-written record from a whole one.
static uint32_t sum_of(const struct record* r) {
  const uint8_t* bytes = (const uint8_t*)&r->content;
  uint32_t a = 1 + r->number % 65521, b = r->size;
  for (unsigned n = 0; n < sizeof r->content; ++n) {
    a += bytes[n];
    b += a;
    // 256 bytes cannot overflow 32 bits.
    if (n % 256 == 255) {
      a %= 65521;
      b %= 65521;
    }
  }
  return b % 65521 << 16 | a % 65521;
}

static bool read_copy(const struct blondel_hal* hal, unsigned copy, struct record* r) {
  hal->nv_read(hal->context, copy * nv_copy_bytes, r, sizeof *r);
  return r->mark == expected_mark && r->size == sizeof *r && r->sum == sum_of(r);
}

bool nv_load(const struct blondel_hal* hal, struct nv_content* content) {
  if (hal->nv_size < nv_copies * nv_copy_bytes) hal->refuse(hal->context, "the non-volatile store is too small");
  struct record r;
  bool found = false;
  state.number = 0;
  state.next = 0;
  for (unsigned copy = 0; copy < nv_copies; ++copy) {
    // The numbers may roll over; the newer is the one that is less than half the range ahead.
    if (!read_copy(hal, copy, &r) || (found && (int32_t)(r.number - state.number) < 0)) continue;
    *content = r.content;
    state.number = r.number;
    state.next = (copy + 1) % nv_copies;
    found = true;
  }
  return found;
}

void nv_save(const struct blondel_hal* hal, const struct nv_content* content) {
  struct record r;
  memset(&r, 0, sizeof r);
  r.mark = expected_mark;
  r.size = sizeof r;
  r.number = ++state.number;
  memcpy(&r.content, content, sizeof r.content);
  r.sum = sum_of(&r);
  hal->nv_write(hal->context, state.next * nv_copy_bytes, &r, sizeof r);
  state.next = (state.next + 1) % nv_copies;
}
