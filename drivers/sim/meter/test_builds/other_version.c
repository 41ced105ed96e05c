// A build for a version of the hardware abstraction that does not exist yet.

#include "drivers/sim/firmware/blondel_firmware.h"

static void power_up(const struct blondel_hal* hal) {
  (void)hal;
}
static void sample(const int32_t codes[BLONDEL_CHANNELS]) {
  (void)codes;
}
static void uart_byte(uint8_t byte) {
  (void)byte;
}

static const struct blondel_firmware firmware = {99, "from the future", power_up, sample, uart_byte, 0};

const struct blondel_firmware* blondel_firmware_v1(void) {
  return &firmware;
}
