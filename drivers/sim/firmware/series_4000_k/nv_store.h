// What the meter remembers without supply.
#ifndef SERIES_4000_K_NV_STORE_H
#define SERIES_4000_K_NV_STORE_H

#include "config.h"
#include "demand.h"
#include "drivers/sim/firmware/blondel_firmware.h"
#include "energy.h"
#include "pulses.h"

struct nv_content {
  struct config config;
  struct energies energies;
  struct power max_demand;
  struct pulse_store pulses;
  uint16_t power_ups;
};

// Returns false when the store is erased or damaged.
bool nv_load(const struct blondel_hal* hal, struct nv_content* content);
void nv_save(const struct blondel_hal* hal, const struct nv_content* content);

#endif
