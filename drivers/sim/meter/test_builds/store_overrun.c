// A build that writes beyond the end of its non-volatile store.

#include "drivers/sim/firmware/blondel_firmware.h"

static void power_up(const struct blondel_hal* hal) {
  hal->nv_write(hal->context, hal->nv_size - 1, "ab", 2);
}
static void sample(const int32_t codes[BLONDEL_CHANNELS]) {
  (void)codes;
}
static void uart_byte(uint8_t byte) {
  (void)byte;
}

static const struct blondel_firmware firmware = {BLONDEL_FIRMWARE_VERSION, "overrun", power_up, sample, uart_byte, 0};

const struct blondel_firmware* blondel_firmware_v1(void) {
  return &firmware;
}
