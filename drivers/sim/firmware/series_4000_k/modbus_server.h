// The Modbus RTU slave on the RS-485 port.
#ifndef SERIES_4000_K_MODBUS_SERVER_H
#define SERIES_4000_K_MODBUS_SERVER_H

#include <stdbool.h>

#include "drivers/sim/firmware/blondel_firmware.h"

void modbus_start(const struct blondel_hal* hal);
void modbus_byte(uint8_t byte);
// Called at every sample: a silence of 3.5 characters ends a frame.
void modbus_tick(void);

#endif
