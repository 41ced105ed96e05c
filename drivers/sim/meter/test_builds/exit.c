// A build that ends its process in its 5000th sample.

#include <stdlib.h>

#include "drivers/sim/firmware/blondel_firmware.h"

static int samples;

static void power_up(const struct blondel_hal* hal) {
  (void)hal;
}

static void sample(const int32_t codes[BLONDEL_CHANNELS]) {
  (void)codes;
  if (++samples < 5000) return;
  exit(3);
}

static void uart_byte(uint8_t byte) {
  (void)byte;
}

static const struct blondel_firmware firmware = {BLONDEL_FIRMWARE_VERSION, "exit", power_up, sample, uart_byte, 0};

const struct blondel_firmware* blondel_firmware_v1(void) {
  return &firmware;
}
