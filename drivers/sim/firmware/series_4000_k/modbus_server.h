// The Modbus RTU slave on the RS-485 port.
#ifndef SERIES_4000_K_MODBUS_SERVER_H
#define SERIES_4000_K_MODBUS_SERVER_H

#include <stdbool.h>

#include "drivers/sim/firmware/blondel_firmware.h"

struct port_settings {
  unsigned address;  // 1..247
  unsigned baud;
  char parity;  // 'N', 'E' or 'O'
  unsigned stop_bits;
  unsigned answer_delay_us;  // from the end of the request's silence to the first start bit
  bool silent_refusal;       // whether a refused value is echoed and dropped instead of answered by exception 03
  uint16_t version;          // register 7001, for the device identification
};

void modbus_start(const struct blondel_hal* hal, const struct port_settings* port);
void modbus_byte(uint8_t byte);
// Called at every sample: a silence of 3.5 characters ends a frame.
void modbus_tick(void);

#endif
